import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useI18n } from '../i18n/i18n.js';
import { RemoveButton } from './remove-button.js';
import { type Faults, replaced, type TierDraft, without } from './terms-draft.js';
import { TermsField } from './terms-field.js';

const emptyTier: TierDraft = { upTo: '', unitPrice: '' };

/** Tiers of a graduated price: each begins where the one before ends, the last has no end. */
export function TiersEditor({
  path,
  tiers,
  unit,
  currency,
  faults,
  onChange,
}: {
  path: string;
  tiers: readonly TierDraft[];
  unit: string;
  currency: string;
  faults: Faults;
  onChange: (next: readonly TierDraft[]) => void;
}) {
  const { text, formats } = useI18n();
  const t = text.terms;
  const set = (j: number, change: Partial<TierDraft>) => {
    const tier = tiers[j];
    if (tier) onChange(replaced(tiers, j, { ...tier, ...change }));
  };
  return (
    <>
      <table className="edit tiers">
        <thead>
          <tr>
            <th>{t.from}</th>
            <th>{`${t.to} (${unit})`}</th>
            <th>{t.unitPrice(unit)}</th>
            <th>
              <span className="sr-only">{t.remove(t.tier(0))}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tiers.map((tier, j) => {
            const last = j === tiers.length - 1;
            const from = j === 0 ? '0' : (tiers[j - 1]?.upTo ?? '');
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a tier is its place in the order.
              <tr key={j}>
                <td className="num" style={{ paddingTop: 11 }}>
                  {/^\d+(\.\d+)?$/.test(from) ? formats.decimal(from) : '–'}
                </td>
                <td>
                  {last ? (
                    <div className="dim" style={{ paddingTop: 7 }}>
                      {t.andMore}
                    </div>
                  ) : (
                    <TermsField
                      path={`${path}.${j}.upTo`}
                      faults={faults}
                      aria={`${t.tier(j + 1)}: ${t.to}`}
                      value={tier.upTo}
                      onChange={(upTo) => set(j, { upTo })}
                      suffix={unit}
                    />
                  )}
                </td>
                <td>
                  <TermsField
                    path={`${path}.${j}.unitPrice`}
                    faults={faults}
                    aria={`${t.tier(j + 1)}: ${t.unitPrice(unit)}`}
                    value={tier.unitPrice}
                    onChange={(unitPrice) => set(j, { unitPrice })}
                    suffix={currency}
                  />
                </td>
                <td>
                  {tiers.length > 1 && !last && (
                    <RemoveButton label={t.remove(t.tier(j + 1))} onClick={() => onChange(without(tiers, j))} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...tiers.slice(0, -1), { ...emptyTier }, tiers.at(-1) ?? { ...emptyTier }])}
      >
        {t.addTier}
      </Button>
    </>
  );
}
