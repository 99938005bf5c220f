import { Compressor, type CompressorOptions, type MachineEvent, type Reading } from './compressor.js';
import { type Profile, profileNamed } from './profile.js';
import type { Truth } from './truth.js';

const HOUR_MS = 3_600_000;

export interface SimulationOptions extends Omit<CompressorOptions, 'profile'> {
  /** First instant, ms since epoch. */
  readonly from: number;
  /** End, ms since epoch; the period is [from, to). */
  readonly to: number;
  /** Regular distance of readings, ms; counted from `from`. */
  readonly intervalMs: number;
  /** A profile or the name of one; default `two-shift`. */
  readonly profile?: Profile | string;
  /** A reading on each full hour, so that hourly windows have exact edges. Default true. */
  readonly hourMarks?: boolean;
  /** A last reading exactly at `to`. Default true. */
  readonly endReading?: boolean;
}

export type SimulatedItem = ({ readonly kind: 'reading' } & Reading) | ({ readonly kind: 'event' } & MachineEvent);

export interface Simulation {
  readonly machine: Compressor;
  /** Readings and events in order of time; an event comes before the reading of the same instant. */
  items(): Generator<SimulatedItem>;
  readings(): Generator<Reading>;
  events(): readonly MachineEvent[];
  /** The exact truth of a part, by default of the whole period. */
  truth(from?: number, to?: number): Truth;
}

/** Readings and events in (after, until]: regular ticks at `phase + n · intervalMs`, every change of state, extra marks. */
export function* itemsBetween(
  machine: Compressor,
  range: {
    after: number;
    until: number;
    intervalMs: number;
    phase: number;
    hourMarks?: boolean;
    marks?: readonly number[];
  },
): Generator<SimulatedItem> {
  const { after, until, intervalMs, phase } = range;
  const extra = new Set<number>(range.marks);
  for (const at of machine.changes(after, until)) extra.add(at);
  if (range.hourMarks) {
    for (let at = (Math.floor(after / HOUR_MS) + 1) * HOUR_MS; at <= until; at += HOUR_MS) extra.add(at);
  }
  const events = machine.events(after, until);
  const pending = [...extra].filter((at) => at > after && at <= until).sort((a, b) => a - b);
  let tick = phase + (Math.floor((after - phase) / intervalMs) + 1) * intervalMs;
  let event = 0;
  let mark = 0;
  for (;;) {
    const at = Math.min(tick, pending[mark] ?? Number.POSITIVE_INFINITY);
    for (let next = events[event]; next && next.ts <= Math.min(at, until); next = events[event]) {
      yield { kind: 'event', ...next };
      event += 1;
    }
    if (at > until) return;
    yield { kind: 'reading', ...machine.readingAt(at) };
    if (tick === at) tick += intervalMs;
    if (pending[mark] === at) mark += 1;
  }
}

/**
 * Simulates one compressor over [from, to). Pure: equal options give equal items, and any part of a longer period gives
 * the same states, counters and gauges for the same instants.
 * @throws RangeError for an empty period, an interval below 1 s or an unknown profile.
 */
export function simulateCompressor(options: SimulationOptions): Simulation {
  const { from, to, intervalMs, profile, hourMarks = true, endReading = true, ...rest } = options;
  if (!(to > from)) throw new RangeError(`to: ${to} must lie after from: ${from}`);
  if (!(Number.isSafeInteger(intervalMs) && intervalMs >= 1000))
    throw new RangeError(`intervalMs: ${intervalMs} must be a whole number of at least 1000`);
  const machine = new Compressor({ ...rest, profile: typeof profile === 'string' ? profileNamed(profile) : profile });
  const last = endReading ? to : to - 1;
  const items = function* (): Generator<SimulatedItem> {
    const marks = endReading ? [from, to] : [from];
    yield* itemsBetween(machine, { after: from - 1, until: last, intervalMs, phase: from, hourMarks, marks });
  };
  return {
    machine,
    items,
    *readings() {
      for (const item of items()) if (item.kind === 'reading') yield { ts: item.ts, m: item.m };
    },
    events: () => machine.events(from - 1, last),
    truth: (start = from, end = to) => machine.truth(start, end),
  };
}
