import { MarkTimelineDirty, RecomputeMarkedTimelines, RecomputeTimeline } from '@throughline/availability';
import { Decimal, HOUR_MS, hourOf } from '@throughline/kernel';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import fc from 'fast-check';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { type Machines, machines, type TestMessage } from '../../../../test/support/machines.js';
import type { MeterInput } from '../domain/meter.js';
import { MeteringJobsModule } from '../inbound/jobs/index.js';
import { MeteringModule } from '../metering.module.js';
import { MarkUsageDirty } from './mark-usage-dirty.js';
import { Meters } from './meters.js';
import { RecomputeMarkedUsage } from './recompute-marked-usage.js';
import { RecomputeUsage } from './recompute-usage.js';
import { RegisterMeter } from './register-meter.js';
import { Usage } from './usage.js';

const MIN = 60_000;
const START = Date.parse('2026-03-02T08:00:00Z');
const output: MeterInput = {
  name: 'output_m3',
  title: 'Air delivered',
  definition: { type: 'counter', metric: 'output_m3' },
};
const loaded: MeterInput = {
  name: 'loaded_s',
  title: 'Time under load',
  definition: { type: 'time_in_state', states: ['loaded'] },
};
const available: MeterInput = {
  name: 'available_s',
  title: 'Time available',
  definition: { type: 'available_hours', categories: ['producing', 'ready', 'degraded'] },
};

let world: Machines<TestContext>;
let usage: Usage;
let serial = 0;
const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get<T>(type, { strict: false });

beforeAll(async () => {
  const context = await testModule([MeteringModule, MeteringJobsModule]);
  world = await machines(context);
  usage = get(Usage);
  for (const meter of [output, loaded, available]) await get(RegisterMeter).run(world.model.id, meter);
  await world.rows('delete from usage_dirty');
});
afterAll(() => world.context.close());
beforeEach(() => at(600));

const machine = () => world.machine(`U-${++serial}`);
const at = (minute: number) => world.context.clock.set(new Date(START + minute * MIN));
const message = (deviceId: string, minute: number, out?: number, more: Partial<TestMessage> = {}): TestMessage => ({
  deviceId,
  boot: 1,
  seq: minute + 1_000,
  ts: START + minute * MIN,
  state: 2,
  output: out,
  ...more,
});

/** Commits a batch and lets timeline and usage follow, with the events the worker would carry. */
async function deliver(assetId: string, messages: readonly TestMessage[]): Promise<void> {
  await world.commit(assetId, messages);
  if (messages.length > 0) {
    const times = messages.map((m) => m.ts);
    const ranges = [{ assetId, from: Math.min(...times), to: Math.max(...times) }];
    await get(MarkTimelineDirty).run(ranges);
    await get(MarkUsageDirty).run(ranges);
  }
  await get(RecomputeMarkedUsage).run();
  await get(RecomputeMarkedTimelines).run();
  const changed = await world.rows<{ payload: { assetId: string; from: number; to: number } }>(
    `delete from outbox where name = 'availability.timeline-changed' returning payload`,
  );
  await get(MarkUsageDirty).run(changed.map(({ payload: p }) => ({ assetId: p.assetId, from: p.from, to: p.to - 1 })));
  await get(RecomputeMarkedUsage).run();
}

const windows = async (assetId: string, meter: string, storedBefore?: Date) =>
  (
    await usage.windows(everyCustomer, {
      assetIds: [assetId],
      interval: { from: START - 24 * HOUR_MS, to: START + 48 * HOUR_MS },
      meters: [meter],
      storedBefore,
    })
  ).map((w) => [(w.hour - START) / HOUR_MS, w.quantity.toString(), w.version]);

describe('usage windows', () => {
  it('hold what a counter added in each hour, exactly, with the readings it is measured between', async () => {
    const { asset, device } = await machine();
    await deliver(asset.id, [
      message(device.id, -1, 100.1),
      message(device.id, 20, 100.4),
      message(device.id, 60, 101),
      message(device.id, 61, 101.05),
      message(device.id, 190, 102),
    ]);
    expect(await windows(asset.id, 'output_m3')).toEqual([
      [-1, '0', 1],
      [0, '0.9', 1],
      [1, '0.05', 1],
      [3, '0.95', 1],
    ]);
    const [, first] = await usage.windows(everyCustomer, {
      assetIds: [asset.id],
      interval: { from: START - HOUR_MS, to: START + HOUR_MS },
      meters: ['output_m3'],
    });
    expect(first).toMatchObject({
      meter: 'output_m3',
      quality: 'measured',
      messages: 2,
      quantity: { unit: 'm3' },
      evidence: {
        from: { deviceId: device.id, seq: 999, value: '100.1' },
        to: { deviceId: device.id, seq: 1_060, value: '101' },
      },
    });
  });

  it('count seconds in states and categories, to the millisecond', async () => {
    const { asset, device } = await machine();
    await deliver(asset.id, [
      message(device.id, 0, 1),
      message(device.id, 2, 1, { state: 5, ts: START + 2 * MIN + 1 }),
      message(device.id, 3, 1, { state: 4 }),
      message(device.id, 59, 1, { state: 2 }),
    ]);
    expect(await windows(asset.id, 'loaded_s')).toEqual([
      [0, '180.001', 1],
      [1, '120', 1],
    ]);
    expect(await windows(asset.id, 'available_s')).toEqual([
      [0, '240', 1],
      [1, '120', 1],
    ]);
  });

  it('are replaced while their hour runs and kept in versions afterwards', async () => {
    const { asset, device } = await machine();
    for (const minute of [0, 10, 20]) {
      at(minute);
      await deliver(asset.id, [message(device.id, minute, minute)]);
    }
    expect(await windows(asset.id, 'output_m3')).toEqual([
      [-1, '0', 1],
      [0, '20', 1],
    ]);
    at(90);
    const closed = new Date(START + 90 * MIN);
    at(95);
    await deliver(asset.id, [message(device.id, 50, 33)]);
    expect(await windows(asset.id, 'output_m3')).toContainEqual([0, '33', 2]);
    expect(await windows(asset.id, 'output_m3', closed)).toContainEqual([0, '20', 1]);
  });

  it('make no version of a redelivery', async () => {
    const { asset, device } = await machine();
    const batch = [message(device.id, 5, 1), message(device.id, 70, 9)];
    await deliver(asset.id, batch);
    const before = await world.rows('select * from usage_window where asset_id = ?', [asset.id]);
    await deliver(asset.id, batch);
    expect(await world.rows('select * from usage_window where asset_id = ?', [asset.id])).toEqual(before);
  });

  it('pass late readings on to the windows that are measured from them', async () => {
    const { asset, device } = await machine();
    await deliver(asset.id, [message(device.id, 10, 100), message(device.id, 400, 150)]);
    expect(await windows(asset.id, 'output_m3')).toEqual([
      [0, '0', 1],
      [6, '50', 1],
    ]);
    await deliver(asset.id, [message(device.id, 200, 130)]);
    expect(await windows(asset.id, 'output_m3')).toEqual([
      [0, '0', 1],
      [3, '30', 1],
      [6, '20', 2],
    ]);
    await deliver(asset.id, [message(device.id, -300, 40)]);
    expect((await windows(asset.id, 'output_m3')).slice(0, 2)).toEqual([
      [-6, '0', 1],
      [0, '60', 2],
    ]);
  });

  it('begin anew with an exchanged controller', async () => {
    const { asset, device } = await machine();
    const other = await machine();
    await deliver(asset.id, [message(device.id, 10, 100), message(device.id, 30, 110)]);
    await deliver(asset.id, [
      message(other.device.id, 40, 7_000, { seq: 1 }),
      message(other.device.id, 70, 7_001.5, { seq: 2 }),
    ]);
    expect(await windows(asset.id, 'output_m3')).toEqual([
      [0, '10', 2],
      [1, '1.5', 1],
    ]);
  });

  it('go over the end of the counter as the schema says', async () => {
    const { asset, device } = await machine();
    await deliver(asset.id, [message(device.id, 10, 999_999_999.5), message(device.id, 70, 0.25)]);
    expect(await windows(asset.id, 'output_m3')).toEqual([
      [0, '0', 1],
      [1, '0.75', 1],
    ]);
  });

  it('are made for the past too when a meter is new', async () => {
    const context = await testModule([MeteringModule]);
    const fresh = await machines(context);
    const { asset, device } = await fresh.machine('R-1');
    await fresh.commit(asset.id, [message(device.id, -300, 5), message(device.id, -200, 7)]);
    const meter = await context.module.get(RegisterMeter).run(fresh.model.id, output);
    expect(await context.module.get(RegisterMeter).run(fresh.model.id, { ...output, unit: 'm3' })).toEqual(meter);
    await expect(
      context.module.get(RegisterMeter).run(fresh.model.id, { ...output, title: 'Another' }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(
      context.module
        .get(RegisterMeter)
        .run(fresh.model.id, { ...output, definition: { type: 'counter', metric: 'x' } }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await context.module.get(RecomputeMarkedUsage).run();
    const interval = { from: START - 24 * HOUR_MS, to: START };
    const [total] = await context.module.get(Usage).totals(everyCustomer, { assetIds: [asset.id], interval });
    expect(total).toMatchObject({ meter: { name: 'output_m3', unit: 'm3' }, windows: 2, quality: 'measured' });
    expect(total?.quantity.toString()).toBe('2');
    expect((await context.module.get(Meters).ofModels([fresh.model.id])).map((m) => m.name)).toEqual(['output_m3']);
    await context.close();
  });
});

describe('reading usage', () => {
  it('totals and pages what one may see', async () => {
    const { asset, device } = await machine();
    await deliver(
      asset.id,
      Array.from({ length: 30 }, (_, i) => message(device.id, i * 20 + 1, i)),
    );
    const query = { assetIds: [asset.id], interval: { from: START, to: START + 24 * HOUR_MS }, meters: ['output_m3'] };
    const own = onlyCustomers([world.customerId]);
    const [total] = await usage.totals(own, query);
    expect([total?.quantity.toString(), total?.windows, total?.messages]).toEqual(['29', 10, 30]);
    expect(await usage.totals(onlyCustomers([]), query)).toEqual([]);
    const seen: number[] = [];
    for (let after: string | undefined; ; ) {
      const page = await usage.page(own, query, { first: 3, after });
      expect(page.totalCount).toBe(10);
      seen.push(...page.edges.map((e) => (e.node.hour - START) / HOUR_MS));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor ?? undefined;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await expect(usage.windows(own, { ...query, interval: { from: START, to: START - 1 } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

/** A machine's life in any order of delivery: reboots, resets, counters read wrong, a clock that is set back, late and doubled messages. */
const deliveries = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: 1, max: 40 }),
      tenths: fc.integer({ min: 0, max: 90 }),
      state: fc.constantFrom(2, 2, 4, 5, undefined),
      reboot: fc.constantFrom('no', 'no', 'no', 'no', 'kept', 'zero'),
      read: fc.constantFrom('right', 'right', 'right', 'right', 'nothing', 'leap'),
      clock: fc.constantFrom(0, 0, 0, 0, -70),
      batch: fc.integer({ min: 0, max: 4 }),
      again: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((list) => {
    let [minute, boot, seq, counter] = [0, 1, 0, 500];
    return list.map((m) => {
      minute += m.minutes + m.clock;
      if (m.reboot !== 'no') [boot, seq] = [boot + 1, 0];
      if (m.reboot === 'zero') counter = 0;
      counter += m.tenths;
      seq += 1;
      return { ...m, minute, boot, seq, output: { right: counter / 10, nothing: 0, leap: counter * 10 }[m.read] };
    });
  });

describe('incremental usage, for any deliveries', () => {
  it('equals usage from scratch; earlier versions can still be read; cut windows add up', async () => {
    const all = { from: START - 48 * HOUR_MS, to: START + 72 * HOUR_MS };
    await fc.assert(
      fc.asyncProperty(deliveries, async (list) => {
        const { asset, device } = await machine();
        const read = (storedBefore?: Date) =>
          usage.windows(everyCustomer, { assetIds: [asset.id], interval: all, storedBefore });
        const beliefs: { storedBefore: Date; read: unknown }[] = [];
        for (let batch = 0; batch < 5; batch += 1) {
          at(10_000 + batch * 10);
          await deliver(
            asset.id,
            list
              .filter((m) => m.batch === batch || m.again === batch)
              .map((m) => message(device.id, m.minute, m.output, { boot: m.boot, seq: m.seq, state: m.state })),
          );
          at(10_000 + batch * 10 + 5);
          beliefs.push({ storedBefore: world.context.clock.now(), read: await read() });
        }
        for (const belief of beliefs) expect(await read(belief.storedBefore)).toEqual(belief.read);

        const incremental = (await read()).map(({ version: _, ...window }) => window);
        expect(await get(RecomputeUsage).run(asset.id, all)).toBe(0);
        await world.rows('delete from usage_window where asset_id = ?', [asset.id]);
        await world.rows('delete from timeline_entry where asset_id = ?', [asset.id]);
        await get(RecomputeTimeline).run(asset.id, all);
        await get(RecomputeUsage).run(asset.id, all);
        expect((await read()).map(({ version: _, ...window }) => window)).toEqual(incremental);

        const sum = async (from: number, to: number) =>
          (await usage.totals(everyCustomer, { assetIds: [asset.id], interval: { from, to } })).reduce(
            (n, t) => n.plus(t.quantity.value),
            new Decimal(0),
          );
        const cut = hourOf(START + (list[0]?.minute ?? 0) * 7 * MIN);
        expect((await sum(all.from, cut)).plus(await sum(cut, all.to)).toFixed()).toBe(
          (await sum(all.from, all.to)).toFixed(),
        );
      }),
      { numRuns: 5 },
    );
  }, 180_000);
});
