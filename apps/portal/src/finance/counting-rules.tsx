import { SegmentedControl } from '@mantine/core';
import { useI18n } from '../i18n/i18n.js';
import { Swatch } from '../parts/category.js';
import { type CountsAs, type GuaranteeDraft, ruledCategories } from './terms-draft.js';

/** What each state of a machine counts as. */
export function CountingRules({
  countsAs,
  onChange,
}: {
  countsAs: GuaranteeDraft['countsAs'];
  onChange: (next: GuaranteeDraft['countsAs']) => void;
}) {
  const { text } = useI18n();
  const t = text.terms;
  return (
    <details>
      <summary className="dim" style={{ cursor: 'pointer', padding: '4px 0' }}>
        {t.categories}
      </summary>
      {ruledCategories.map((category) => (
        <div key={category} className="pair">
          <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
            <Swatch category={category} />
            {text.category[category]}
          </span>
          <SegmentedControl
            size="xs"
            aria-label={text.category[category]}
            value={countsAs[category]}
            onChange={(value) => onChange({ ...countsAs, [category]: value as CountsAs })}
            data={(['up', 'down', 'excluded'] as const).map((value) => ({
              value,
              label: t.countsAs[value] ?? value,
            }))}
          />
        </div>
      ))}
    </details>
  );
}
