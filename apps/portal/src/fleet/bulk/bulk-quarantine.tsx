import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { quarantineDevices, releaseDevices } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkProgress } from './bulk-progress.js';
import { BulkSubmit } from './bulk-submit.js';
import { howMany } from './bulk-targets.js';
import { useBulk } from './use-bulk.js';

/** What these devices say will not count: the number has to be typed before it happens. */
export function BulkQuarantine({ target, preview, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const [typed, setTyped] = useState('');
  const { bulk, order, error, isPending } = useBulk(quarantineDevices, (r) => r.quarantineDevices);
  const open = howMany(preview, ({ state }) => state !== 'quarantined' && state !== 'retired');
  if (bulk) return <BulkProgress bulk={bulk} onClose={onClose} />;
  return (
    <BulkSubmit
      action={t.quarantine(open)}
      busy={isPending}
      disabled={open === 0 || typed.trim() !== String(open)}
      error={error}
      onClose={onClose}
      onSubmit={() => order({ target })}
    >
      <p style={{ margin: 0 }}>{t.quarantineHint(open, preview.total - open)}</p>
      <TextInput
        label={t.typeNumber(open)}
        inputMode="numeric"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </BulkSubmit>
  );
}

export function BulkUnquarantine({ target, preview, onClose }: BulkProps) {
  const t = useText().console.bulk;
  const { bulk, order, error, isPending } = useBulk(releaseDevices, (r) => r.releaseDevices);
  const kept = howMany(preview, ({ state }) => state === 'quarantined');
  if (bulk) return <BulkProgress bulk={bulk} onClose={onClose} />;
  return (
    <BulkSubmit
      action={t.unquarantine(kept)}
      busy={isPending}
      disabled={kept === 0}
      error={error}
      onClose={onClose}
      onSubmit={() => order({ target })}
    >
      <p style={{ margin: 0 }}>{t.unquarantineHint(kept, preview.total - kept)}</p>
    </BulkSubmit>
  );
}
