import { shown } from '@throughline/kernel';
import { EARLIEST_TS, MAX_AHEAD_MS, MAX_BOOT } from './limits.js';
import type { Refusal } from './refusal.js';

export interface MessageIdentity {
  boot: number;
  seq: number;
  ts: number;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Event time in ms since the epoch from an integer or an RFC 3339 text; undefined for anything else. */
export function eventTime(ts: unknown): number | undefined {
  if (typeof ts === 'number') return Number.isSafeInteger(ts) ? ts : undefined;
  if (typeof ts !== 'string' || ts.length > 40 || !rfc3339.test(ts)) return undefined;
  const instant = Date.parse(ts);
  return Number.isNaN(instant) ? undefined : instant;
}

/** Why an event time cannot be stored, or undefined. `now` is ours, ms since the epoch. */
export function timeFault(ts: unknown, instant: number | undefined, now: number): Refusal | undefined {
  if (instant === undefined)
    return {
      reason: 'bad_time',
      rule: `ts: must be whole milliseconds since 1970 or RFC 3339 text (given: ${shown(ts)})`,
    };
  if (instant < EARLIEST_TS)
    return {
      reason: 'bad_time',
      rule: `ts: must not be before ${new Date(EARLIEST_TS).toISOString()} (given: ${shown(ts)})`,
    };
  if (instant > now + MAX_AHEAD_MS)
    return {
      reason: 'bad_time',
      rule: `ts: must be at most ${MAX_AHEAD_MS / 60_000} minutes ahead of our clock (given: ${shown(ts)})`,
    };
  return undefined;
}

const count = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max && !Object.is(value, -0);

/** Why `boot` and `seq` do not name a message, or undefined. Both absent is the legacy mode and no fault. */
export function identityFault(boot: unknown, seq: unknown): Refusal | undefined {
  if (boot === undefined && seq === undefined) return undefined;
  if (!count(boot, MAX_BOOT))
    return {
      reason: 'bad_identity',
      rule: `boot: must be a whole number from 0 to ${MAX_BOOT} (given: ${shown(boot)})`,
    };
  if (!count(seq, Number.MAX_SAFE_INTEGER))
    return { reason: 'bad_identity', rule: `seq: must be a whole number from 0 to 2^53 - 1 (given: ${shown(seq)})` };
  return undefined;
}
