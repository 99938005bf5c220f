import type { Model } from '@throughline/fleet';
import { everyCustomer, type Logger } from '@throughline/platform';
import { ReadingValues, type StoredReading } from '@throughline/telemetry';
import fc from 'fast-check';
import { type MemoryMessage, memoryDatabase } from '../../../../test/support/in-memory.js';
import { MemoryTimeline } from '../../test/memory-timeline.js';
import {
  at,
  devices,
  interval,
  LENGTH,
  readings,
  SECOND,
  stale,
  stateMap,
  states,
} from '../../test/second-by-second.js';
import { availabilityOf, rawDefinition } from '../domain/availability.js';
import type { Category, TimelineInterval } from '../domain/category.js';
import { deriveStates } from '../domain/derive-states.js';
import type { StateReading } from '../domain/reading.js';
import type { StoredEntry } from '../domain/timeline-change.js';
import { toAvailability, toTimelineInterval } from '../inbound/graphql/shapes.js';
import type { DirtyStore } from '../storage/dirty.store.js';
import { liveState } from './live-states.js';
import { RecomputeMarkedTimelines } from './recompute-marked-timelines.js';
import type { RecomputeTimeline } from './recompute-timeline.js';

const model: Model = {
  id: 'm',
  name: 'm',
  title: 'M',
  staleAfterMs: 1_000,
  stateMap: {
    metric: 'state',
    states: {
      2: { name: 'loaded', category: 'producing' },
      6: { name: 'derated', category: 'degraded', fraction: '0.6' },
    },
  },
};
const schema = { modelId: 'm', version: 1, metrics: [{ name: 'state', title: '', unit: '1', kind: 'state' as const }] };
const reading = (ts: number, state: number): StoredReading => ({
  deviceId: 'd',
  boot: 1,
  seq: 1,
  ts,
  storedAt: ts,
  schemaVersion: 1,
  values: new ReadingValues(schema, [state]),
});
const entry = (to: number, category: Category, detail: string, since: number) => ({
  id: 'e',
  assetId: 'a',
  from: since,
  to,
  category,
  source: 'state_map',
  detail,
  evidence: { messages: 1 },
  since,
});

describe('liveState', () => {
  it('is what the newest message says, since its run began', () => {
    expect(liveState(model, entry(6_000, 'producing', 'loaded', 100), reading(5_500, 2), 5_600)).toEqual({
      category: 'producing',
      state: 'loaded',
      since: 100,
    });
  });

  it('is ahead of the stored timeline', () => {
    expect(liveState(model, entry(6_000, 'producing', 'loaded', 100), reading(5_500, 6), 5_600)).toEqual({
      category: 'degraded',
      state: 'derated',
      fraction: '0.6',
      since: 5_500,
    });
    expect(liveState(model, entry(4_000, 'producing', 'loaded', 100), reading(5_500, 2), 5_600).since).toBe(5_500);
    expect(liveState(model, entry(5_500, 'producing', 'loaded', 100), reading(5_500, 2), 5_600).since).toBe(100);
    expect(liveState(model, undefined, reading(5_500, 2), 5_600).since).toBe(5_500);
  });

  it('is unknown from the millisecond at which the newest message is stale', () => {
    const of = (now: number) => liveState(model, entry(6_000, 'producing', 'loaded', 100), reading(5_000, 2), now);
    expect(of(5_999).category).toBe('producing');
    expect(of(6_000)).toEqual({ category: 'unknown', since: 6_000 });
  });

  it('has no state name for a value that is not in the map', () => {
    expect(liveState(model, undefined, reading(5_500, 9), 5_600)).toEqual({ category: 'unknown', since: 5_500 });
  });

  it('follows the stored timeline where the newest message says no state or is ahead of the clock', () => {
    const held = entry(6_000, 'producing', 'loaded', 100);
    for (const r of [reading(5_500, Number.NaN), reading(9_000, 6), undefined])
      expect(liveState(model, held, r, 5_600)).toEqual({ category: 'producing', state: 'loaded', since: 100 });
    expect(liveState(model, held, undefined, 6_000)).toEqual({ category: 'unknown', since: 6_000 });
    expect(liveState(model, undefined, undefined, 6_000)).toEqual({ category: 'unknown' });
  });

  it('is what the timeline says of its newest instant, whatever was said', () => {
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

describe('the stored timeline, derived from marks as messages are committed', () => {
  const HOUR = 3_600_000;
  const map = { metric: 'state', states };
  const any = fc
    .array(
      fc.record({
        // Steps of ten minutes, so that hours, days and equal instants are hit often.
        step: fc.integer({ min: 0, max: 400 }),
        state: fc.constantFrom('0', '2', '4', '6', null, null),
        device: fc.constantFrom(...devices),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((list) =>
      list.map(({ step, state, device }, n) => ({
        deviceId: device,
        boot: 1,
        seq: n,
        ts: step * 600_000,
        values: state === null ? {} : { state: Number(state) },
      })),
    )
    .chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list, ...list.slice(0, 5)], { minLength: list.length + Math.min(5, list.length) }),
        fc.integer({ min: 1, max: 6 }),
      ),
    );
  const staleHours = fc.constantFrom(0.25, 1, 3, 11);
  const whole = { from: -HOUR, to: 120 * HOUR };
  const scratch = (list: readonly MemoryMessage[], staleAfterMs: number) =>
    deriveStates({
      readings: list.map(({ values, ...ref }) => ({
        state: values.state === undefined ? null : String(values.state),
        ref,
      })),
      stateMap,
      staleAfterMs,
      interval: whole,
      hourly: true,
    });
  const plain = ({ id: _, assetId: _a, ...interval }: StoredEntry): TimelineInterval => interval;

  it('is what all messages at once give, with its evidence, whatever order they came in', async () => {
    await fc.assert(
      fc.asyncProperty(any, staleHours, async ([list, order, size], hours) => {
        const world = new MemoryTimeline(map, hours * HOUR, 50 * HOUR);
        for (let n = 0; n < order.length; n += size) {
          await world.deliver(order.slice(n, n + size));
          world.clock.at += HOUR;
        }
        expect(world.entries.current().map(plain)).toEqual(scratch(list, hours * HOUR));
        // Nothing is left to derive, wherever one looks again.
        world.told.length = 0;
        await world.derive(whole);
        expect(world.told).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps a state that was said beside another message of the same instant, wherever it is derived from', async () => {
    const told = (minute: number, seq: number, state?: number): MemoryMessage => ({
      deviceId: devices[0],
      boot: 1,
      seq,
      ts: minute * 60_000,
      values: state === undefined ? {} : { state },
    });
    const list = [told(10, 1, 2), told(10, 2), told(150, 3)];
    const world = new MemoryTimeline(map, 3 * HOUR, 10 * HOUR);
    for (const message of list) await world.deliver([message]);
    expect(world.entries.current().map((i) => [i.from / 60_000, i.to / 60_000, i.category])).toEqual([
      [10, 60, 'producing'],
      [60, 120, 'producing'],
      [120, 180, 'producing'],
      [180, 240, 'producing'],
      [240, 300, 'producing'],
      [300, 330, 'producing'],
    ]);
    expect(world.entries.current().map(plain)).toEqual(scratch(list, 3 * HOUR));
  });

  it('is carried over a silence of exactly the time that a state holds', async () => {
    const told = (hour: number, state?: number): MemoryMessage => ({
      deviceId: devices[0],
      boot: 1,
      seq: hour + 1,
      ts: hour * HOUR,
      values: state === undefined ? {} : { state },
    });
    const world = new MemoryTimeline(map, 2 * HOUR, 20 * HOUR);
    await world.deliver([told(2), told(4), told(6)]);
    expect(new Set(world.entries.current().map((i) => i.category))).toEqual(new Set(['unknown']));
    await world.deliver([told(0, 2)]);
    expect(world.entries.current().map((i) => [i.from / HOUR, i.category])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((hour) => [hour, 'producing']),
    );
  });

  it('still knows what was believed at each earlier time', async () => {
    await fc.assert(
      fc.asyncProperty(any, staleHours, async ([, order, size], hours) => {
        const world = new MemoryTimeline(map, hours * HOUR, 20 * HOUR);
        const believed: { at: number; timeline: TimelineInterval[] }[] = [];
        const range = { from: 0, to: 100 * HOUR };
        const look = (asOf?: Date) => world.timelines.timelineOf(everyCustomer, 'a', range, asOf ? { asOf } : {});
        const shape = (list: readonly TimelineInterval[]) => list.map((i) => [i.from, i.to, i.category, i.detail]);
        for (let n = 0; n < order.length; n += size) {
          await world.deliver(order.slice(n, n + size));
          believed.push({ at: world.clock.at, timeline: await look() });
          world.clock.at += 40 * 60_000;
        }
        for (const { at, timeline } of believed) expect(shape(await look(new Date(at)))).toEqual(shape(timeline));
      }),
      { numRuns: 100 },
    );
  });

  it('tells of every stretch whose category changed', async () => {
    await fc.assert(
      fc.asyncProperty(any, staleHours, async ([, order, size], hours) => {
        const world = new MemoryTimeline(map, hours * HOUR, 80 * HOUR);
        let before: TimelineInterval[] = [];
        for (let n = 0; n < order.length; n += size) {
          world.told.length = 0;
          await world.deliver(order.slice(n, n + size));
          const now = world.entries.current();
          for (let t = 0; t < whole.to; t += 600_000) {
            const categoryAt = (list: readonly TimelineInterval[]) =>
              list.find((i) => i.from <= t && t < i.to)?.category ?? 'unknown';
            if (categoryAt(before) === categoryAt(now)) continue;
            expect(world.told.some(({ from, to }) => from <= t && t < to)).toBe(true);
          }
          before = now;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('gives the raw figure that its own intervals give, up to now', async () => {
    await fc.assert(
      fc.asyncProperty(any, staleHours, fc.integer({ min: 0, max: 90 }), async ([list], hours, from) => {
        const world = new MemoryTimeline(map, hours * HOUR, 47 * HOUR + 123_456);
        await world.deliver(list.filter((m) => m.ts <= world.clock.at));
        const period = { from: from * HOUR, to: (from + 9) * HOUR };
        const added = (await world.timelines.rawAvailabilityOf(everyCustomer, ['a'], period)).get('a');
        const timeline = await world.timelines.timelineOf(everyCustomer, 'a', period);
        const walked = availabilityOf(timeline, period, rawDefinition);
        expect({ ...added, byCategory: { unknown: 0, ...added?.byCategory } }).toEqual({
          ...walked,
          byCategory: { unknown: 0, ...walked.byCategory },
        });
        expect(timeline.at(-1)?.to ?? period.from).toBe(Math.max(period.from, Math.min(period.to, world.clock.at)));
      }),
      { numRuns: 60 },
    );
  });
});

describe('deriving what is marked', () => {
  const world = (ids: readonly string[], work: (id: string) => unknown) => {
    const [asked, faults]: [string[][], string[]] = [[], []];
    const dirty = {
      assets: (_: unknown, limit: number, except: readonly string[]) => {
        asked.push([...except]);
        return Promise.resolve(ids.filter((id) => !except.includes(id)).slice(0, limit));
      },
    } as unknown as DirtyStore;
    const done: string[] = [];
    const recompute = {
      runMarked: (id: string) => {
        done.push(id);
        return Promise.resolve(work(id));
      },
    } as unknown as RecomputeTimeline;
    const logger = { error: (of: { assetId: string }) => faults.push(of.assetId) } as unknown as Logger;
    return { marked: new RecomputeMarkedTimelines(memoryDatabase(), dirty, recompute, logger), asked, done, faults };
  };
  const named = (n: number) => Array.from({ length: n }, (_, i) => `a${i}`);

  it('takes each asset once, in batches, and says how many changed', async () => {
    const { marked, done, asked } = world(named(120), (id) =>
      Number(id.slice(1)) % 2 ? { from: 0, to: 1 } : undefined,
    );
    expect(await marked.run()).toBe(60);
    expect(done).toEqual(named(120));
    expect(asked.map((except) => except.length)).toEqual([0, 50, 100, 120]);
  });

  it('goes on after an asset that fails, and fails at the end with the first of them', async () => {
    const { marked, done, faults } = world(named(60), (id) => {
      if (id === 'a7' || id === 'a55') throw new Error(`broken ${id}`);
      return undefined;
    });
    await expect(marked.run()).rejects.toThrow('broken a7');
    expect([done.length, faults]).toEqual([60, ['a7', 'a55']]);
  });

  it('takes a thousand in one pass at most, and stops when it is told to', async () => {
    const many = world(named(1_200), () => ({ from: 0, to: 1 }));
    expect(await many.marked.run()).toBe(1_000);
    const stop = new AbortController();
    const told = world(named(10), (id) => id === 'a3' && stop.abort());
    await told.marked.run(stop.signal);
    expect(told.done).toEqual(named(4));
  });
});

describe('what is shown of a timeline', () => {
  const ref = { deviceId: devices[0], boot: 1, seq: 2, ts: 5_000 };
  const shown: TimelineInterval = {
    from: 1_000,
    to: 9_000,
    category: 'degraded',
    fraction: '0.6',
    source: 'state_map',
    detail: 'derated',
    evidence: { first: ref, messages: 3 },
  };

  it('has instants for times and null for what there is not', () => {
    expect(toTimelineInterval(shown)).toMatchObject({
      from: new Date(1_000),
      to: new Date(9_000),
      fraction: '0.6',
      evidence: { messages: 3, first: { deviceId: devices[0], boot: 1, seq: 2, at: new Date(5_000) }, last: null },
    });
    const { fraction: _, ...whole } = shown;
    expect(toTimelineInterval(whole).fraction).toBeNull();
  });

  it('has categories strongest first, without those that took no time', () => {
    const figure = availabilityOf(
      [
        shown,
        { ...shown, from: 9_000, to: 9_500, category: 'vendor_down' },
        { ...shown, from: 9_500, to: 9_600, category: 'ready' },
      ],
      { from: 0, to: 10_000 },
      rawDefinition,
    );
    expect(toAvailability({ ...figure, byCategory: { ...figure.byCategory, utility: 0 } }).byCategory).toEqual([
      { category: 'vendor_down', ms: 500 },
      { category: 'degraded', ms: 8_000 },
      { category: 'ready', ms: 100 },
    ]);
  });
});
