import { Decimal, HOUR_MS, hourOf, ZERO } from '@throughline/kernel';

/** A counter's value as one message carried it. */
export interface CounterReading {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
  /** Event time, ms since the epoch. */
  readonly ts: number;
  readonly value: Decimal;
  /** Value before a deep fall to this one, on which nothing was counted since: the next reading may have it back. */
  readonly fellFrom?: Decimal;
}

/** What one reading added to the counter's total. */
export interface CounterStep {
  /** The reading it is measured from; none when this one is a new base. */
  readonly from?: CounterReading;
  readonly to: CounterReading;
  readonly delta: Decimal;
  /** Why nothing was added or the step is not a plain difference. */
  readonly note?: 'first_reading' | 'controller_exchanged' | 'rollover' | 'reset' | 'fell' | 'recovered' | 'leapt';
  /** Event time of a reading that leapt up and is passed over: the counter still stands at `to`, and nothing is added. */
  readonly leaptAt?: number;
}

/** A fall is read as a rollover only when it means that at most this share of the counter's range went by in one step. */
const ROLLOVER_SHARE = new Decimal('0.1');

/** A fall to less than this share of the value before is deep: a board that failed to read its counter, or lost it. */
const DEEP_SHARE = new Decimal('0.5');

/** A leap may come back this long after it, also in the next hour: a little more than the quarter of an hour between readings. */
export const LEAP_MS = 16 * 60_000;

const byEventTime = (a: CounterReading, b: CounterReading): number =>
  a.ts - b.ts || (a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : a.boot - b.boot || a.seq - b.seq);

/** Digits after the point that windows are stored with. */
const SCALE = 12;
/** A double this large counts in steps of a hundred thousand: what says so is broken, not a counter. */
const MAX_VALUE = new Decimal('1e21');

/**
 * A double's shortest decimal text that reads back as the same double: 0.1 is 0.1, and no digit is invented. Rounded here,
 * before any difference is taken, to what windows are stored with, so that their sums stay exact.
 */
export const decimalOf = (value: number): Decimal => new Decimal(String(value)).toDecimalPlaces(SCALE);

/**
 * The steps of a counter, in event-time order; readings may come in any order and more than once.
 *
 * - Plain: the difference to the reading before.
 * - Another board: its first reading is a new base. A delta never spans two boards.
 * - A reading whose event time contradicts the board's own numbering (a later (boot, seq) was read at an earlier event
 *   time: the clock was set back) is passed over: it says nothing the later one does not.
 * - A fall with a rollover in the schema, when at most a tenth of the range went by: goes on over the end of the range.
 * - Any other fall, after a reboot or not: a new base, nothing is billed. The counter may have restarted at 0 or at a value
 *   saved earlier; counting from 0 would bill the second kind twice, so what ran between the two readings is given away.
 * - A leap to more than twice the value that comes back within its hour, or within `LEAP_MS`, and its boot to between the value
 *   before and half of the leap: it is passed over. Each reading is judged by itself against the base and what comes after it, so
 *   hours computed one by one, with `LEAP_MS` of readings after them, judge as all at once do.
 * - A rise in one step from a deep fall to where the counter was before, or above: it never lost its value (it was read as 0
 *   once, or before it was loaded). Only what lies above the value before the fall counts; a lifetime is not billed anew.
 *
 * A step is never negative, and their sum never exceeds what a faithful counter counted.
 */
export function* counterSteps(readings: readonly CounterReading[], rollover?: number): Generator<CounterStep> {
  const ordered = readings.filter(({ value }) => value.abs().lte(MAX_VALUE)).sort(byEventTime);
  let base: CounterReading | undefined;
  for (const [i, reading] of ordered.entries()) {
    if (base?.deviceId !== reading.deviceId) {
      yield { to: reading, delta: ZERO, note: base ? 'controller_exchanged' : 'first_reading' };
      base = reading;
    } else {
      if (reading.boot < base.boot || (reading.boot === base.boot && reading.seq <= base.seq)) continue;
      if (comesBack(base, reading, ordered, i, rollover)) {
        yield { from: base, to: base, delta: ZERO, note: 'leapt', leaptAt: reading.ts };
        continue;
      }
      const step = stepOf(base, reading, rollover);
      const fellFrom = lostBy(base, reading, step.note);
      const to: CounterReading = fellFrom ? { ...reading, fellFrom } : reading;
      yield { from: base, to, ...step };
      base = to;
    }
  }
}

/** Whether a later reading takes the one at `at` back as a leap. A base at nothing tells no leap from a counter loaded late. */
function comesBack(
  base: CounterReading,
  top: CounterReading,
  ordered: readonly CounterReading[],
  at: number,
  rollover: number | undefined,
): boolean {
  const half = top.value.times(DEEP_SHARE);
  if (base.fellFrom || !base.value.greaterThan(0) || half.lte(base.value)) return false;
  for (let i = at + 1; i < ordered.length; i += 1) {
    const next = ordered[i];
    if (next?.deviceId !== top.deviceId || next.boot !== top.boot || !isNear(top.ts, next.ts)) return false;
    if (next.seq <= top.seq) continue;
    if (next.value.lessThan(base.value)) return false;
    if (next.value.lessThan(half)) return stepOf(top, next, rollover).note !== 'rollover';
  }
  return false;
}

const isNear = (ts: number, later: number): boolean =>
  later - ts <= LEAP_MS || hourOfReading(later) === hourOfReading(ts);

/** What a reading has lost, if its value is the bottom of a deep fall. */
function lostBy(from: CounterReading, to: CounterReading, note: CounterStep['note']): Decimal | undefined {
  if (note === 'rollover') return undefined;
  if (to.value.equals(from.value)) return from.fellFrom;
  const before = from.fellFrom ?? from.value;
  return to.value.lessThan(from.value) && to.value.lessThan(before.times(DEEP_SHARE)) ? before : undefined;
}

function stepOf(
  from: CounterReading,
  to: CounterReading,
  rollover: number | undefined,
): Pick<CounterStep, 'delta' | 'note'> {
  const difference = to.value.minus(from.value);
  if (from.fellFrom && to.value.gte(from.fellFrom)) return { delta: to.value.minus(from.fellFrom), note: 'recovered' };
  if (!difference.isNegative()) return { delta: difference };
  if (rollover !== undefined) {
    const over = difference.plus(decimalOf(rollover));
    if (!over.isNegative() && over.lte(decimalOf(rollover).times(ROLLOVER_SHARE)))
      return { delta: over, note: 'rollover' };
  }
  return { delta: ZERO, note: to.boot > from.boot ? 'reset' : 'fell' };
}

/** Start of the hour a reading's step belongs to: a reading exactly on the hour closes the hour before. */
export const hourOfReading = (ts: number): number => hourOf(ts - 1);

/** What the readings of one hour (start, start + 1 h] add up to. */
export interface CounterHour {
  readonly hour: number;
  readonly quantity: Decimal;
  /** Readings in the hour that count; none where all of them leapt. */
  readonly messages: number;
  /** The reading the hour is measured from: the last one before it, when the first step has a base. */
  readonly from?: CounterReading;
  readonly to: CounterReading;
  readonly notes: readonly string[];
}

/**
 * Steps summed by UTC hour, for hours in [from, to); hours without a reading are left out: nothing is spread over them.
 * `readings` must reach back to the reading before `from` and on to `LEAP_MS` after `to`; those that are not of these hours only
 * serve as base, and to tell leaps.
 */
export function counterHours(
  readings: readonly CounterReading[],
  range: { readonly from: number; readonly to: number },
  rollover?: number,
): CounterHour[] {
  const hours = new Map<number, { steps: CounterStep[] }>();
  for (const step of counterSteps(readings, rollover)) {
    const hour = hourOfReading(step.leaptAt ?? step.to.ts);
    if (hour < range.from || hour + HOUR_MS > range.to) continue;
    const entry = hours.get(hour) ?? { steps: [] };
    entry.steps.push(step);
    hours.set(hour, entry);
  }
  return [...hours].map(([hour, { steps }]) => summed(hour, steps));
}

function summed(hour: number, steps: readonly CounterStep[]): CounterHour {
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) throw new RangeError('an hour of no steps');
  return {
    hour,
    quantity: steps.reduce((total, { delta }) => total.plus(delta), ZERO),
    messages: steps.filter((step) => step.leaptAt === undefined).length,
    ...(first.from ? { from: first.from } : {}),
    to: last.to,
    notes: steps
      .flatMap(({ note, to, leaptAt }) => (note ? [`${note} at ${new Date(leaptAt ?? to.ts).toISOString()}`] : []))
      .slice(0, MAX_NOTES),
  };
}

/** A counter that falls with every message must not make a window's evidence grow without bound. */
const MAX_NOTES = 20;
