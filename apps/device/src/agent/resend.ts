import type { BootNumbers } from './journal.js';
import type { NumberRange } from './number-ranges.js';

const MAX_RANGES = 1_000;
/** Ranges in one event: what the server takes. */
const RANGES_A_WORD = 100;

/** The server's request on `cmd/{thing}/telemetry/resend`; undefined when it is none. */
export function parseResend(payload: string): BootNumbers | undefined {
  try {
    const { boot, ranges } = JSON.parse(payload) as Partial<Record<keyof BootNumbers, unknown>>;
    if (!whole(boot, 1) || !Array.isArray(ranges) || ranges.length === 0 || ranges.length > MAX_RANGES)
      return undefined;
    return ranges.every(isRange) ? { boot, ranges } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What of a request can have been sent at all: no boot to come, and of the present one no number to come. */
export function askable({ boot, ranges }: BootNumbers, present: { boot: number; seq: number }): BootNumbers {
  if (boot < present.boot) return { boot, ranges };
  const last = boot === present.boot ? present.seq : 0;
  const known = ranges.filter(([from]) => from <= last).map(([from, to]): NumberRange => [from, Math.min(to, last)]);
  return { boot, ranges: known };
}

/** Payloads of the events that say what the journal does not have any more. */
export function lostEvents(lost: BootNumbers, ts: number, boot: number): string[] {
  const events: string[] = [];
  for (let i = 0; i < lost.ranges.length; i += RANGES_A_WORD) {
    const detail = { boot: lost.boot, ranges: lost.ranges.slice(i, i + RANGES_A_WORD) };
    events.push(JSON.stringify({ ts, boot, type: 'telemetry_lost', detail }));
  }
  return events;
}

const whole = (value: unknown, min: number): value is number => Number.isSafeInteger(value) && Number(value) >= min;

const isRange = (value: unknown): value is NumberRange =>
  Array.isArray(value) && value.length === 2 && whole(value[0], 1) && whole(value[1], value[0]);
