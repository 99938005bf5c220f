import type { Category, TimelineInterval } from '@throughline/availability';
import type { AvailabilityGuarantee, Charge, RecurringCharge, Terms, UsageCharge } from '@throughline/contracts';
import { HOUR_MS, type Interval, monthInterval, Quantity } from '@throughline/kernel';
import type { Quality, UsageWindow } from '@throughline/metering';
import type { RatedAsset, RatingInput } from '@throughline/rating';

/** Small builders of rating inputs: what a test does not name has a plain value. */

export const january: Interval = monthInterval('2026-01', 'Europe/Amsterdam');

export const baseFee = (amount = '450.00', per: RecurringCharge['per'] = 'asset'): RecurringCharge => ({
  kind: 'recurring',
  key: 'base_fee',
  description: 'Base fee',
  amount,
  per,
});

export const output = (price: UsageCharge['price'], more: Partial<UsageCharge> = {}): UsageCharge => ({
  kind: 'usage',
  key: 'output',
  description: 'Compressed air',
  meter: 'output_m3',
  unit: 'm3',
  price,
  pooling: 'contract',
  ...more,
});

export const perUnit = (unitPrice: string): UsageCharge['price'] => ({ model: 'per_unit', unitPrice });

export const graduated = (...tiers: [string | null, string][]): UsageCharge['price'] => ({
  model: 'graduated',
  tiers: tiers.map(([upTo, unitPrice]) => ({ upTo, unitPrice })),
});

export const uptime = (more: Partial<AvailabilityGuarantee> = {}): AvailabilityGuarantee => ({
  kind: 'availability',
  key: 'uptime',
  description: 'Availability credit',
  target: '99.00',
  definition: {
    up: ['producing', 'ready', 'degraded'],
    down: ['vendor_down'],
    excluded: ['planned_maintenance', 'customer_caused', 'utility', 'force_majeure'],
    exclusions: 'removed',
    unknown: { mode: 'excluded' },
    degraded: 'by_fraction',
    decimals: 2,
  },
  bands: [
    { below: '99.00', creditPercent: '5' },
    { below: '97.50', creditPercent: '10' },
    { below: '95.00', creditPercent: '20' },
  ],
  basis: 'base_fee',
  capPercent: '100',
  ...more,
});

export const termsOf = (
  charges: readonly Charge[],
  guarantees: readonly AvailabilityGuarantee[] = [],
  currency = 'EUR',
): Terms => ({
  currency,
  cadence: 'month',
  charges,
  guarantees,
});

export const windowOf = (
  assetId: string,
  hour: number,
  value: string,
  more: { unit?: string; meter?: string; quality?: Quality } = {},
): UsageWindow => ({
  assetId,
  meter: more.meter ?? 'output_m3',
  hour,
  version: 1,
  quantity: Quantity.of(value, more.unit ?? 'm3'),
  quality: more.quality ?? 'measured',
  messages: 60,
});

/** One window an hour from the start of `within`, with the given quantities. */
export const hourly = (
  assetId: string,
  values: readonly string[],
  more: Parameters<typeof windowOf>[3] = {},
  within: Interval = january,
): UsageWindow[] => values.map((value, n) => windowOf(assetId, within.from + n * HOUR_MS, value, more));

export const state = (from: number, to: number, category: Category, fraction?: string): TimelineInterval => ({
  from,
  to,
  category,
  ...(fraction !== undefined && { fraction }),
  source: 'state',
  detail: category,
  evidence: { messages: 1 },
});

/** Producing but for `downMs` from the start. */
export const downFor = (downMs: number, within: Interval = january): TimelineInterval[] => [
  state(within.from, within.from + downMs, 'vendor_down'),
  state(within.from + downMs, within.to, 'producing'),
];

export const assetOf = (label: string, more: Partial<RatedAsset> = {}): RatedAsset => ({
  assetId: `id-${label}`,
  label,
  contracted: january,
  windows: [],
  timeline: [],
  ...more,
});

export const inputOf = (terms: Terms, assets: readonly RatedAsset[], more: Partial<RatingInput> = {}): RatingInput => ({
  terms,
  period: january,
  timeZone: 'Europe/Amsterdam',
  assets,
  ...more,
});
