import { MarkTimelineDirty, RecomputeMarkedTimelines, RecomputeTimeline } from '@throughline/availability';
import { HOUR_MS } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import fc from 'fast-check';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { type Machines, machines, type TestMessage } from '../../../../test/support/machines.js';
import { MeteringModule } from '../metering.module.js';
import { MarkUsageDirty } from './mark-usage-dirty.js';
import { RecomputeMarkedUsage } from './recompute-marked-usage.js';
import { RecomputeUsage } from './recompute-usage.js';
import { RegisterMeter } from './register-meter.js';
import { Usage } from './usage.js';

const MIN = 60_000;
const START = Date.parse('2026-03-02T08:00:00Z');
const everything = { from: START - 96 * HOUR_MS, to: START + 96 * HOUR_MS };

let world: Machines<TestContext>;
let serial = 0;
const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get<T>(type, { strict: false });

beforeAll(async () => {
  world = await machines(await testModule([MeteringModule]));
  await get(RegisterMeter).run(world.model.id, {
    name: 'output_m3',
    title: 'Air delivered',
    definition: { type: 'counter', metric: 'output_m3' },
  });
  await get(RegisterMeter).run(world.model.id, {
    name: 'loaded_s',
    title: 'Time under load',
    definition: { type: 'time_in_state', states: ['loaded'] },
  });
  await world.rows('delete from usage_dirty');
});
afterAll(() => world.context.close());
beforeEach(() => world.context.clock.set(new Date(START + 48 * HOUR_MS)));

const machine = () => world.machine(`F-${++serial}`);
const message = (deviceId: string, minute: number, output?: number, more: Partial<TestMessage> = {}): TestMessage => ({
  deviceId,
  boot: 1,
  seq: minute + 10_000,
  ts: START + minute * MIN,
  state: 2,
  output,
  ...more,
});

async function mark(assetId: string, fromMinute: number, toMinute: number): Promise<void> {
  const ranges = [{ assetId, from: START + fromMinute * MIN, to: START + toMinute * MIN }];
  await get(MarkTimelineDirty).run(ranges);
  await get(MarkUsageDirty).run(ranges);
}

/** Lets timeline and windows follow what is marked. */
async function derive(assetId: string, fromMinute: number, toMinute: number): Promise<void> {
  await mark(assetId, fromMinute, toMinute);
  await get(RecomputeMarkedTimelines).run();
  await get(RecomputeMarkedUsage).run();
}

/** Hour after START → quantity, of current windows. */
const windows = async (assetId: string, meter = 'output_m3'): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await get(Usage).windows(everyCustomer, { assetIds: [assetId], interval: everything, meters: [meter] })).map(
      (w) => [(w.hour - START) / HOUR_MS, w.quantity.toString()],
    ),
  );

/** The same after everything stored was thrown away and computed from the messages alone. */
async function fromScratch(assetId: string): Promise<Record<string, string>> {
  await world.rows('delete from usage_window where asset_id = ?', [assetId]);
  await get(RecomputeUsage).run(assetId, everything);
  return windows(assetId);
}

const versions = (assetId: string) =>
  world.rows('select * from usage_window where asset_id = ? order by meter_id, hour, version', [assetId]);
const marks = async (assetId: string): Promise<number> =>
  (await world.rows('select id from usage_dirty where asset_id = ?', [assetId])).length;

describe('windows that are computed for a close', () => {
  it('are measured from the last reading before, though nothing before was marked or computed yet', async () => {
    const { asset, device } = await machine();
    // Hour −5 was metered in time; hours −4 to −1 still wait in a queue.
    await world.commit(asset.id, [message(device.id, -290, 100), message(device.id, -270, 110)]);
    await derive(asset.id, -290, -270);
    await world.commit(
      asset.id,
      [-200, -130, -70, -10].map((minute, n) => message(device.id, minute, 200 + n * 100)),
    );
    await world.commit(asset.id, [message(device.id, 20, 507), message(device.id, 50, 510)]);
    await get(RecomputeUsage).run(asset.id, { from: START, to: START + HOUR_MS });
    // 10 since the reading ten minutes before the hour; not 400 since the one that happened to be metered.
    expect(await windows(asset.id)).toMatchObject({ 0: '10' });
  });

  it('find their first base though the newest message before them does not carry the counter', async () => {
    const { asset, device } = await machine();
    await world.commit(asset.id, [
      message(device.id, -90, 100),
      message(device.id, -5),
      message(device.id, 10, 104),
      message(device.id, 40, 109),
    ]);
    await get(RecomputeUsage).run(asset.id, { from: START, to: START + HOUR_MS });
    expect(await windows(asset.id)).toMatchObject({ 0: '9' });
  });

  it('are none for no time, and of no asset that never spoke', async () => {
    const { asset, device } = await machine();
    expect(await get(RecomputeUsage).run(asset.id, { from: START, to: START + HOUR_MS })).toBe(0);
    await world.commit(asset.id, [message(device.id, 10, 100)]);
    expect(await get(RecomputeUsage).run(asset.id, { from: 0, to: 0 })).toBe(0);
    expect(await windows(asset.id)).toEqual({});
  });

  it('of an asset that is not there say so', async () => {
    const nobody = '01890000-0000-7000-8000-000000000000';
    await expect(get(RecomputeUsage).run(nobody, everything)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('messages that turn out to be another asset’s', () => {
  it('let those count that were passed over because of them', async () => {
    const { asset, device } = await machine();
    const other = await machine();
    // Boot 9 speaks with a clock set back; what boot 1 said later by the clock is passed over.
    const stray = message(device.id, 5, 900, { boot: 9, seq: 1 });
    await world.commit(asset.id, [message(device.id, 1, 100), stray]);
    await world.commit(
      asset.id,
      [70, 130, 190].map((minute, n) => message(device.id, minute, 110 + n * 10)),
    );
    await derive(asset.id, 1, 190);
    expect(await windows(asset.id)).toEqual({ 0: '800' });

    // The installation is put right: the stray message belongs to another asset.
    await world.rows('update message set asset_id = ? where device_id = ? and boot = 9', [other.asset.id, device.id]);
    await derive(asset.id, 5, 5);
    const incremental = await windows(asset.id);
    expect(incremental).toEqual({ 0: '0', 1: '10', 2: '10', 3: '10' });
    expect(await fromScratch(asset.id)).toEqual(incremental);
  });

  it('leave the windows that the rest alone would have given, whichever go', async () => {
    const lives = fc.array(
      fc.record({
        minutes: fc.integer({ min: 1, max: 50 }),
        reboot: fc.constantFrom(0, 0, 0, 1),
        clock: fc.constantFrom(0, 0, 0, -130),
        board: fc.constantFrom(0, 0, 0, 0, 1),
        added: fc.integer({ min: 0, max: 50 }),
        stray: fc.boolean(),
      }),
      { minLength: 3, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(lives, async (list) => {
        const { asset, device } = await machine();
        const other = await machine();
        let [minute, boot, seq, output] = [0, 1, 0, 0];
        const messages = list.map((m) => {
          minute += m.minutes + m.clock;
          boot += m.reboot;
          seq += 1;
          output += m.added;
          const speaker = m.board === 0 ? device.id : other.device.id;
          return { stray: m.stray, told: message(speaker, minute, output, { boot, seq }) };
        });
        await world.commit(
          asset.id,
          messages.map((m) => m.told),
        );
        await derive(asset.id, -2_000, 2_000);
        for (const { told } of messages.filter((m) => m.stray)) {
          await world.rows('update message set asset_id = ? where device_id = ? and boot = ? and seq = ?', [
            other.asset.id,
            told.deviceId,
            told.boot,
            told.seq,
          ]);
          const at = (told.ts - START) / MIN;
          await derive(asset.id, at, at);
        }
        const incremental = await windows(asset.id);
        expect(await fromScratch(asset.id)).toEqual(incremental);
      }),
      { numRuns: 6 },
    );
  }, 180_000);
});

describe('a counter read as nothing', () => {
  it('at the end of an hour is not billed anew in the next, nor when the hours come one by one', async () => {
    const { asset, device } = await machine();
    const told = [message(device.id, 10, 5_000), message(device.id, 59, 0), message(device.id, 70, 5_004)];
    for (const one of told) {
      await world.commit(asset.id, [one]);
      const at = (one.ts - START) / MIN;
      await derive(asset.id, at, at);
    }
    const incremental = await windows(asset.id);
    expect(incremental).toEqual({ 0: '0', 1: '4' });
    expect(await fromScratch(asset.id)).toEqual(incremental);
    const [, second] = await get(Usage).windows(everyCustomer, {
      assetIds: [asset.id],
      interval: everything,
      meters: ['output_m3'],
    });
    expect(second?.evidence).toMatchObject({
      from: { value: '0', fellFrom: '5000' },
      to: { value: '5004' },
      notes: [`recovered at ${new Date(START + 70 * MIN).toISOString()}`],
    });
  });
});

describe('recomputing that is cut short', () => {
  const lively = async () => {
    const made = await machine();
    await world.commit(
      made.asset.id,
      [1, 30, 61, 125, 190].map((minute, n) => message(made.device.id, minute, 100 + n * 7)),
    );
    await mark(made.asset.id, 1, 190);
    await get(RecomputeMarkedTimelines).run();
    return made;
  };

  it('before the commit keeps its marks and stores nothing; the next run does it all', async () => {
    const { asset } = await lively();
    const before = await marks(asset.id);
    const killed = get(Database).transaction(everyCustomer, async () => {
      expect(await get(RecomputeUsage).runMarked(asset.id)).toBeGreaterThan(0);
      throw new Error('killed before the commit');
    });
    await expect(killed).rejects.toThrow('killed before the commit');
    expect(await windows(asset.id)).toEqual({});
    expect(await marks(asset.id)).toBe(before);
    await get(RecomputeMarkedUsage).run();
    expect(await marks(asset.id)).toBe(0);
    expect(await windows(asset.id)).toEqual({ 0: '7', 1: '7', 2: '7', 3: '7' });
  });

  it('between commit and acknowledgement is done again without a trace', async () => {
    const { asset } = await lively();
    await get(RecomputeMarkedUsage).run();
    const before = await versions(asset.id);
    // The events were delivered, but nobody heard that they were: they come again.
    await mark(asset.id, 1, 190);
    await mark(asset.id, 61, 61);
    await get(RecomputeMarkedUsage).run();
    expect(await versions(asset.id)).toEqual(before);
  });

  it('leaves nothing half done when five runs meet, and each window has one current version', async () => {
    const { asset, device } = await lively();
    await get(RecomputeMarkedUsage).run();
    await world.commit(asset.id, [message(device.id, 50, 110)]);
    await mark(asset.id, 50, 50);
    const interval = { from: START, to: START + 4 * HOUR_MS };
    await Promise.all([
      get(RecomputeMarkedUsage).run(),
      get(RecomputeUsage).run(asset.id, interval),
      get(RecomputeUsage).runMarked(asset.id),
      get(RecomputeUsage).run(asset.id, interval),
      get(RecomputeMarkedUsage).run(),
    ]);
    await get(RecomputeMarkedUsage).run();
    expect(await windows(asset.id)).toEqual({ 0: '10', 1: '4', 2: '7', 3: '7' });
    const twice = await world.rows(
      `select hour from usage_window where asset_id = ? and superseded_at is null group by meter_id, hour having count(*) > 1`,
      [asset.id],
    );
    expect(twice).toEqual([]);
    expect(await marks(asset.id)).toBe(0);
  });

  it('by a stop request ends after the asset at work; what waits is done by the next run', async () => {
    const [one, two] = [await lively(), await lively()];
    const stop = new AbortController();
    stop.abort();
    expect(await get(RecomputeMarkedUsage).run(stop.signal)).toBe(0);
    expect([await marks(one.asset.id), await marks(two.asset.id)]).toEqual([1, 1]);
    expect(await get(RecomputeMarkedUsage).run()).toBe(2);
  });
});

describe('time of states', () => {
  it('that a late message stretches into the next hour is metered there too', async () => {
    const { asset, device } = await machine();
    await world.commit(asset.id, [message(device.id, 100, 1)]);
    await derive(asset.id, 100, 100);
    expect(await windows(asset.id, 'loaded_s')).toEqual({ 1: '180' });
    await world.commit(asset.id, [message(device.id, 59, 1)]);
    await get(RecomputeTimeline).run(asset.id, { from: START + 59 * MIN, to: START + 59 * MIN + 1 });
    await get(RecomputeUsage).run(asset.id, { from: START, to: START + 2 * HOUR_MS });
    // 59:00 to 62:00: a minute in the first hour, two in the second beside the three that were there.
    expect(await windows(asset.id, 'loaded_s')).toEqual({ 0: '60', 1: '300' });
  });
});
