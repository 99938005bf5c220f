import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/client.js';
import { quarantineDevice } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkProgress } from './bulk-progress.js';
import { BulkSubmit } from './bulk-submit.js';
import { useEach } from './use-each.js';

/** What these devices say will not count: the number has to be typed before it happens. */
export function BulkQuarantine({ targets, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const [typed, setTyped] = useState('');
  const each = useEach((target) => request(quarantineDevice, { deviceId: target.id }));
  const open = targets.filter(({ state }) => state !== 'quarantined' && state !== 'retired');
  if (each.state) return <BulkProgress state={each.state} onClose={onClose} />;
  return (
    <BulkSubmit
      action={t.quarantine(open.length)}
      busy={false}
      disabled={open.length === 0 || typed.trim() !== String(open.length)}
      error={null}
      onClose={onClose}
      onSubmit={() => void each.run(open)}
    >
      <p style={{ margin: 0 }}>{t.quarantineHint(open.length, targets.length - open.length)}</p>
      <TextInput
        label={t.typeNumber(open.length)}
        inputMode="numeric"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </BulkSubmit>
  );
}
