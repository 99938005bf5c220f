import { SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/client.js';
import { setDeviceTags } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { tagKeyRule } from '../device/tags-card.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkProgress } from './bulk-progress.js';
import { BulkSubmit } from './bulk-submit.js';
import { devicesOf } from './bulk-targets.js';
import { eachLimit, useEach } from './use-each.js';

/** One tag set on each device, or taken off. */
export function BulkTags({ target, preview, onClose }: BulkProps) {
  const text = useText();
  const t = text.console;
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [removes, setRemoves] = useState(false);
  const each = useEach((device) =>
    request(setDeviceTags, { deviceId: device.id, tags: [{ key, value: removes ? null : value }] }),
  );
  const wrong = key !== '' && !tagKeyRule.test(key);
  if (each.state) return <BulkProgress state={each.state} onClose={onClose} />;
  return (
    <BulkSubmit
      action={removes ? t.bulk.removeTag(preview.total) : t.bulk.setTag(preview.total)}
      busy={each.finding}
      disabled={key === '' || wrong || preview.total > eachLimit}
      error={each.error}
      onClose={onClose}
      onSubmit={() => void each.run(() => devicesOf(target))}
    >
      <SegmentedControl
        aria-label={t.bulk.actions.tags}
        value={removes ? 'remove' : 'set'}
        onChange={(next) => setRemoves(next === 'remove')}
        data={[
          { value: 'set', label: t.bulk.tagSet },
          { value: 'remove', label: t.bulk.tagRemove },
        ]}
      />
      <div className="fields">
        <TextInput
          label={t.device.tagKey}
          required
          value={key}
          error={wrong && t.device.tagRule}
          onChange={(event) => setKey(event.currentTarget.value.trim())}
        />
        {!removes && (
          <TextInput
            label={t.device.tagValue}
            value={value}
            maxLength={256}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        )}
      </div>
      {preview.total > eachLimit && <p className="warn">{t.bulk.atMost(eachLimit)}</p>}
    </BulkSubmit>
  );
}
