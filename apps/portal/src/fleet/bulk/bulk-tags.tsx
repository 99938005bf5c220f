import { SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { tagDevices } from '../../api/operations/fleet.js';
import { useText } from '../../i18n/i18n.js';
import { tagKeyRule } from '../device/tags-card.js';
import type { BulkProps } from './bulk-dialog.js';
import { BulkProgress } from './bulk-progress.js';
import { BulkSubmit } from './bulk-submit.js';
import { useBulk } from './use-bulk.js';

/** One tag set on each device, or taken off. */
export function BulkTags({ target, preview, onClose }: BulkProps) {
  const text = useText();
  const t = text.console;
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [removes, setRemoves] = useState(false);
  const { bulk, order, error, isPending } = useBulk(tagDevices, (r) => r.tagDevices);
  const wrong = key !== '' && !tagKeyRule.test(key);
  if (bulk) return <BulkProgress bulk={bulk} onClose={onClose} />;
  return (
    <BulkSubmit
      action={removes ? t.bulk.removeTag(preview.total) : t.bulk.setTag(preview.total)}
      busy={isPending}
      disabled={key === '' || wrong}
      error={error}
      onClose={onClose}
      onSubmit={() => order({ target, tags: [{ key, value: removes ? null : value }] })}
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
    </BulkSubmit>
  );
}
