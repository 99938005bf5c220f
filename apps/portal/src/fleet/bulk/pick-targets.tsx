import { Button, Group, Modal, Select } from '@mantine/core';
import { useState } from 'react';
import { useRead } from '../../api/client.js';
import { type DeviceTarget, searchQuery } from '../../api/operations/fleet.js';
import { groupsQuery } from '../../api/operations/groups.js';
import { useText } from '../../i18n/i18n.js';
import { QueryField } from '../parts/query-field.js';
import { type BulkAction, BulkDialog } from './bulk-dialog.js';

/** Whom it is for: what a query finds, or a group; then the preview and the start. */
export function PickTargets({ action, onClose }: { action: BulkAction; onClose: () => void }) {
  const text = useText();
  const t = text.console.bulk;
  const [groupId, setGroup] = useState<string | null>(null);
  const [query, setQuery] = useState('');
  const [target, setTarget] = useState<DeviceTarget | null>(null);
  const groups = useRead(groupsQuery, {});
  const read = useRead(searchQuery, { first: 1, query, sort: null }, { enabled: !groupId, keep: true });
  const wrong = read.error?.code === 'INVALID_INPUT' ? read.error : null;
  const found = read.data?.searchDevices;
  if (target) return <BulkDialog target={target} action={action} fixed onClose={onClose} />;
  return (
    <Modal
      opened
      onClose={onClose}
      size={680}
      title={t.actions[action]}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      <div className="form">
        <Select
          label={t.group}
          placeholder={t.byQuery}
          clearable
          clearButtonProps={{ 'aria-label': text.table.clear }}
          value={groupId}
          onChange={setGroup}
          data={(groups.data?.deviceGroups ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
        {!groupId && <QueryField query={query} onQuery={setQuery} error={wrong} />}
        {!groupId && found && !wrong && (
          <p className="dim" style={{ margin: 0 }} role="status">
            {t.matching(found.moreThanCounted ? t.moreThan(found.totalCount) : t.devices(found.totalCount))}
          </p>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {text.plans.cancel}
          </Button>
          <Button
            disabled={!groupId && (wrong !== null || !found?.totalCount)}
            onClick={() => setTarget(groupId ? { group: groupId } : { query })}
          >
            {text.console.next}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
