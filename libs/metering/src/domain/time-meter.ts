import type { TimelineInterval } from '@throughline/availability';
import { Decimal, HOUR_MS, hourOf } from '@throughline/kernel';
import type { MeterDefinition } from './meter.js';

/** Seconds of one hour that a meter of time counted, and what they rest on. */
export interface TimeHour {
  readonly hour: number;
  /** Seconds, exact to the millisecond. */
  readonly quantity: Decimal;
  readonly messages: number;
}

type TimeMeter = Exclude<MeterDefinition, { type: 'counter' }>;

/** Whether a meter counts an interval: by the state's name from the state map, or by category. */
export function counts(meter: TimeMeter, i: TimelineInterval): boolean {
  if (meter.type === 'available_hours') return meter.categories.includes(i.category);
  return i.source === 'state_map' && i.category !== 'unknown' && meter.states.includes(i.detail);
}

/**
 * Time in a meter's states or categories by UTC hour, for the hours of [from, to); hours with none are left out. Intervals
 * must not overlap; their order does not matter.
 */
export function timeHours(
  intervals: readonly TimelineInterval[],
  range: { readonly from: number; readonly to: number },
  meter: TimeMeter,
): TimeHour[] {
  const hours = new Map<number, { ms: number; messages: number }>();
  for (const i of intervals) {
    if (!counts(meter, i)) continue;
    const end = Math.min(i.to, range.to);
    for (let from = Math.max(i.from, range.from); from < end; from = hourOf(from) + HOUR_MS) {
      const hour = hourOf(from);
      const entry = hours.get(hour) ?? { ms: 0, messages: 0 };
      entry.ms += Math.min(end, hour + HOUR_MS) - from;
      // Stored intervals never cross an hour, so an interval's messages belong to its one hour.
      if (i.from >= hour) entry.messages += i.evidence.messages;
      hours.set(hour, entry);
    }
  }
  return [...hours]
    .sort(([a], [b]) => a - b)
    .map(([hour, { ms, messages }]) => ({ hour, quantity: new Decimal(ms).div(1000), messages }));
}
