import type { Category, TimelineInterval } from '@throughline/availability';
import { Decimal, HOUR_MS, hourOf, type Interval, newId, Quantity } from '@throughline/kernel';
import { everyCustomer, type Logger } from '@throughline/platform';
import fc from 'fast-check';
import { MemoryClock, type MemoryMessage, memoryDatabase, memoryModels } from '../../../../test/support/in-memory.js';
import { A, B, livesOf, MIN } from '../../test/lives.js';
import { MemoryUsage } from '../../test/memory-usage.js';
import { type CounterReading, counterHours, hourOfReading } from '../domain/counter.js';
import type { Meter, MeterInput } from '../domain/meter.js';
import type { EvidencedWindow } from '../domain/window.js';
import type { DirtyStore } from '../storage/dirty.store.js';
import type { MeterStore } from '../storage/meter.store.js';
import type { UsageQuery, UsageStore, UsageSum, WindowKey } from '../storage/usage.store.js';
import { RecomputeMarkedUsage } from './recompute-marked-usage.js';
import type { RecomputeUsage } from './recompute-usage.js';
import { RegisterMeter } from './register-meter.js';
import { Usage } from './usage.js';

/** What the worker computes piece by piece, against what all messages at once give. */
const output: Meter = {
  id: 'out',
  modelId: 'm',
  name: 'out',
  title: 'Out',
  definition: { type: 'counter', metric: 'out' },
  unit: 'm3',
};
const loaded: Meter = {
  id: 'loaded',
  modelId: 'm',
  name: 'loaded',
  title: 'Loaded',
  definition: { type: 'time_in_state', states: ['loaded'] },
  unit: 's',
};

const asMessage = ({ value, ...ref }: CounterReading): MemoryMessage => ({ ...ref, values: { out: value.toNumber() } });

/** Windows in words, without versions. */
const shown = (world: MemoryUsage, storedAt?: number) =>
  world.windows
    .at('out', storedAt)
    .map(({ hour, quantity, evidence: e }) =>
      [hour, quantity.toFixed(), e.messages, e.from?.seq, e.from?.value, e.to?.seq, e.to?.fellFrom, e.notes].join('|'),
    );
const atOnce = (readings: readonly CounterReading[], rollover?: number) => {
  const hours = readings.map((r) => hourOfReading(r.ts));
  const range = { from: Math.min(...hours), to: Math.max(...hours) + HOUR_MS };
  return counterHours(readings, range, rollover)
    .sort((a, b) => a.hour - b.hour)
    .map((h) =>
      [
        h.hour,
        h.quantity.toFixed(),
        h.messages,
        h.from?.seq,
        h.from?.value.toFixed(),
        h.to.seq,
        h.to.fellFrom?.toFixed(),
        h.notes.length > 0 ? h.notes : undefined,
      ].join('|'),
    );
};

const lives = livesOf({ unread: true, clocks: true, exchange: true }).chain(({ readings }) =>
  fc.tuple(
    fc.constant(readings),
    fc.shuffledSubarray([...readings, ...readings.slice(0, 5)], {
      minLength: readings.length + Math.min(5, readings.length),
    }),
    fc.integer({ min: 1, max: 8 }),
    fc.option(fc.constantFrom(1_000, 60_000), { nil: undefined }),
  ),
);
const END = 100 * 24 * HOUR_MS;

describe('windows computed from marks as messages are committed', () => {
  it('are what all messages at once give, whatever order they came in, and computing again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async ([readings, order, size, rollover]) => {
        const world = new MemoryUsage([output], END, rollover);
        for (let n = 0; n < order.length; n += size) {
          await world.deliver(order.slice(n, n + size).map(asMessage));
          world.clock.at += MIN;
        }
        expect(shown(world)).toEqual(atOnce(readings, rollover));
        const times = readings.map((r) => r.ts);
        expect(await world.compute({ from: Math.min(...times) - 1, to: Math.max(...times) })).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('come back where readings were passed over for the sake of one that is no longer the last before them', async () => {
    const at = (minute: number, value: number, deviceId: string, boot: number, seq: number): CounterReading => ({
      deviceId,
      boot,
      seq,
      ts: minute * MIN,
      value: new Decimal(value),
    });
    // Boot 3 had its clock set back: it stands before what boot 2 said, which says nothing more then.
    const known = [at(10, 50, A, 3, 1), at(70, 40, A, 2, 1), at(130, 45, A, 2, 2), at(190, 52, A, 3, 2)];
    // Until it is known that another board spoke in between.
    const late = at(50, 900, B, 1, 1);
    const world = new MemoryUsage([output], END);
    await world.deliver(known.map(asMessage));
    expect(world.windows.at('out').map((w) => [w.hour / HOUR_MS, w.quantity.toNumber()])).toEqual([
      [0, 0],
      [3, 2],
    ]);
    await world.deliver([asMessage(late)]);
    expect(shown(world)).toEqual(atOnce([...known, late]));
    expect(world.windows.at('out').map((w) => [w.hour / HOUR_MS, w.quantity.toNumber()])).toEqual([
      [0, 0],
      [1, 0],
      [2, 5],
      [3, 7],
    ]);
  });

  it('of a period that is closed do not depend on marks that are still on their way', async () => {
    const steady = livesOf({}).chain(({ readings }) =>
      fc.tuple(fc.constant(readings), fc.shuffledSubarray(readings, { minLength: readings.length }), fc.nat(60)),
    );
    await fc.assert(
      fc.asyncProperty(steady, fc.integer({ min: 1, max: 8 }), async ([readings, order, hours], size) => {
        const world = new MemoryUsage([output], END);
        for (let n = 0; n < order.length; n += size) {
          const part = order.slice(n, n + size).map(asMessage);
          if (n % 2) await world.deliver(part);
          else world.messages.commit(part);
        }
        const period = { from: hours * HOUR_MS, to: (hours + 31) * HOUR_MS };
        await world.compute(period);
        expect(shown(world).filter((w) => within(w, period))).toEqual(
          atOnce(readings).filter((w) => within(w, period)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('keep every version: what was known at a stored time can be read again', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async ([, order, size]) => {
        const world = new MemoryUsage([output], END);
        const known: { at: number; windows: string[] }[] = [];
        for (let n = 0; n < order.length; n += size) {
          await world.deliver(order.slice(n, n + size).map(asMessage));
          known.push({ at: world.clock.at, windows: shown(world) });
          world.clock.at += MIN;
        }
        for (const { at, windows } of known) expect(shown(world, at)).toEqual(windows);
        for (const [hour, rows] of Map.groupBy(world.windows.rows, (row) => row.hour))
          expect([hour, rows.map((row) => row.version)]).toEqual([hour, rows.map((_, n) => n + 1)]);
      }),
      { numRuns: 60 },
    );
  });
});

const within = (window: string, { from, to }: Interval): boolean => {
  const hour = Number(window.split('|')[0]);
  return hour >= from && hour < to;
};
describe('a leap at the end of an hour', () => {
  const read = (minute: number, value: number): MemoryMessage => ({
    deviceId: 'd',
    boot: 1,
    seq: minute,
    ts: minute * MIN,
    values: { out: value },
  });
  const quantities = (world: MemoryUsage) =>
    world.windows.at('out').map((w) => [w.hour / HOUR_MS, w.quantity.toNumber()]);

  it('is billed only until the next hour takes it back', async () => {
    const world = new MemoryUsage([output], 3 * HOUR_MS);
    await world.deliver([read(10, 100), read(60, 900)]);
    expect(quantities(world)).toEqual([[0, 800]]);
    // As late as a leap may come back, to the minute.
    await world.deliver([read(76, 102)]);
    expect(quantities(world)).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });

  it('is work after all where a late reading shows that the counter fell for another reason', async () => {
    const world = new MemoryUsage([output], 3 * HOUR_MS);
    await world.deliver([read(10, 100), read(60, 900), read(63, 102)]);
    await world.deliver([read(61, 90)]);
    expect(quantities(world)).toEqual([
      [0, 800],
      [1, 12],
    ]);
  });

  it('does not reach the close of a month that is computed once the hour after it is known', async () => {
    const world = new MemoryUsage([output], 3 * HOUR_MS);
    world.messages.commit([read(10, 100), read(60, 900), read(62, 102), read(70, 103)]);
    await world.compute({ from: 0, to: HOUR_MS });
    expect(quantities(world)).toEqual([[0, 0]]);
  });
});

describe('time computed from marks as the timeline changes', () => {
  const stretch = fc.record({
    length: fc.integer({ min: 1, max: 200 }),
    state: fc.constantFrom<[string, Category]>(['loaded', 'producing'], ['standby', 'ready'], ['fault', 'vendor_down']),
  });
  /** A timeline as it is stored, cut at hours. */
  const timeline = fc.array(stretch, { maxLength: 20 }).map((parts) => {
    let at = 0;
    return parts.flatMap(({ length, state: [detail, category] }) => {
      const [from, to] = [at, at + length * MIN];
      at = to;
      const cuts = [from];
      for (let hour = hourOf(from) + HOUR_MS; hour < to; hour += HOUR_MS) cuts.push(hour);
      return cuts.map(
        (start, n): TimelineInterval => ({
          from: start,
          to: cuts[n + 1] ?? to,
          category,
          source: 'state_map',
          detail,
          evidence: { messages: 1 },
        }),
      );
    });
  });

  it('is every minute in its state by itself, whatever the timeline was before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(timeline, { minLength: 1, maxLength: 4 }), async (beliefs) => {
        const world = new MemoryUsage([loaded], END);
        for (const states of beliefs) {
          const all = [...world.states, ...states];
          world.states = states;
          if (all.length > 0) world.mark(Math.min(...all.map((i) => i.from)), Math.max(...all.map((i) => i.to)) - 1);
          await world.deliver([]);
        }
        const expected = new Map<number, Decimal>();
        for (const i of world.states)
          for (let t = i.from; i.detail === 'loaded' && t < i.to; t += MIN)
            expected.set(hourOf(t), (expected.get(hourOf(t)) ?? new Decimal(0)).plus(60));
        expect(world.windows.at('loaded').map((w) => [w.hour, w.quantity.toNumber()])).toEqual(
          [...expected].map(([hour, seconds]) => [hour, seconds.toNumber()]),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('computing what is marked', () => {
  const world = (count: number, work: (id: string) => number) => {
    const ids = Array.from({ length: count }, (_, i) => `a${i}`);
    const [done, faults]: [string[], string[]] = [[], []];
    const dirty = {
      assets: (_: unknown, limit: number, except: readonly string[]) =>
        Promise.resolve(ids.filter((id) => !except.includes(id)).slice(0, limit)),
    } as unknown as DirtyStore;
    const recompute = {
      runMarked: async (id: string) => {
        done.push(id);
        return work(id);
      },
    } as unknown as RecomputeUsage;
    const logger = { error: (of: { assetId: string }) => faults.push(of.assetId) } as unknown as Logger;
    return { marked: new RecomputeMarkedUsage(memoryDatabase(), dirty, recompute, logger), ids, done, faults };
  };

  it('takes every asset once and counts those that changed', async () => {
    const { marked, ids, done } = world(130, (id) => Number(id.slice(1)) % 3);
    expect(await marked.run()).toBe(86);
    expect(done).toEqual(ids);
  });

  it('goes on after one that fails, and fails at the end', async () => {
    const { marked, done, faults } = world(55, (id) => {
      if (id === 'a3' || id === 'a54') throw new Error(`broken ${id}`);
      return 1;
    });
    await expect(marked.run()).rejects.toThrow('broken a3');
    expect([done.length, faults]).toEqual([55, ['a3', 'a54']]);
  });

  it('leaves what is more than a thousand to the next pass, and stops when it is told to', async () => {
    expect(await world(1_050, () => 1).marked.run()).toBe(1_000);
    const stop = new AbortController();
    const told = world(20, (id) => {
      if (id === 'a4') stop.abort();
      return 1;
    });
    expect(await told.marked.run(stop.signal)).toBe(5);
  });
});

describe('reading usage', () => {
  const key = (w: Pick<WindowKey, 'assetId' | 'meter' | 'hour'>): string =>
    `${w.assetId} ${w.meter} ${String(w.hour).padStart(15, '0')}`;
  const inOrder = (all: readonly EvidencedWindow[]) => [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const usageOf = (all: readonly EvidencedWindow[], sums: readonly UsageSum[] = []) => {
    const asked = ({ interval }: UsageQuery) =>
      inOrder(all).filter((w) => w.hour >= interval.from && w.hour < interval.to);
    const store = {
      windows: async (_: unknown, query: UsageQuery, page?: { after?: WindowKey; limit: number }) =>
        asked(query)
          .filter((w) => !page?.after || key(w) > key(page.after))
          .slice(0, page?.limit),
      sums: async (_: unknown, query: UsageQuery) =>
        sums.length > 0 ? sums : [{ windows: asked(query).length } as unknown as UsageSum],
    } as unknown as UsageStore;
    const meters = {
      byIds: async (_: unknown, ids: readonly string[]) => [output, loaded].filter((m) => ids.includes(m.id)),
    } as unknown as MeterStore;
    return new Usage(memoryDatabase(), meters, store);
  };
  const windows = fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('out', 'loaded'), fc.nat(30)), {
      maxLength: 40,
      selector: (w) => w.join(),
    })
    .map((list) =>
      list.map(([assetId, meter, hour]): EvidencedWindow => {
        const rest = { version: 1, quality: 'measured' as const, messages: 1, evidence: { messages: 1 } };
        return { assetId, meter, hour: hour * HOUR_MS, quantity: Quantity.of('1', 'm3'), ...rest };
      }),
    );

  it('page by page gives every window once, in order, and says how many there are', async () => {
    const query = { assetIds: ['a', 'b'], interval: { from: 2 * HOUR_MS, to: 25 * HOUR_MS } };
    await fc.assert(
      fc.asyncProperty(windows, fc.integer({ min: 1, max: 9 }), async (all, first) => {
        const usage = usageOf(all);
        const [got, whole]: [EvidencedWindow[], EvidencedWindow[]] = [[], await usage.windows(everyCustomer, query)];
        for (let after: string | undefined, more = true; more; ) {
          const page = await usage.page(everyCustomer, query, { first, after });
          expect(page.totalCount).toBe(whole.length);
          got.push(...page.edges.map((edge) => edge.node));
          more = page.pageInfo.hasNextPage;
          after = page.edges.at(-1)?.cursor;
          if (more) expect(page.edges.length).toBe(first);
        }
        expect(got).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [{ from: 10, to: 9 }, false],
    [{ from: 10, to: 10 }, true],
    [{ from: 0, to: 400 * 24 * HOUR_MS }, true],
    [{ from: 0, to: 400 * 24 * HOUR_MS + 1 }, false],
  ])('of %j is allowed: %p', async (interval, allowed) => {
    const usage = usageOf([]);
    const query = { assetIds: ['a'], interval };
    for (const read of [
      () => usage.windows(everyCustomer, query),
      () => usage.page(everyCustomer, query, { first: 1, after: undefined }),
      () => usage.totals(everyCustomer, query),
    ])
      expect(
        await read().then(
          () => true,
          ({ code }) => code !== 'INVALID_INPUT',
        ),
      ).toBe(allowed);
  });

  it.each([
    [0, 0, 'measured'],
    [3, 0, 'estimated'],
    [0, 1, 'edited'],
    [3, 1, 'edited'],
  ])('totals with %i estimated and %i edited windows are %s', async (estimated, edited, quality) => {
    const sum = { assetId: 'a', meterId: 'out', quantity: Quantity.of('5', 'm3'), windows: 9, messages: 2 };
    const usage = usageOf(
      [],
      [
        { ...sum, estimated, edited },
        { ...sum, meterId: 'gone', estimated, edited },
      ],
    );
    const totals = await usage.totals(everyCustomer, { assetIds: ['a'], interval: { from: 0, to: 1 } });
    expect(totals).toEqual([
      { assetId: 'a', meter: output, quantity: sum.quantity, quality, windows: 9, estimated, messages: 2 },
    ]);
  });
});

describe('registering a meter', () => {
  const model = {
    id: newId(),
    stateMap: { metric: 'state', states: { 2: { name: 'loaded', category: 'producing' as const } } },
  };
  const made = () => {
    const [rows, marked]: [Meter[], string[]] = [[], []];
    const store = {
      insert: async (_: unknown, meter: Meter) => {
        if (rows.some((m) => m.modelId === meter.modelId && m.name === meter.name)) return false;
        rows.push(meter);
        return true;
      },
      ofModels: async (_: unknown, ids: readonly string[]) => rows.filter((m) => ids.includes(m.modelId)),
    } as unknown as MeterStore;
    const dirty = { markModel: async (_: unknown, id: string) => marked.push(id) } as unknown as DirtyStore;
    const schemas = {
      newest: async () => ({ metrics: [{ name: 'out', kind: 'counter', unit: 'm3' }] }),
    } as unknown as ConstructorParameters<typeof RegisterMeter>[3];
    const clock = new MemoryClock(END);
    const register = new RegisterMeter(memoryDatabase(), clock, memoryModels(model), schemas, store, dirty);
    return { register: (input: MeterInput) => register.run(model.id, input), rows, marked };
  };
  const input: MeterInput = { name: 'air', title: ' Air ', definition: { type: 'counter', metric: 'out' } };

  it('meters what the model’s machines did so far, once', async () => {
    const { register, rows, marked } = made();
    const meter = await register(input);
    expect(meter).toMatchObject({ name: 'air', title: 'Air', unit: 'm3', modelId: model.id });
    expect(await register({ ...input, unit: 'm3' })).toEqual(meter);
    expect([rows, marked]).toEqual([[meter], [model.id]]);
  });

  it('refuses another meter of the name, and one that counts nothing of the model', async () => {
    const { register, rows } = made();
    await register(input);
    await expect(register({ ...input, title: 'Other' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const time: MeterInput = { ...input, definition: { type: 'time_in_state', states: ['loaded'] } };
    await expect(register(time)).rejects.toMatchObject({ code: 'CONFLICT' });
    const none: MeterInput = { ...input, name: 'gas', definition: { type: 'counter', metric: 'gas' } };
    await expect(register(none)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(rows).toHaveLength(1);
  });
});
