import { Decimal, type Interval, intersect, ZERO } from '@throughline/kernel';
import type { Category, TimelineInterval } from './category.js';
import type { AvailabilityDefinition, AvailabilityFigure } from './definition.js';

/**
 * Raw availability: nothing excluded, up when the machine was able to serve, down in all other known time, whoever
 * caused it. Time of unknown category is outside the figure and shown beside it: IEC 61400-26-1 leaves "information
 * unavailable" out of numerator and denominator. Raw beside contractual: Sandia SAND2015-10223.
 */
export const rawDefinition: AvailabilityDefinition = {
  up: ['producing', 'ready', 'degraded'],
  down: ['vendor_down', 'utility', 'customer_caused', 'planned_maintenance', 'force_majeure'],
  excluded: [],
  exclusions: 'removed',
  unknown: { mode: 'excluded' },
  degraded: 'as_up',
  decimals: 2,
};

/** How far before a period its timeline must reach, so that `last_state_for` knows the state before an unknown start. */
export const lookBackMs = ({ unknown }: AvailabilityDefinition): number =>
  unknown.mode === 'last_state_for' ? unknown.minutes * 60_000 + 1 : 0;

type Treatment = 'up' | 'down' | 'excluded' | 'not_measured';

interface Tally {
  up: Decimal;
  down: Decimal;
  excluded: number;
  notMeasured: number;
}

/**
 * Availability of a period under a definition; exact to the percentage, which alone is rounded (half-up).
 *
 *   removed:       up / measured                     (total − excluded − downtime) / (total − excluded)
 *   counted_as_up: (up + excluded) / (measured + excluded)   as 23 CFR 680.116 does
 *
 * Time under the unknown rule `excluded` is treated as excluded categories are. `upMs + downMs = measuredMs`.
 * `intervals` are one asset's, in order and without overlap; they may reach beyond the period and are clipped, and what
 * lies before it (see `lookBackMs`) only tells the state that `last_state_for` carries on. Instants of the period without
 * an interval are not measured: they lie in the future. `percent` is null when nothing was measured.
 */
export function availabilityOf(
  intervals: readonly TimelineInterval[],
  period: Interval,
  definition: AvailabilityDefinition,
): AvailabilityFigure {
  const tally: Tally = { up: ZERO, down: ZERO, excluded: 0, notMeasured: 0 };
  const byCategory: Partial<Record<Category, number>> = {};
  let covered = 0;
  for (const i of intervals) {
    const part = intersect(i, period);
    if (!part) continue;
    covered += part.to - part.from;
    byCategory[i.category] = (byCategory[i.category] ?? 0) + part.to - part.from;
  }
  for (const part of resolveUnknown(intervals, definition)) {
    const within = intersect(part, period);
    if (within) count(tally, part, within.to - within.from, definition);
  }
  const totalMs = period.to - period.from;
  const notMeasuredMs = tally.notMeasured + totalMs - covered;
  const measuredMs = totalMs - tally.excluded - notMeasuredMs;
  const counted = definition.exclusions === 'counted_as_up' ? tally.excluded : 0;
  const denominator = measuredMs + counted;
  return {
    totalMs,
    measuredMs,
    excludedMs: tally.excluded,
    notMeasuredMs,
    upMs: tally.up.toFixed(),
    downMs: tally.down.toFixed(),
    unknownMs: byCategory.unknown ?? 0,
    percent:
      denominator === 0
        ? null
        : tally.up.plus(counted).times(100).div(denominator).toFixed(definition.decimals, Decimal.ROUND_HALF_UP),
    byCategory,
  };
}

/** A stretch with how it counts; `fraction` where only a share of it is up. */
interface Counted extends Interval {
  readonly treatment: Treatment;
  readonly fraction?: string;
}

function count(tally: Tally, { treatment, fraction }: Counted, ms: number, { degraded }: AvailabilityDefinition): void {
  if (treatment === 'excluded') tally.excluded += ms;
  else if (treatment === 'not_measured') tally.notMeasured += ms;
  else if (treatment === 'down') tally.down = tally.down.plus(ms);
  else {
    const up = degraded === 'by_fraction' && fraction !== undefined ? new Decimal(fraction).times(ms) : new Decimal(ms);
    tally.up = tally.up.plus(up);
    tally.down = tally.down.plus(new Decimal(ms).minus(up));
  }
}

function* resolveUnknown(
  intervals: readonly TimelineInterval[],
  definition: AvailabilityDefinition,
): Generator<Counted> {
  const rule = definition.unknown;
  const otherwise: Treatment = rule.mode === 'last_state_for' ? rule.then : rule.mode;
  const carryMs = rule.mode === 'last_state_for' ? rule.minutes * 60_000 : 0;
  /** The last known interval and until when it is carried on; gone once something else came between. */
  let carried: { state: TimelineInterval; until: number } | undefined;
  let end: number | undefined;
  for (const i of intervals) {
    if (end !== i.from) carried = undefined;
    end = i.to;
    if (i.category !== 'unknown') {
      carried = i.category === 'not_contracted' ? undefined : { state: i, until: i.to + carryMs };
      yield { from: i.from, to: i.to, ...treated(i, definition) };
      continue;
    }
    const cut = Math.min(i.to, Math.max(i.from, carried?.until ?? i.from));
    if (carried && cut > i.from) yield { from: i.from, to: cut, ...treated(carried.state, definition) };
    if (cut < i.to) yield { from: cut, to: i.to, treatment: otherwise };
  }
}

function treated(i: TimelineInterval, d: AvailabilityDefinition): { treatment: Treatment; fraction?: string } {
  if (d.up.includes(i.category))
    return {
      treatment: 'up',
      ...(i.category === 'degraded' && i.fraction !== undefined ? { fraction: i.fraction } : {}),
    };
  if (d.down.includes(i.category)) return { treatment: 'down' };
  return { treatment: d.excluded.includes(i.category) ? 'excluded' : 'not_measured' };
}
