import type { Category } from './category.js';

/** What time of unknown category counts as; `last_state_for` carries the state before it on for some minutes. */
export type UnknownRule =
  | { readonly mode: 'excluded' | 'up' | 'down' }
  | { readonly mode: 'last_state_for'; readonly minutes: number; readonly then: 'excluded' | 'up' | 'down' };

/**
 * A contract's definition of availability, as data. A category is in exactly one of `up`, `down`, `excluded`; `unknown`
 * and `not_contracted` are in none (`unknown` has its rule, `not_contracted` is never measured).
 */
export interface AvailabilityDefinition {
  readonly up: readonly Category[];
  readonly down: readonly Category[];
  readonly excluded: readonly Category[];
  /** `removed`: excluded time leaves both sides; `counted_as_up`: it stays in the denominator and counts as up. */
  readonly exclusions: 'removed' | 'counted_as_up';
  readonly unknown: UnknownRule;
  /** Degraded time counts with its remaining fraction, or wholly as up. Only used when `degraded` is in `up`. */
  readonly degraded: 'by_fraction' | 'as_up';
  /** Decimals of the percentage, rounded half-up. */
  readonly decimals: number;
}

/** Outcome over a period. All lengths in ms; they add up: measured + excluded + not measured = total. */
export interface AvailabilityFigure {
  readonly totalMs: number;
  readonly measuredMs: number;
  readonly excludedMs: number;
  /** Not contracted, or in the future. */
  readonly notMeasuredMs: number;
  readonly upMs: string;
  readonly downMs: string;
  readonly unknownMs: number;
  /** Percent as decimal text with the definition's decimals ("99.41"), or null when nothing was measured. */
  readonly percent: string | null;
  readonly byCategory: Readonly<Partial<Record<Category, number>>>;
}
