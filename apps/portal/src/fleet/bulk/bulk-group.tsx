import { Alert, Select } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRead, useWrite } from '../../api/client.js';
import { addToGroup, groupsQuery } from '../../api/operations/groups.js';
import { Loaded } from '../../frame/states.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkSubmit } from './bulk-submit.js';

export function BulkGroup({ target, onClose }: BulkProps) {
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
          disabled={!groupId || Boolean(done)}
          error={write.error}
          onClose={onClose}
          onSubmit={() =>
            groupId &&
            write.mutate({
              groupId,
              things: target.things ?? null,
              query: target.group != null ? `group:"${target.group}"` : (target.query ?? null),
            })
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
