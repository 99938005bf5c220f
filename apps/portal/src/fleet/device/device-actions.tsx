import { Button } from '@mantine/core';
import { useState } from 'react';
import { useWrite } from '../../api/client.js';
import { type DeviceDetail, quarantineDevice, releaseDevice } from '../../api/operations/fleet.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { BulkDialog } from '../bulk/bulk-dialog.js';
import { Confirm } from '../parts/confirm.js';

/** What can be done with one device, as far as the role and the device's state allow. */
export function DeviceActions({ device }: { device: DeviceDetail }) {
  const t = useText().console.device;
  const may = useMay();
  const [testing, setTesting] = useState(false);
  const [asking, setAsking] = useState(false);
  const quarantined = device.state === 'quarantined';
  const write = useWrite<unknown, { deviceId: string }>(quarantined ? releaseDevice : quarantineDevice, [
    'Device',
    'SearchDevices',
  ]);
  return (
    <>
      {may('commands:write') && device.state !== 'retired' && (
        <Button onClick={() => setTesting(true)}>{t.selfTest}</Button>
      )}
      {may('devices:write') && device.state !== 'retired' && (
        <Button variant="default" onClick={() => setAsking(true)}>
          {quarantined ? t.release : t.quarantine}
        </Button>
      )}
      {testing && (
        <BulkDialog
          of={{ kind: 'marked', devices: [device] }}
          action="selfTest"
          fixed
          onClose={() => setTesting(false)}
        />
      )}
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={quarantined ? t.release : t.quarantine}
        action={quarantined ? t.release : t.quarantine}
        busy={write.isPending}
        error={write.error}
        onConfirm={() => write.mutate({ deviceId: device.id }, { onSuccess: () => setAsking(false) })}
      >
        <p style={{ margin: 0 }}>{quarantined ? t.releaseHint : t.quarantineHint}</p>
      </Confirm>
    </>
  );
}
