import fc from 'fast-check';
import type { Category } from '../src/domain/category.js';
import type { StateReading } from '../src/domain/reading.js';
import type { PresenceSpan } from '../src/domain/timeline.js';

/** The timeline said again an instant at a time, as slowly and plainly as can be. */
export const SECOND = 1_000;
export const devices = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b'] as const;
export const states: Record<string, { name: string; category: Category; fraction?: string }> = {
  '0': { name: 'stopped', category: 'customer_caused' },
  '1': { name: 'service', category: 'planned_maintenance' },
  '2': { name: 'loaded', category: 'producing' },
  '3': { name: 'standby', category: 'ready' },
  '4': { name: 'fault', category: 'vendor_down' },
  '5': { name: 'no power', category: 'utility' },
  '6': { name: 'derated', category: 'degraded', fraction: '0.6' },
};
export const stateMap = { states };
export const LENGTH = 1_200;

export const readings = fc
  .array(
    fc.record({
      second: fc.integer({ min: -400, max: LENGTH + 100 }),
      state: fc.constantFrom(...Object.keys(states), 'x', null),
      device: fc.constantFrom(...devices),
    }),
    { maxLength: 40 },
  )
  .map((list): StateReading[] =>
    list.map(({ second, state, device }, n) => ({
      state,
      ref: { deviceId: device, boot: 1 + (n % 3), seq: n, ts: second * SECOND },
    })),
  );
export const presence = fc
  .array(fc.tuple(fc.integer({ min: -500, max: LENGTH }), fc.option(fc.integer({ min: 0, max: 400 }), { freq: 6 })), {
    maxLength: 6,
  })
  .map((list): PresenceSpan[] =>
    list.map(([from, length], n) => ({
      id: `p${n}`,
      from: from * SECOND,
      to: length === null ? null : (from + length) * SECOND,
    })),
  );
export const stale = fc.integer({ min: 1, max: 300 }).map((s) => s * SECOND);
export const interval = { from: 0, to: LENGTH * SECOND };

const precedes = (a: StateReading, b: StateReading): boolean => {
  const key = ({ ref }: StateReading) => [ref.ts, ref.deviceId, ref.boot, ref.seq] as const;
  const [x, y] = [key(a), key(b)];
  for (const n of [0, 1, 2, 3] as const) if (x[n] !== y[n]) return x[n] < y[n];
  return false;
};

/** What is true at an instant, from everything that was said up to it. */
export function at(t: number, said: readonly StateReading[], spans: readonly PresenceSpan[], staleAfterMs: number) {
  const sofar = said.filter((r) => r.ref.ts <= t).sort((a, b) => (precedes(a, b) ? -1 : 1));
  const newest = sofar.at(-1);
  if (newest && t - newest.ref.ts < staleAfterMs) {
    // Back over messages without a state, as long as none is further from the next than a state holds.
    let n = sofar.length - 1;
    while (n > 0 && sofar[n]?.state === null && (sofar[n]?.ref.ts ?? 0) - (sofar[n - 1]?.ref.ts ?? 0) <= staleAfterMs)
      n -= 1;
    const state = sofar[n]?.state ?? null;
    if (state === null) return { category: 'unknown', source: 'state_map', why: 'not said' };
    const known = states[state];
    return known
      ? { category: known.category, source: 'state_map', why: known.name }
      : { category: 'unknown', source: 'state_map', why: state };
  }
  if (spans.some((s) => s.from <= t && (s.to === null || s.to > t)))
    return { category: 'unknown', source: 'silence', why: '' };
  const ended = spans.filter((s) => s.to !== null && s.to <= t).map((s) => s.to ?? 0);
  return ended.length === 0
    ? { category: 'unknown', source: 'silence', why: '' }
    : { category: 'unknown', source: 'presence', why: new Date(Math.max(...ended)).toISOString() };
}
