import { HOUR_MS } from '@throughline/kernel';
import fc from 'fast-check';
import type { MessageRef, TimelineInterval } from './category.js';
import { CARRY_MS, deriveStates } from './derive-states.js';
import type { StateReading } from './reading.js';
import { joined } from './timeline.js';

const A = '00000000-0000-7000-8000-00000000000a';
const B = '00000000-0000-7000-8000-00000000000b';
const stateMap = {
  states: {
    '0': { name: 'stopped', category: 'customer_caused' },
    '2': { name: 'loaded', category: 'producing' },
    '4': { name: 'fault', category: 'vendor_down' },
    '6': { name: 'derated', category: 'degraded', fraction: '0.6' },
  },
};
const STALE = 180_000;

const at = (ts: number, state: string | null, seq = ts, boot = 1, deviceId = A): StateReading => ({
  state,
  ref: { deviceId, boot, seq, ts },
});
const short = (i: TimelineInterval) => [i.from, i.to, i.category, i.detail];
const derive = (readings: StateReading[], from: number, to: number, staleAfterMs = STALE) =>
  deriveStates({ readings, stateMap, staleAfterMs, interval: { from, to } });

describe('deriveStates', () => {
  it('holds a state until the next message', () => {
    const result = derive([at(0, '2'), at(60_000, '4'), at(120_000, '4')], 0, 150_000);
    expect(result.map(short)).toEqual([
      [0, 60_000, 'producing', 'loaded'],
      [60_000, 150_000, 'vendor_down', 'fault'],
    ]);
    expect(result[1]?.evidence).toEqual({
      first: { deviceId: A, boot: 1, seq: 60_000, ts: 60_000 },
      last: { deviceId: A, boot: 1, seq: 120_000, ts: 120_000 },
      messages: 2,
    });
  });

  it('leaves out what lies more than staleAfterMs after the last message, and not a millisecond before', () => {
    expect(derive([at(0, '2'), at(STALE, '2'), at(2 * STALE + 1, '2')], 0, 10 * STALE).map(short)).toEqual([
      [0, 2 * STALE, 'producing', 'loaded'],
      [2 * STALE + 1, 3 * STALE + 1, 'producing', 'loaded'],
    ]);
  });

  it('takes the state at the start from the message before it, which is its evidence but does not lie in it', () => {
    const [only, ...rest] = derive([at(1_000, '6')], 60_000, 120_000);
    expect(rest).toEqual([]);
    expect(only).toEqual({
      from: 60_000,
      to: 120_000,
      category: 'degraded',
      fraction: '0.6',
      source: 'state_map',
      detail: 'derated',
      evidence: { first: at(1_000, '6').ref, last: at(1_000, '6').ref, messages: 0 },
    });
  });

  it('carries a state over messages that do not say one, but not over silence and not for more than a day', () => {
    expect(derive([at(0, '2'), at(STALE, null)], 0, HOUR_MS).map(short)).toEqual([
      [0, 2 * STALE, 'producing', 'loaded'],
    ]);
    expect(derive([at(0, '2'), at(STALE + 1, null)], 0, HOUR_MS).map(short)).toEqual([
      [0, STALE, 'producing', 'loaded'],
      [STALE + 1, 2 * STALE + 1, 'unknown', 'the device speaks but has not said its state'],
    ]);
    const day = Array.from({ length: CARRY_MS / 60_000 + 10 }, (_, i) => at(i * 60_000, i === 0 ? '2' : null));
    const result = derive(day, 0, 2 * CARRY_MS);
    expect(result.map((i) => [i.from, i.category])).toEqual([
      [0, 'producing'],
      [CARRY_MS + 60_000, 'unknown'],
    ]);
  });

  it('knows no category for a state that is not in the map, nor for one inherited by every object', () => {
    const result = derive([at(0, '9'), at(60_000, 'constructor')], 0, 120_000);
    expect(result.map(short)).toEqual([
      [0, 60_000, 'unknown', 'state 9 is not in the state map'],
      [60_000, 120_000, 'unknown', 'state constructor is not in the state map'],
    ]);
  });

  it('lets the highest (boot, seq) of equal times decide and still counts the others', () => {
    const result = derive([at(0, '4', 7), at(0, '2', 9), at(0, '0', 8)], 0, 60_000);
    expect(result.map(short)).toEqual([[0, 60_000, 'producing', 'loaded']]);
    expect(result[0]?.evidence.messages).toBe(3);
  });

  it('goes on with the new board after an exchange', () => {
    expect(derive([at(0, '4', 1), at(60_000, '2', 1, 1, B)], 0, 90_000).map(short)).toEqual([
      [0, 60_000, 'vendor_down', 'fault'],
      [60_000, 90_000, 'producing', 'loaded'],
    ]);
  });

  it('cuts at UTC hours for storing', () => {
    const result = deriveStates({
      readings: [at(HOUR_MS - 1_000, '2')],
      stateMap,
      staleAfterMs: STALE,
      interval: { from: 0, to: 2 * HOUR_MS },
      hourly: true,
    });
    expect(result.map((i) => [i.from, i.to, i.evidence.messages])).toEqual([
      [HOUR_MS - 1_000, HOUR_MS, 1],
      [HOUR_MS, HOUR_MS + STALE - 1_000, 0],
    ]);
  });
});

/** Messages on a coarse grid of minutes, so that equal times, exact staleness and hour bounds come often. */
const someReadings = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 0, max: 400 }),
      state: fc.constantFrom('0', '2', '2', '4', '6', '9', null),
      board: fc.constantFrom(A, B),
    }),
    { maxLength: 60 },
  )
  .map((list) => list.map((m, i) => at(m.minute * 60_000, m.state, i + 1, 1, m.board)));

const range = fc
  .tuple(fc.integer({ min: 0, max: 420 }), fc.integer({ min: 0, max: 420 }))
  .map(([a, b]) => ({ from: Math.min(a, b) * 60_000, to: Math.max(a, b) * 60_000 }));

/** The rule said again, an instant at a time. */
function categoryAt(readings: readonly StateReading[], t: number): string | undefined {
  const until = readings
    .filter((r) => r.ref.ts <= t)
    .sort((a, b) => {
      const key = (r: MessageRef) => [r.ts, r.deviceId, r.boot, r.seq] as const;
      const [x, y] = [key(a.ref), key(b.ref)];
      for (let i = 0; i < 4; i += 1) if (x[i] !== y[i]) return (x[i] ?? 0) < (y[i] ?? 0) ? -1 : 1;
      return 0;
    });
  let later = t;
  for (let i = until.length - 1; i >= 0; i -= 1) {
    const r = until[i];
    if (!r) break;
    const newest = i === until.length - 1;
    if (newest && t - r.ref.ts >= STALE) return undefined;
    if (!newest && later - r.ref.ts > STALE) return 'unknown';
    if (r.state !== null)
      return (stateMap.states as Record<string, { category: string }>)[r.state]?.category ?? 'unknown';
    later = r.ref.ts;
  }
  return until.length > 0 ? 'unknown' : undefined;
}

const spread = (intervals: readonly TimelineInterval[], from: number, to: number) => {
  const result: (string | undefined)[] = [];
  for (let t = from; t < to; t += 30_000) result.push(intervals.find((i) => t >= i.from && t < i.to)?.category);
  return result;
};

describe('deriveStates, for any messages', () => {
  it('says of every instant what the rule says', () => {
    fc.assert(
      fc.property(someReadings, range, (readings, interval) => {
        const result = deriveStates({ readings, stateMap, staleAfterMs: STALE, interval });
        const expected: (string | undefined)[] = [];
        for (let t = interval.from; t < interval.to; t += 30_000) expected.push(categoryAt(readings, t));
        expect(spread(result, interval.from, interval.to)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('gives ordered intervals without overlap that lie in the range', () => {
    fc.assert(
      fc.property(someReadings, range, fc.boolean(), (readings, interval, hourly) => {
        let end = interval.from;
        for (const i of deriveStates({ readings, stateMap, staleAfterMs: STALE, interval, hourly })) {
          expect(i.from).toBeGreaterThanOrEqual(end);
          expect(i.to).toBeGreaterThan(i.from);
          end = i.to;
        }
        expect(end).toBeLessThanOrEqual(interval.to);
      }),
    );
  });

  it('does not depend on order or repetition', () => {
    const shuffled = someReadings.chain((readings) =>
      fc.tuple(
        fc.constant(readings),
        fc.shuffledSubarray([...readings, ...readings], { minLength: readings.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, range, ([readings, again], interval) => {
        const of = (r: readonly StateReading[]) =>
          deriveStates({ readings: r, stateMap, staleAfterMs: STALE, interval });
        expect(of(again)).toEqual(of(readings));
      }),
    );
  });

  it('gives the same in parts as in one, cut anywhere or at hours', () => {
    fc.assert(
      fc.property(someReadings, range, fc.integer({ min: 0, max: 420 }), (readings, interval, minute) => {
        const of = (from: number, to: number, hourly = false) =>
          deriveStates({ readings, stateMap, staleAfterMs: STALE, interval: { from, to }, hourly });
        const cut = Math.min(Math.max(minute * 60_000, interval.from), interval.to);
        const whole = of(interval.from, interval.to);
        expect(joined([...of(interval.from, cut), ...of(cut, interval.to)])).toEqual(whole);
        expect(joined(of(interval.from, interval.to, true))).toEqual(whole);
      }),
    );
  });

  it('counts every message of known time once', () => {
    fc.assert(
      fc.property(someReadings, (readings) => {
        const all = deriveStates({ readings, stateMap, staleAfterMs: STALE, interval: { from: 0, to: 500 * 60_000 } });
        expect(all.reduce((n, i) => n + i.evidence.messages, 0)).toBe(readings.length);
      }),
    );
  });
});
