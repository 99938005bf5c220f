import { type AvailabilityFigure, availabilityOf } from '@throughline/availability';
import type { CreditBand, Terms } from '@throughline/contracts';
import { Decimal, type Interval, intersect, lengthMs } from '@throughline/kernel';
import { bandFor } from './credits.js';
import { inOrder } from './stays.js';
import type { RatedAsset } from './types.js';

/** Where an asset stands against the first guarantee of its contract's terms. */
export interface GuaranteePreview {
  /** Percent. */
  readonly target: string;
  /** Of the part of the period that has passed. */
  readonly figure: AvailabilityFigure;
  /** Whether the figure reaches the target; null while nothing was measured. */
  readonly met: boolean | null;
  /** Bound of the next band below where the asset stands, percent; null when the lowest applies already. */
  readonly nextBandBelow: string | null;
  /**
   * Downtime (ms) that may still come before the whole period ends below `nextBandBelow`, when all the rest of the
   * period is measured and otherwise up. Null without such a band.
   */
  readonly leftMs: number | null;
  /** Percent of the basis fee that the period would credit if it ended with this figure, before the cap. */
  readonly creditPercent: string;
}

/** Undefined without a guarantee in the terms or when the asset is not under contract in the period. */
export function previewGuarantee(
  asset: Pick<RatedAsset, 'contracted' | 'timeline'>,
  terms: Pick<Terms, 'guarantees'>,
  period: Interval,
  now: number,
): GuaranteePreview | undefined {
  const guarantee = terms.guarantees[0];
  const whole = intersect(asset.contracted, period);
  if (!guarantee || !whole) return undefined;
  const passed = { from: whole.from, to: Math.max(whole.from, Math.min(whole.to, now)) };
  const { definition, target } = guarantee;
  const figure = availabilityOf(inOrder(asset.timeline), passed, definition);
  const next = bandBelow(guarantee.bands, figure.percent);
  return {
    target,
    figure,
    met: figure.percent === null ? null : new Decimal(figure.percent).greaterThanOrEqualTo(target),
    nextBandBelow: next?.below ?? null,
    leftMs: next
      ? downtimeLeft(
          figure,
          lengthMs({ from: passed.to, to: whole.to }),
          lowestRoundingTo(next.below, definition.decimals),
          definition.exclusions === 'counted_as_up' ? figure.excludedMs : 0,
        )
      : null,
    creditPercent:
      (figure.percent === null ? undefined : bandFor(guarantee.bands, figure.percent))?.creditPercent ?? '0',
  };
}

/** The band with the highest bound that does not apply yet. */
const bandBelow = (bands: readonly CreditBand[], percent: string | null): CreditBand | undefined =>
  bands
    .filter((band) => percent === null || new Decimal(percent).greaterThanOrEqualTo(band.below))
    .reduce<CreditBand | undefined>(
      (highest, band) => (highest && new Decimal(highest.below).greaterThan(band.below) ? highest : band),
      undefined,
    );

/** The lowest exact percentage that is not below `bound` once it is rounded half-up to `decimals`. */
const lowestRoundingTo = (bound: string, decimals: number): Decimal =>
  new Decimal(bound)
    .toDecimalPlaces(decimals, Decimal.ROUND_UP)
    .minus(new Decimal('0.5').times(new Decimal(10).pow(-decimals)));

/** Of the time that counts so far and the rest, what may be down while the up share stays at `percent`, less what was down. */
function downtimeLeft(figure: AvailabilityFigure, restMs: number, percent: Decimal, countedAsUpMs: number): number {
  const counts = new Decimal(figure.measuredMs).plus(countedAsUpMs).plus(restMs);
  const left = counts.times(new Decimal(100).minus(percent)).div(100).minus(figure.downMs);
  return Math.max(0, Math.min(restMs, left.floor().toNumber()));
}
