import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/client.js';
import { quarantineDevice } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkProgress } from './bulk-progress.js';
import { BulkSubmit } from './bulk-submit.js';
import { devicesOf, howMany } from './bulk-targets.js';
import { eachLimit, useEach } from './use-each.js';

/** What these devices say will not count: the number has to be typed before it happens. */
export function BulkQuarantine({ target, preview, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const [typed, setTyped] = useState('');
  const each = useEach((device) => request(quarantineDevice, { deviceId: device.id }));
  const isOpen = ({ state }: { state: string }) => state !== 'quarantined' && state !== 'retired';
  const open = howMany(preview, isOpen);
  if (each.state) return <BulkProgress state={each.state} onClose={onClose} />;
  return (
    <BulkSubmit
      action={t.quarantine(open)}
      busy={each.finding}
      disabled={open === 0 || open > eachLimit || typed.trim() !== String(open)}
      error={each.error}
      onClose={onClose}
      onSubmit={() => void each.run(async () => (await devicesOf(target)).filter(isOpen))}
    >
      <p style={{ margin: 0 }}>
        {open > eachLimit ? t.atMost(eachLimit) : t.quarantineHint(open, preview.total - open)}
      </p>
      <TextInput
        label={t.typeNumber(open)}
        inputMode="numeric"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </BulkSubmit>
  );
}
