import { Checkbox, Select } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useRead, useWrite } from '../../api/client.js';
import { type DeviceDetail, searchQuery, swapDevice } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { Confirm } from '../parts/confirm.js';
import { useSettled } from '../parts/use-settled.js';

/** Another controller for the same machine: from now on it speaks for it, and this one no more. */
export function SwapDialog({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const text = useText();
  const t = text.console.device;
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const word = useSettled(typed.replace(/[^\p{L}\p{N}:_-]/gu, ''));
  const [deviceId, setDevice] = useState<string | null>(null);
  const [loan, setLoan] = useState(false);
  const spare = `model:${device.model.name} AND NOT asset.name:* AND NOT state:retired AND NOT state:quarantined`;
  const query = word ? `${spare} AND thingName:*${word}*` : spare;
  const read = useRead(searchQuery, { first: 20, query, sort: null }, { keep: true });
  const write = useWrite(swapDevice, ['Device', 'SearchDevices', 'Assets', 'Asset']);
  const offered = (read.data?.searchDevices.edges ?? []).map(({ node }) => node);
  const { asset } = device;
  if (!asset) return null;
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t.actions.swap}
      action={t.actions.swap}
      busy={write.isPending}
      error={write.error ?? read.error}
      disabled={!deviceId}
      onConfirm={() =>
        deviceId &&
        write.mutate(
          { assetId: asset.id, deviceId, loan },
          {
            onSuccess: () => {
              onClose();
              void navigate(`/fleet/devices/${deviceId}`);
            },
          },
        )
      }
    >
      <p style={{ margin: 0 }}>{t.swapHint(asset.name, device.thingName)}</p>
      <Select
        label={t.replacement}
        placeholder={t.pickDevice}
        nothingFoundMessage={t.noSpare(device.model.title)}
        required
        searchable
        value={deviceId}
        onChange={setDevice}
        searchValue={typed}
        onSearchChange={setTyped}
        filter={({ options }) => options}
        data={offered.map(({ id, thingName }) => ({ value: id, label: thingName }))}
      />
      <Checkbox label={t.loan} checked={loan} onChange={(event) => setLoan(event.currentTarget.checked)} />
    </Confirm>
  );
}
