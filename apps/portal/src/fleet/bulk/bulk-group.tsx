import { Alert, Select } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRead, useWrite } from '../../api/client.js';
import { addToGroup, groupsQuery } from '../../api/operations/groups.js';
import { Loaded } from '../../frame/states.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkSubmit } from './bulk-submit.js';

const most = 1000;

export function BulkGroup({ targets, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const read = useRead(groupsQuery, {});
  const [groupId, setGroup] = useState<string | null>(null);
  const write = useWrite(addToGroup, ['DeviceGroup', 'Device']);
  const groups = (read.data?.deviceGroups ?? []).filter(({ kind }) => kind === 'static');
  const done = write.data?.addToDeviceGroup;
  return (
    <Loaded read={read} small>
      {() => (
        <BulkSubmit
          action={t.addToGroup}
          busy={write.isPending}
          disabled={!groupId || targets.length > most}
          error={write.error}
          onClose={onClose}
          onSubmit={() =>
            groupId && write.mutate({ groupId, things: targets.map((target) => target.thingName), query: null })
          }
        >
          <Select
            label={t.group}
            placeholder={groups.length ? t.pickGroup : t.noGroup}
            disabled={groups.length === 0}
            value={groupId}
            onChange={setGroup}
            data={groups.map(({ id, name }) => ({ value: id, label: name }))}
          />
          {targets.length > most && <p className="warn">{t.groupMost(most)}</p>}
          {done && (
            <Alert color="teal" variant="light" role="status">
              {t.added(done.changed)} <Link to={`/fleet/groups/${done.group.id}`}>{done.group.name}</Link>
            </Alert>
          )}
        </BulkSubmit>
      )}
    </Loaded>
  );
}
