import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useRead, useWrite } from '../../api/client.js';
import { searchQuery } from '../../api/operations/fleet.js';
import { changeGroup, createGroup, type Group } from '../../api/operations/groups.js';
import { useText } from '../../i18n/i18n.js';
import { Confirm } from '../parts/confirm.js';
import { QueryField } from '../parts/query-field.js';

/** Makes a group, or changes one. A dynamic group tells while one types how many are in it. */
export function GroupForm({ group, onClose }: { group?: Group; onClose: () => void }) {
  const t = useText().console;
  const [name, setName] = useState(group?.name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const [kind, setKind] = useState(group?.kind ?? 'static');
  const [query, setQuery] = useState(group?.query ?? '');
  const create = useWrite(createGroup, ['DeviceGroups']);
  const change = useWrite(changeGroup, ['DeviceGroups', 'DeviceGroup']);
  const dynamic = kind === 'dynamic';
  const read = useRead(searchQuery, { first: 1, query, sort: null }, { enabled: dynamic && query !== '', keep: true });
  const wrong = read.error?.code === 'INVALID_INPUT' ? read.error : null;
  const found = read.data?.searchDevices;
  const submit = () => {
    const rest = { name: name.trim(), description, ...(dynamic ? { query } : {}) };
    if (group) change.mutate({ input: { groupId: group.id, ...rest } }, { onSuccess: onClose });
    else create.mutate({ input: rest }, { onSuccess: onClose });
  };
  return (
    <Confirm
      opened
      onClose={onClose}
      title={group ? t.groups.change : t.groups.make}
      action={group ? t.save : t.groups.make}
      busy={create.isPending || change.isPending}
      error={create.error ?? change.error}
      disabled={name.trim() === '' || (dynamic && (query === '' || wrong !== null))}
      onConfirm={submit}
      size={600}
    >
      <TextInput
        label={t.groups.name}
        required
        value={name}
        maxLength={128}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {!group && (
        <SegmentedControl
          aria-label={t.groups.kind}
          value={kind}
          onChange={setKind}
          data={[
            { value: 'static', label: t.groups.static },
            { value: 'dynamic', label: t.groups.dynamic },
          ]}
        />
      )}
      <p className="dim" style={{ margin: 0 }}>
        {dynamic ? t.groups.dynamicHint : t.groups.staticHint}
      </p>
      {dynamic && <QueryField query={query} onQuery={setQuery} error={wrong} label={t.groups.query} />}
      {dynamic && query && !wrong && found && (
        <p role="status" style={{ margin: 0 }}>
          {t.bulk.matching(
            found.moreThanCounted ? t.bulk.moreThan(found.totalCount) : t.bulk.devices(found.totalCount),
          )}
        </p>
      )}
      <Textarea
        label={t.groups.description}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </Confirm>
  );
}
