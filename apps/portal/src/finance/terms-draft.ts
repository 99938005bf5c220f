import type { Terms, TermsInput } from '../api/operations/finance.js';
import type { Category } from '../api/operations/live.js';
import type { Text } from '../i18n/en.js';

export interface TierDraft {
  readonly upTo: string;
  readonly unitPrice: string;
}

export interface BandDraft {
  readonly below: string;
  readonly creditPercent: string;
}

/** Terms as they are typed: texts, so that what was written is kept however wrong it is. */
export interface ChargeDraft {
  readonly id: number;
  readonly kind: 'recurring' | 'usage';
  readonly key: string;
  readonly description: string;
  readonly amount: string;
  readonly per: 'asset' | 'contract';
  readonly meter: string;
  readonly unit: string;
  readonly priceModel: 'per_unit' | 'graduated';
  readonly unitPrice: string;
  readonly pooling: 'contract' | 'asset';
  /** The last tier's end is always empty. */
  readonly tiers: readonly TierDraft[];
}

export type CountsAs = 'up' | 'down' | 'excluded';
export type RuledCategory = Exclude<Category, 'unknown' | 'not_contracted'>;

export interface GuaranteeDraft {
  readonly key: string;
  readonly description: string;
  readonly target: string;
  readonly basis: string;
  readonly capPercent: string;
  readonly bands: readonly BandDraft[];
  readonly countsAs: Readonly<Record<RuledCategory, CountsAs>>;
  readonly exclusions: 'removed' | 'counted_as_up';
  readonly unknownMode: 'excluded' | 'up' | 'down' | 'last_state_for';
  readonly unknownMinutes: string;
  readonly unknownThen: 'excluded' | 'up' | 'down';
  readonly degraded: 'by_fraction' | 'as_up';
  readonly decimals: number;
}

export interface TermsDraft {
  readonly currency: string;
  readonly charges: readonly ChargeDraft[];
  readonly guarantees: readonly GuaranteeDraft[];
}

export const ruledCategories: readonly RuledCategory[] = [
  'producing',
  'ready',
  'degraded',
  'vendor_down',
  'customer_caused',
  'utility',
  'planned_maintenance',
  'force_majeure',
];

export const replaced = <T>(list: readonly T[], index: number, value: T): T[] =>
  list.map((each, i) => (i === index ? value : each));
export const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);

let nextId = 1;
export const newId = (): number => nextId++;

const pick = <T extends string>(value: string | null | undefined, known: readonly T[], otherwise: T): T =>
  known.find((each) => each === value) ?? otherwise;

export function draftOf(terms: Terms): TermsDraft {
  return {
    currency: terms.currency,
    charges: terms.charges.map((charge) => ({
      id: newId(),
      kind: charge.kind === 'usage' ? 'usage' : 'recurring',
      key: charge.key,
      description: charge.description,
      amount: charge.amount ?? '',
      per: pick(charge.per, ['asset', 'contract'], 'asset'),
      meter: charge.meter ?? '',
      unit: charge.unit ?? '',
      priceModel: pick(charge.priceModel, ['per_unit', 'graduated'], 'per_unit'),
      unitPrice: charge.unitPrice ?? '',
      pooling: pick(charge.pooling, ['contract', 'asset'], 'contract'),
      tiers: (charge.tiers ?? []).map((tier) => ({ upTo: tier.upTo ?? '', unitPrice: tier.unitPrice })),
    })),
    guarantees: terms.guarantees.map((guarantee) => {
      const { definition } = guarantee;
      const countsAs = (category: RuledCategory): CountsAs =>
        definition.up.includes(category) ? 'up' : definition.down.includes(category) ? 'down' : 'excluded';
      return {
        key: guarantee.key,
        description: guarantee.description,
        target: guarantee.target,
        basis: guarantee.basis,
        capPercent: guarantee.capPercent,
        bands: guarantee.bands.map((band) => ({ ...band })),
        countsAs: Object.fromEntries(ruledCategories.map((c) => [c, countsAs(c)])) as Record<RuledCategory, CountsAs>,
        exclusions: pick(definition.exclusions, ['removed', 'counted_as_up'], 'removed'),
        unknownMode: pick(definition.unknownMode, ['excluded', 'up', 'down', 'last_state_for'], 'excluded'),
        unknownMinutes: definition.unknownMinutes === null ? '15' : String(definition.unknownMinutes),
        unknownThen: pick(definition.unknownThen, ['excluded', 'up', 'down'], 'excluded'),
        degraded: pick(definition.degraded, ['by_fraction', 'as_up'], 'by_fraction'),
        decimals: definition.decimals,
      };
    }),
  };
}

export function inputOf(draft: TermsDraft): TermsInput {
  return {
    currency: draft.currency,
    charges: draft.charges.map((charge) =>
      charge.kind === 'recurring'
        ? {
            kind: 'recurring',
            key: charge.key,
            description: charge.description.trim(),
            amount: charge.amount.trim(),
            per: charge.per,
          }
        : {
            kind: 'usage',
            key: charge.key,
            description: charge.description.trim(),
            meter: charge.meter,
            unit: charge.unit,
            pooling: charge.pooling,
            priceModel: charge.priceModel,
            ...(charge.priceModel === 'per_unit'
              ? { unitPrice: charge.unitPrice.trim() }
              : {
                  tiers: charge.tiers.map((tier) => ({
                    upTo: tier.upTo.trim() || null,
                    unitPrice: tier.unitPrice.trim(),
                  })),
                }),
          },
    ),
    guarantees: draft.guarantees.map((guarantee) => {
      const those = (as: CountsAs) => ruledCategories.filter((category) => guarantee.countsAs[category] === as);
      return {
        key: guarantee.key,
        description: guarantee.description.trim(),
        target: guarantee.target.trim(),
        basis: guarantee.basis,
        capPercent: guarantee.capPercent.trim(),
        bands: guarantee.bands.map((band) => ({ below: band.below.trim(), creditPercent: band.creditPercent.trim() })),
        definition: {
          up: those('up'),
          down: those('down'),
          excluded: those('excluded'),
          exclusions: guarantee.exclusions,
          unknownMode: guarantee.unknownMode,
          ...(guarantee.unknownMode === 'last_state_for'
            ? { unknownMinutes: Number(guarantee.unknownMinutes), unknownThen: guarantee.unknownThen }
            : {}),
          degraded: guarantee.degraded,
          decimals: guarantee.decimals,
        },
      };
    }),
  };
}

export const emptyCharge = (kind: ChargeDraft['kind'], used: readonly string[]): ChargeDraft => {
  const base = kind === 'recurring' ? 'fee' : 'usage';
  let key = base;
  for (let n = 2; used.includes(key); n += 1) key = `${base}_${n}`;
  return {
    id: newId(),
    kind,
    key,
    description: '',
    amount: '',
    per: 'asset',
    meter: '',
    unit: '',
    priceModel: 'per_unit',
    unitPrice: '',
    pooling: 'contract',
    tiers: [{ upTo: '', unitPrice: '' }],
  };
};

export const emptyGuarantee = (basis: string): GuaranteeDraft => ({
  key: 'availability',
  description: 'Availability',
  target: '99.00',
  basis,
  capPercent: '100',
  bands: [{ below: '99.00', creditPercent: '5' }],
  countsAs: {
    producing: 'up',
    ready: 'up',
    degraded: 'up',
    vendor_down: 'down',
    customer_caused: 'excluded',
    utility: 'excluded',
    planned_maintenance: 'excluded',
    force_majeure: 'excluded',
  },
  exclusions: 'removed',
  unknownMode: 'last_state_for',
  unknownMinutes: '15',
  unknownThen: 'excluded',
  degraded: 'by_fraction',
  decimals: 2,
});

export type Rules = Text['terms']['rule'];
/** Rule broken by field, such as "charges.0.tiers.1.upTo". */
export type Faults = Readonly<Record<string, string>>;

const decimalText = /^-?\d{1,15}(\.\d{1,12})?$/;

/** Checks terms as they are typed; the rules are the API's, said in the reader's language. */
export function check(draft: TermsDraft, rule: Rules): Faults {
  const faults: Record<string, string> = {};
  const number = (path: string, text: string, wrong?: (value: number) => string | undefined) => {
    const value = text.trim();
    if (value === '') faults[path] = rule.required;
    else if (!decimalText.test(value)) faults[path] = rule.decimal;
    else {
      const said = wrong?.(Number(value));
      if (said) faults[path] = said;
    }
  };
  const price = (path: string, text: string) => number(path, text, (n) => (n < 0 ? rule.notNegative : undefined));
  const percent = (path: string, text: string) =>
    number(path, text, (n) => (n < 0 || n > 100 ? rule.percent : undefined));
  const text = (path: string, value: string) => {
    if (value.trim() === '' || value.length > 200) faults[path] = rule.text;
  };

  if (draft.charges.length === 0) faults.charges = rule.charges;
  const keys = draft.charges.map((charge) => charge.key);
  draft.charges.forEach((charge, i) => {
    const at = `charges.${i}`;
    text(`${at}.description`, charge.description);
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(charge.key)) faults[`${at}.key`] = rule.key;
    else if (keys.indexOf(charge.key) !== i) faults[`${at}.key`] = rule.keyTwice;
    if (charge.kind === 'recurring') {
      price(`${at}.amount`, charge.amount);
      return;
    }
    if (!charge.meter) faults[`${at}.meter`] = rule.required;
    if (charge.priceModel === 'per_unit') {
      price(`${at}.unitPrice`, charge.unitPrice);
      return;
    }
    charge.tiers.forEach((tier, j) => {
      price(`${at}.tiers.${j}.unitPrice`, tier.unitPrice);
      if (j === charge.tiers.length - 1) return;
      const before = j === 0 ? 0 : Number(charge.tiers[j - 1]?.upTo);
      number(`${at}.tiers.${j}.upTo`, tier.upTo, (n) =>
        n <= 0 ? rule.tierPositive : n <= before ? rule.tierOrder : undefined,
      );
    });
  });

  const bases = draft.charges.filter((c) => c.kind === 'recurring' && c.per === 'asset').map((c) => c.key);
  draft.guarantees.forEach((guarantee, i) => {
    const at = `guarantees.${i}`;
    text(`${at}.description`, guarantee.description);
    percent(`${at}.target`, guarantee.target);
    percent(`${at}.capPercent`, guarantee.capPercent);
    if (!bases.includes(guarantee.basis)) faults[`${at}.basis`] = rule.basis;
    if (guarantee.bands.length === 0) faults[`${at}.bands`] = rule.bandNeeded;
    guarantee.bands.forEach((band, j) => {
      const before = guarantee.bands[j - 1];
      percent(`${at}.bands.${j}.below`, band.below);
      percent(`${at}.bands.${j}.creditPercent`, band.creditPercent);
      if (!faults[`${at}.bands.${j}.below`]) {
        if (before && Number(band.below) >= Number(before.below)) faults[`${at}.bands.${j}.below`] = rule.bandOrder;
        else if (!before && Number(band.below) > Number(guarantee.target))
          faults[`${at}.bands.${j}.below`] = rule.bandTarget;
      }
      if (
        !faults[`${at}.bands.${j}.creditPercent`] &&
        before &&
        Number(band.creditPercent) <= Number(before.creditPercent)
      )
        faults[`${at}.bands.${j}.creditPercent`] = rule.bandCredit;
    });
    if (guarantee.unknownMode === 'last_state_for') {
      const minutes = Number(guarantee.unknownMinutes);
      if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) faults[`${at}.unknownMinutes`] = rule.minutes;
    }
  });
  return faults;
}
