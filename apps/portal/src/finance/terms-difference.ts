import type { Terms } from '../api/operations/finance.js';
import { unitName } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';

export interface Difference {
  readonly name: string;
  readonly a: string | null;
  readonly b: string | null;
}

/** What differs between two versions, in the words of the page. */
export function useTermsDifferences(a: Terms, b: Terms): Difference[] {
  const { text, formats } = useI18n();
  const t = text.terms;

  const flat = (terms: Terms): Map<string, string> => {
    const said = new Map<string, string>();
    for (const charge of terms.charges) {
      const name = charge.description;
      if (charge.kind === 'recurring') {
        said.set(
          name,
          t.recurringSummary(
            formats.price(charge.amount ?? '0', terms.currency),
            charge.per === 'asset' ? t.perAsset : t.perContract,
          ),
        );
        continue;
      }
      const unit = unitName(charge.unit ?? '');
      if (charge.priceModel === 'per_unit')
        said.set(name, t.usageSummary(formats.price(charge.unitPrice ?? '0', terms.currency), unit));
      else {
        said.set(name, t.graduatedSummary(charge.pooling === 'asset' ? t.poolAsset : t.poolContract));
        (charge.tiers ?? []).forEach((tier, index) => {
          const end = tier.upTo === null ? t.andMore : `${t.to} ${formats.decimal(tier.upTo)} ${unit}`;
          said.set(`${name}, ${t.tier(index + 1)}`, `${end}: ${formats.price(tier.unitPrice, terms.currency)}`);
        });
      }
    }
    for (const guarantee of terms.guarantees) {
      const name = guarantee.description;
      said.set(name, t.guaranteeSummary(formats.percent(guarantee.target)));
      said.set(`${name}, ${t.cap}`, formats.percent(guarantee.capPercent));
      guarantee.bands.forEach((band, index) => {
        said.set(
          `${name}, ${t.band(index + 1)}`,
          `${t.below} ${formats.percent(band.below)}: ${formats.percent(band.creditPercent)}`,
        );
      });
      const { definition } = guarantee;
      said.set(
        `${name}, ${t.unknown}`,
        definition.unknownMode === 'last_state_for'
          ? t.unknownLast(definition.unknownMinutes ?? 0, t.unknownModes[definition.unknownThen ?? 'excluded'] ?? '')
          : (t.unknownModes[definition.unknownMode] ?? definition.unknownMode),
      );
      for (const as of ['up', 'down', 'excluded'] as const)
        said.set(
          `${name}, ${t.countsAs[as]}`,
          definition[as]
            .map((category) => text.category[category])
            .sort()
            .join(', '),
        );
    }
    return said;
  };

  const [first, second] = [flat(a), flat(b)];
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((name) => ({ name, a: first.get(name) ?? null, b: second.get(name) ?? null }))
    .filter((row) => row.a !== row.b);
}
