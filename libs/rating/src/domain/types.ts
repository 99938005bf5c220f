import type { TimelineInterval } from '@throughline/availability';
import type { Terms } from '@throughline/contracts';
import type { Decimal, Interval, Money } from '@throughline/kernel';
import type { Quality, UsageWindow } from '@throughline/metering';

/** Everything an asset brought to the period; windows and timeline may reach beyond it and are clipped. */
export interface RatedAsset {
  readonly assetId: string;
  /** What people call it: "AC-1041". */
  readonly label: string;
  /** When it was under this contract. */
  readonly contracted: Interval;
  /** Current windows of all meters. */
  readonly windows: readonly UsageWindow[];
  readonly timeline: readonly TimelineInterval[];
}

export interface RatingInput {
  readonly terms: Terms;
  readonly period: Interval;
  readonly timeZone: string;
  readonly assets: readonly RatedAsset[];
}

/**
 * One step of a line's arithmetic, for people; numbers are decimal text. The `amount`s of a line's steps add up to the
 * line's amount exactly; steps without one say where a number comes from.
 */
export interface ExplanationStep {
  readonly text: string;
  readonly quantity?: string;
  readonly unit?: string;
  readonly unitPrice?: string;
  readonly amount?: string;
}

export interface RatedLine {
  readonly chargeKey: string;
  readonly kind: 'recurring' | 'usage' | 'credit';
  readonly description: string;
  /** Set where the line is about one asset. */
  readonly assetId?: string;
  readonly meter?: string;
  readonly quantity?: Decimal;
  readonly unit?: string;
  readonly quality?: Quality;
  /** Only where one price applies to the whole quantity. */
  readonly unitPrice?: Decimal;
  /** Rounded to the currency's minor unit. */
  readonly amount: Money;
  readonly period: Interval;
  readonly explanation: readonly ExplanationStep[];
}
