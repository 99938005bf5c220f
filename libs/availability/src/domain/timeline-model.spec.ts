import fc from 'fast-check';
import { liveState } from '../application/live-states.js';
import { availabilityOf, rawDefinition } from './availability.js';
import { type Category, categories, type TimelineInterval } from './category.js';
import { deriveStates } from './derive-states.js';
import type { StateReading } from './reading.js';
import { deriveTimeline, type PresenceSpan } from './timeline.js';
import { timelineChange } from './timeline-change.js';

/** The timeline said again an instant at a time, as slowly and plainly as can be. */
const SECOND = 1_000;
const devices = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b'] as const;
const states: Record<string, { name: string; category: Category; fraction?: string }> = {
  '0': { name: 'stopped', category: 'customer_caused' },
  '1': { name: 'service', category: 'planned_maintenance' },
  '2': { name: 'loaded', category: 'producing' },
  '3': { name: 'standby', category: 'ready' },
  '4': { name: 'fault', category: 'vendor_down' },
  '5': { name: 'no power', category: 'utility' },
  '6': { name: 'derated', category: 'degraded', fraction: '0.6' },
};
const stateMap = { states };
const LENGTH = 1_200;

const readings = fc
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
const presence = fc
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
const stale = fc.integer({ min: 1, max: 300 }).map((s) => s * SECOND);
const interval = { from: 0, to: LENGTH * SECOND };

const precedes = (a: StateReading, b: StateReading): boolean => {
  const key = ({ ref }: StateReading) => [ref.ts, ref.deviceId, ref.boot, ref.seq] as const;
  const [x, y] = [key(a), key(b)];
  for (const n of [0, 1, 2, 3] as const) if (x[n] !== y[n]) return x[n] < y[n];
  return false;
};

/** What is true at an instant, from everything that was said up to it. */
function at(t: number, said: readonly StateReading[], spans: readonly PresenceSpan[], staleAfterMs: number) {
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

const inWords = (i: TimelineInterval) => ({
  category: i.category,
  source: i.source,
  why:
    i.source === 'silence'
      ? ''
      : i.source === 'presence'
        ? i.detail.replace('not connected since ', '')
        : i.detail.includes('has not said')
          ? 'not said'
          : i.detail.replace(/^state (.*) is not in the state map$/, '$1'),
});

describe('the timeline', () => {
  it('says of every second, and why, what that second by itself says', () => {
    fc.assert(
      fc.property(readings, presence, stale, (said, spans, staleAfterMs) => {
        const timeline = deriveTimeline({ readings: said, presence: spans, stateMap, staleAfterMs, interval });
        let n = 0;
        for (let t = interval.from; t < interval.to; t += 7 * SECOND) {
          while ((timeline[n]?.to ?? interval.to) <= t) n += 1;
          const part = timeline[n];
          if (!part) throw new Error(`nothing at ${t}`);
          expect(inWords(part)).toEqual(at(t, said, spans, staleAfterMs));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('has shares that add up to the period, in whole and by category', () => {
    fc.assert(
      fc.property(readings, presence, stale, (said, spans, staleAfterMs) => {
        const timeline = deriveTimeline({ readings: said, presence: spans, stateMap, staleAfterMs, interval });
        const figure = availabilityOf(timeline, interval, rawDefinition);
        const shares = Object.entries(figure.byCategory);
        expect(shares.reduce((ms, [, share]) => ms + share, 0)).toBe(interval.to);
        for (const [category, share] of shares) {
          expect(categories).toContain(category);
          const own = timeline.filter((i) => i.category === category);
          expect(own.reduce((ms, i) => ms + i.to - i.from, 0)).toBe(share);
        }
        expect(figure.notMeasuredMs + figure.excludedMs + figure.measuredMs).toBe(interval.to);
        expect(figure.excludedMs).toBe(figure.byCategory.unknown ?? 0);
      }),
    );
  });

  it('gives planned maintenance to neither side where it is excluded, and all of it to one where it is not', () => {
    fc.assert(
      fc.property(readings, stale, (said, staleAfterMs) => {
        const timeline = deriveTimeline({ readings: said, presence: [], stateMap, staleAfterMs, interval });
        const base = { ...rawDefinition, degraded: 'as_up' as const };
        const without = { ...base, down: base.down.filter((c) => c !== 'planned_maintenance') };
        const down = availabilityOf(timeline, interval, base);
        const out = availabilityOf(timeline, interval, { ...without, excluded: ['planned_maintenance'] });
        const up = availabilityOf(timeline, interval, { ...without, up: [...base.up, 'planned_maintenance'] });
        const planned = down.byCategory.planned_maintenance ?? 0;
        expect(Number(down.downMs) - Number(out.downMs)).toBe(planned);
        expect(out.excludedMs - down.excludedMs).toBe(planned);
        expect(out.upMs).toBe(down.upMs);
        expect(Number(up.upMs) - Number(down.upMs)).toBe(planned);
        if (down.percent === null || out.percent === null || up.percent === null) return;
        expect(Number(down.percent)).toBeLessThanOrEqual(Number(out.percent));
        expect(Number(out.percent)).toBeLessThanOrEqual(Number(up.percent));
      }),
    );
  });

  it('at its newest end is what the live state shows', () => {
    fc.assert(
      fc.property(readings, stale, fc.integer({ min: 0, max: LENGTH - 1 }), (said, staleAfterMs, second) => {
        const now = second * SECOND + 1;
        // One message an instant: which of two is the newest is the store's to say.
        const past = [...new Map(said.filter((r) => r.ref.ts <= now).map((r) => [r.ref.ts, r])).values()];
        const newest = past.reduce<StateReading | undefined>((a, b) => (a && a.ref.ts > b.ref.ts ? a : b), undefined);
        const range = { from: -1_000 * SECOND, to: 2 * interval.to };
        const stored = deriveStates({ readings: past, stateMap, staleAfterMs, interval: range, hourly: true });
        const entry = stored.filter((i) => i.from <= now).at(-1);
        const value = newest?.state ?? undefined;
        // The store keeps numbers; a state that is none is a value like any other that the map does not hold.
        const reading = newest && {
          ...newest.ref,
          values: new Map(value === undefined ? [] : [['state', value === 'x' ? 99 : Number(value)]]),
        };
        const live = liveState(
          { stateMap: { metric: 'state', ...stateMap }, staleAfterMs } as Parameters<typeof liveState>[0],
          entry && { ...entry, id: 'e', assetId: 'a', since: entry.from },
          reading as Parameters<typeof liveState>[2],
          now,
        );
        expect(live.category).toBe(at(now, past, [], staleAfterMs).category);
      }),
      { numRuns: 300 },
    );
  });
});

describe('stored beliefs, brought up to date message by message', () => {
  it('end where all messages at once lead to, whatever their order and doubles', () => {
    const batches = readings.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list, ...list], { minLength: list.length }),
        fc.integer({ min: 1, max: 9 }),
      ),
    );
    const range = { from: -1_000 * SECOND, to: 3 * interval.to };
    fc.assert(
      fc.property(batches, stale, ([list, order, size], staleAfterMs) => {
        const derive = (said: readonly StateReading[]) =>
          deriveStates({ readings: said, stateMap, staleAfterMs, interval: range, hourly: true });
        type Row = TimelineInterval & { id: string; assetId: string };
        let [stored, serial, now]: [Row[], number, number] = [[], 0, 0];
        const come: StateReading[] = [];
        const take = (more: readonly StateReading[]) => {
          come.push(...more);
          now += 61 * SECOND;
          const { superseded, added, grown } = timelineChange(stored, derive(come), now);
          const gone = new Set([...superseded, ...grown].map((entry) => entry.id));
          for (const entry of grown) {
            const before = stored.find((one) => one.id === entry.id);
            // Only what ends in the future may be changed in place, and only to last longer.
            expect(before?.to).toBeGreaterThanOrEqual(now);
            expect(entry.to).toBeGreaterThanOrEqual(before?.to ?? 0);
          }
          const fresh = added.map((i): Row => ({ ...i, id: `e${++serial}`, assetId: 'a' }));
          stored = [...stored.filter((one) => !gone.has(one.id)), ...grown, ...fresh].sort((a, b) => a.from - b.from);
        };
        for (let n = 0; n < order.length; n += size) take(order.slice(n, n + size));
        take(list);
        expect(stored.map(({ id: _, assetId: _a, ...i }) => i)).toEqual(derive(list));
        const again = timelineChange(stored, derive(list), now);
        expect([again.superseded, again.added, again.grown]).toEqual([[], [], []]);
      }),
    );
  });
});
