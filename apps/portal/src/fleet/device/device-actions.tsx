import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useWrite } from '../../api/client.js';
import {
  changeDeviceState,
  type DeviceDetail,
  endInstallation,
  quarantineDevice,
  releaseDevice,
} from '../../api/operations/fleet.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { ConfirmByName } from '../../parts/confirm-by-name.js';
import { BulkDialog } from '../bulk/bulk-dialog.js';
import { TaskDialog } from '../ingest/task-dialog.js';
import { Confirm } from '../parts/confirm.js';
import { InstallDialog } from './install-dialog.js';
import { SwapDialog } from './swap-dialog.js';

type Rare = 'swap' | 'install' | 'takeOut' | 'retire';
type Action = 'selfTest' | 'quarantine' | 'replay' | Rare;

/** What can be done with one device, as far as the role and the device's state allow. */
export function DeviceActions({ device }: { device: DeviceDetail }) {
  const t = useText().console.device;
  const may = useMay();
  const [open, setOpen] = useState<Action | null>(null);
  if (device.state === 'retired') return null;
  const quarantined = device.state === 'quarantined';
  const more: Rare[] = [...(device.asset ? (['swap', 'takeOut'] as const) : (['install'] as const)), 'retire'];
  const aside = device.setAsideMessages;
  return (
    <>
      {may('commands:write') && <Button onClick={() => setOpen('selfTest')}>{t.selfTest}</Button>}
      {may('devices:write') && (
        <>
          <Button variant="default" onClick={() => setOpen('quarantine')}>
            {quarantined ? t.release : t.quarantine}
          </Button>
          <Menu position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
            <Menu.Target>
              <ActionIcon variant="default" size={36} aria-label={t.more}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {more.map((action) => (
                <Menu.Item key={action} onClick={() => setOpen(action)}>
                  {t.actions[action]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      {open && (
        <Opened
          action={open}
          device={device}
          onClose={() => setOpen(null)}
          onReleased={() => setOpen(may('quarantine:write') && aside > 0 ? 'replay' : null)}
        />
      )}
    </>
  );
}

interface OpenedProps {
  readonly action: Action;
  readonly device: DeviceDetail;
  readonly onClose: () => void;
  readonly onReleased: () => void;
}

function Opened({ action, device, onClose, onReleased }: OpenedProps) {
  const text = useText();
  const t = text.console.device;
  const quarantined = device.state === 'quarantined';
  const refreshed = ['Device', 'SearchDevices'];
  const quarantine = useWrite<unknown, { deviceId: string }>(quarantined ? releaseDevice : quarantineDevice, refreshed);
  const takeOut = useWrite(endInstallation, refreshed);
  const retire = useWrite(changeDeviceState, refreshed);
  const done = { onSuccess: onClose };
  const asked = (title: string, hint: ReactNode, write: typeof quarantine | typeof takeOut, then = onClose) => (
    <Confirm
      opened
      onClose={onClose}
      title={title}
      action={title}
      busy={write.isPending}
      error={write.error}
      onConfirm={() => write.mutate({ deviceId: device.id }, { onSuccess: then })}
    >
      <p style={{ margin: 0 }}>{hint}</p>
    </Confirm>
  );
  switch (action) {
    case 'selfTest':
      return <BulkDialog target={{ things: [device.thingName] }} action="selfTest" fixed onClose={onClose} />;
    case 'quarantine':
      return quarantined
        ? asked(t.release, t.releaseHint, quarantine, onReleased)
        : asked(t.quarantine, t.quarantineHint, quarantine);
    case 'replay':
      return (
        <TaskDialog
          order={{
            action: 'replay',
            count: device.setAsideMessages,
            note: text.quarantine.released(device.thingName, device.setAsideMessages),
            selection: { filter: { thingName: device.thingName } },
          }}
          onClose={onClose}
        />
      );
    case 'takeOut':
      return asked(t.actions.takeOut, t.takeOutHint(device.asset?.name ?? ''), takeOut);
    case 'swap':
      return <SwapDialog device={device} onClose={onClose} />;
    case 'install':
      return <InstallDialog device={device} onClose={onClose} />;
    case 'retire':
      return (
        <ConfirmByName
          opened
          onClose={onClose}
          title={t.actions.retire}
          text={t.retireHint}
          name={device.thingName}
          prompt={t.typeName(device.thingName)}
          action={t.actions.retire}
          busy={retire.isPending}
          error={retire.error}
          onConfirm={() => retire.mutate({ deviceId: device.id, to: 'retired' }, done)}
        />
      );
  }
}
