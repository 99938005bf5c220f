import { invalid } from './errors.js';

/** Half-open [from, to) in milliseconds since the epoch (UTC). */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export function interval(from: number | Date, to: number | Date, field = 'interval'): Interval {
  const result = { from: Number(from), to: Number(to) };
  if (!Number.isFinite(result.from) || !Number.isFinite(result.to) || result.to < result.from)
    throw invalid({ field, value: { from, to }, rule: '"to" must not be before "from"' });
  return result;
}

export const lengthMs = (i: Interval): number => i.to - i.from;

export const overlaps = (a: Interval, b: Interval): boolean => a.from < b.to && b.from < a.to;

export const contains = (i: Interval, instant: number): boolean => instant >= i.from && instant < i.to;

/** The common part, or undefined when there is none. */
export function intersect(a: Interval, b: Interval): Interval | undefined {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from < to ? { from, to } : undefined;
}

/** Sorted, disjoint intervals that cover the same instants. */
export function union(intervals: readonly Interval[]): Interval[] {
  const result: { from: number; to: number }[] = [];
  for (const i of [...intervals].filter((x) => x.from < x.to).sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && i.from <= last.to) last.to = Math.max(last.to, i.to);
    else result.push({ ...i });
  }
  return result;
}

export const HOUR_MS = 3_600_000;

/** Start of the UTC hour that holds the instant. */
export const hourOf = (instant: number): number => Math.floor(instant / HOUR_MS) * HOUR_MS;

/** Starts of all UTC hours that touch [from, to); an empty interval touches none. */
export function hoursOf(i: Interval): number[] {
  const result: number[] = [];
  if (i.from >= i.to) return result;
  for (let hour = hourOf(i.from); hour < i.to; hour += HOUR_MS) result.push(hour);
  return result;
}
