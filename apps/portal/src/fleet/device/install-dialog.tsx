import { Checkbox, Select } from '@mantine/core';
import { useState } from 'react';
import { usePages, useWrite } from '../../api/client.js';
import { assetChoicesQuery } from '../../api/operations/assets.js';
import { type DeviceDetail, installDevice } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { Confirm } from '../parts/confirm.js';
import { useSettled } from '../parts/use-settled.js';

/** From now on the device speaks for a machine of its model that has none. */
export function InstallDialog({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const t = useText().console.device;
  const [typed, setTyped] = useState('');
  const search = useSettled(typed.split(' · ')[0] ?? '');
  const [assetId, setAsset] = useState<string | null>(null);
  const [loan, setLoan] = useState(false);
  const read = usePages(
    assetChoicesQuery,
    { first: 50, filter: { modelId: device.model.id, ...(search ? { search } : {}) } },
    (r) => r.assets,
    { keep: true },
  );
  const write = useWrite(installDevice, ['Device', 'SearchDevices', 'Assets', 'Asset']);
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t.actions.install}
      action={t.actions.install}
      busy={write.isPending}
      error={write.error ?? read.error}
      disabled={!assetId}
      onConfirm={() => assetId && write.mutate({ assetId, deviceId: device.id, loan }, { onSuccess: onClose })}
    >
      <p style={{ margin: 0 }}>{t.installHint}</p>
      <Select
        label={t.machine}
        placeholder={t.pickMachine}
        nothingFoundMessage={t.noMachine(device.model.title)}
        required
        searchable
        value={assetId}
        onChange={setAsset}
        searchValue={typed}
        onSearchChange={setTyped}
        filter={({ options }) => options}
        data={read.nodes
          .filter((asset) => asset.device === null)
          .map(({ id, name, customer }) => ({ value: id, label: `${name} · ${customer.name}` }))}
      />
      <Checkbox label={t.loan} checked={loan} onChange={(event) => setLoan(event.currentTarget.checked)} />
    </Confirm>
  );
}
