import type { AvailabilityDefinition } from '@throughline/availability';

/** The priced part of a plan version, and of a contract, which keeps its own frozen copy. Amounts are decimal text. */
export interface Terms {
  readonly currency: string;
  readonly cadence: 'month';
  readonly charges: readonly Charge[];
  readonly guarantees: readonly AvailabilityGuarantee[];
}

export type Charge = RecurringCharge | UsageCharge;

export interface RecurringCharge {
  readonly kind: 'recurring';
  /** Unique in the terms: "base_fee". */
  readonly key: string;
  readonly description: string;
  /** Per period, not negative. */
  readonly amount: string;
  readonly per: 'asset' | 'contract';
}

export interface UsageCharge {
  readonly kind: 'usage';
  readonly key: string;
  readonly description: string;
  /** Name of a meter of the assets' models. */
  readonly meter: string;
  /** UCUM unit the price is for; the meter's unit must be convertible to it. */
  readonly unit: string;
  readonly price:
    | { readonly model: 'per_unit'; readonly unitPrice: string }
    | { readonly model: 'graduated'; readonly tiers: readonly Tier[] };
  /** Whether tiers count over all assets of the contract or over each asset. */
  readonly pooling: 'contract' | 'asset';
}

/** Graduated tier: the part of the quantity above the tier before and up to `upTo` (null: no end) costs `unitPrice` a unit. */
export interface Tier {
  readonly upTo: string | null;
  readonly unitPrice: string;
}

/** Availability of each asset and period; below a band's bound that band's share of the asset's fee is credited. */
export interface AvailabilityGuarantee {
  readonly kind: 'availability';
  readonly key: string;
  readonly description: string;
  /** Percent: "99.00". */
  readonly target: string;
  readonly definition: AvailabilityDefinition;
  /** Strictly falling bounds with rising credits; the lowest band that applies counts, not their sum. */
  readonly bands: readonly CreditBand[];
  /** Key of the recurring charge (per asset) that credits are a share of. */
  readonly basis: string;
  /** Greatest credit of a period, in percent of all basis fees of the contract. */
  readonly capPercent: string;
}

export interface CreditBand {
  /** Percent; the band applies when availability is strictly below it. */
  readonly below: string;
  /** Percent of the basis. */
  readonly creditPercent: string;
}
