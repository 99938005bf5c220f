import { HOUR_MS } from '@throughline/kernel';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import fc from 'fast-check';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { type Machines, machines, type TestMessage } from '../../../../test/support/machines.js';
import { AvailabilityModule } from '../availability.module.js';
import { availabilityOf, rawDefinition } from '../domain/availability.js';
import type { TimelineInterval } from '../domain/category.js';
import { deriveStates } from '../domain/derive-states.js';
import { MarkTimelineDirty } from './mark-timeline-dirty.js';
import { RecomputeMarkedTimelines } from './recompute-marked-timelines.js';
import { RecomputeTimeline } from './recompute-timeline.js';
import { SignalSilence } from './signal-silence.js';
import { Timelines } from './timeline.js';

const MIN = 60_000;
const START = Date.parse('2026-03-02T08:00:00Z');

let world: Machines<TestContext>;
let mark: MarkTimelineDirty;
let recompute: RecomputeMarkedTimelines;
let timelines: Timelines;
let serial = 0;

beforeAll(async () => {
  const context = await testModule([AvailabilityModule]);
  world = await machines(context);
  mark = context.module.get(MarkTimelineDirty);
  recompute = context.module.get(RecomputeMarkedTimelines);
  timelines = context.module.get(Timelines);
});
afterAll(() => world.context.close());
beforeEach(() => world.context.clock.set(new Date(START)));

const machine = () => world.machine(`M-${++serial}`);
const message = (deviceId: string, minute: number, state?: number, seq = minute + 1_000): TestMessage => ({
  deviceId,
  boot: 1,
  seq,
  ts: START + minute * MIN,
  state,
});

/** Commits a batch at the present time and lets the timeline follow, as the worker would. */
async function deliver(assetId: string, messages: readonly TestMessage[]): Promise<void> {
  await world.commit(assetId, messages);
  const times = messages.map((m) => m.ts);
  if (times.length > 0) await mark.run([{ assetId, from: Math.min(...times), to: Math.max(...times) }]);
  await recompute.run();
}

const minutes = (list: readonly TimelineInterval[]) =>
  list.map((i) => [(i.from - START) / MIN, (i.to - START) / MIN, i.category, i.detail]);
const read = async (assetId: string, from: number, to: number, asOf?: Date) =>
  minutes(
    await timelines.timelineOf(everyCustomer, assetId, { from: START + from * MIN, to: START + to * MIN }, { asOf }),
  );
const at = (minute: number) => world.context.clock.set(new Date(START + minute * MIN));
const SILENT = 'no message for more than 3 min';

interface StoredRow {
  from_at: string;
  to_at: string;
  recorded_at: string;
  superseded_at: string | null;
  category: string;
  evidence: { messages: number };
}
const rowsOf = (assetId: string) =>
  world.rows<StoredRow>('select * from timeline_entry where asset_id = ? order by from_at, recorded_at', [assetId]);

describe('the stored timeline', () => {
  it('follows messages, holds the last state for three minutes and then is unknown by itself', async () => {
    const { asset, device } = await machine();
    at(10);
    await deliver(asset.id, [message(device.id, 0, 2), message(device.id, 1, 2), message(device.id, 9, 4)]);
    expect(await read(asset.id, 0, 30)).toEqual([
      [0, 4, 'producing', 'loaded'],
      [4, 9, 'unknown', SILENT],
      [9, 10, 'vendor_down', 'fault'],
    ]);
    at(30);
    expect(await read(asset.id, 5, 60)).toEqual([
      [5, 9, 'unknown', SILENT],
      [9, 12, 'vendor_down', 'fault'],
      [12, 30, 'unknown', SILENT],
    ]);
  });

  it('resolves unknown time when buffered messages arrive, and still knows what it believed before', async () => {
    const { asset, device } = await machine();
    at(1);
    await deliver(asset.id, [message(device.id, 0, 2)]);
    at(20);
    const before = new Date(START + 20 * MIN);
    await deliver(asset.id, [message(device.id, 19, 2)]);
    at(25);
    await deliver(
      asset.id,
      Array.from({ length: 18 }, (_, i) => message(device.id, i + 1, i < 9 ? 2 : 4)),
    );
    expect(await read(asset.id, 0, 20)).toEqual([
      [0, 10, 'producing', 'loaded'],
      [10, 19, 'vendor_down', 'fault'],
      [19, 20, 'producing', 'loaded'],
    ]);
    expect(await read(asset.id, 0, 20, before)).toEqual([
      [0, 3, 'producing', 'loaded'],
      [3, 19, 'unknown', SILENT],
      [19, 20, 'producing', 'loaded'],
    ]);
  });

  it('lets its open end grow in place, and never edits an hour that is over', async () => {
    const { asset, device } = await machine();
    for (let minute = 0; minute < 70; minute += 1) {
      at(minute);
      await deliver(asset.id, [message(device.id, minute, 2)]);
    }
    const rows = await rowsOf(asset.id);
    expect(rows.map((r) => [r.superseded_at, r.evidence.messages])).toEqual([
      [null, 60],
      [null, 10],
    ]);
    at(200);
    await deliver(asset.id, [message(device.id, 30, 4, 5_000)]);
    const after = await rowsOf(asset.id);
    expect(after.filter((r) => r.superseded_at !== null).map((r) => r.evidence.messages)).toEqual([60]);
    expect(after.filter((r) => r.superseded_at === null)).toHaveLength(4);
  });

  it('stores nothing new when messages are delivered again', async () => {
    const { asset, device } = await machine();
    at(10);
    const batch = [message(device.id, 0, 2), message(device.id, 2, 4)];
    await deliver(asset.id, batch);
    const before = await rowsOf(asset.id);
    await deliver(asset.id, batch);
    expect(await rowsOf(asset.id)).toEqual(before);
  });

  it('publishes what changed, and nothing when nothing did', async () => {
    const { asset, device } = await machine();
    at(10);
    await deliver(asset.id, [message(device.id, 0, 2)]);
    await deliver(asset.id, [message(device.id, 0, 2)]);
    const events = await world.rows<{ payload: unknown }>(
      `select payload from outbox where name = 'availability.timeline-changed' and payload->>'assetId' = ?`,
      [asset.id],
    );
    expect(events.map((e) => e.payload)).toEqual([{ assetId: asset.id, from: START, to: START + 3 * MIN }]);
    const marks = await world.rows('select 1 from timeline_dirty where asset_id = ?', [asset.id]);
    expect(marks).toEqual([]);
  });

  it('carries a state over the hour and over messages without one into later hours', async () => {
    const { asset, device } = await machine();
    at(180);
    const quiet = Array.from({ length: 70 }, (_, i) => message(device.id, 59 + 2 * i, undefined, 2 + i));
    await deliver(asset.id, quiet);
    expect((await read(asset.id, 59, 180)).map((i) => i[2])).toEqual(['unknown']);
    await deliver(asset.id, [message(device.id, 58, 2, 1)]);
    expect(await read(asset.id, 58, 180)).toEqual([[58, 180, 'producing', 'loaded']]);
  });

  it('says since when a silent device is not connected', async () => {
    const { asset, device } = await machine();
    await world.rows(
      `insert into presence_interval (id, session_id, device_id, customer_id, client_id, gateway, connected_at, disconnected_at)
       select gen_random_uuid(), gen_random_uuid(), ?, ?, 'c', 'g', ?, ?`,
      [device.id, world.customerId, new Date(START - MIN).toISOString(), new Date(START + 2 * MIN).toISOString()],
    );
    at(10);
    await deliver(asset.id, [message(device.id, 0, 2)]);
    expect(await read(asset.id, 0, 10)).toEqual([
      [0, 3, 'producing', 'loaded'],
      [3, 10, 'unknown', 'not connected since 2026-03-02T08:02:00.000Z'],
    ]);
  });

  it('tells who watches that an asset fell silent', async () => {
    const { asset, device } = await machine();
    at(1);
    await deliver(asset.id, [message(device.id, 0, 2)]);
    const silence = world.context.module.get(SignalSilence);
    expect(await silence.run()).not.toContain(asset.id);
    world.context.clock.set(new Date(START + 3 * MIN + 1));
    expect(await silence.run()).toContain(asset.id);
    at(4);
    expect(await silence.run()).not.toContain(asset.id);
  });

  it('shows a customer its own assets only', async () => {
    const { asset, device } = await machine();
    at(1);
    await deliver(asset.id, [message(device.id, 0, 2)]);
    const hour = { from: START, to: START + HOUR_MS };
    const own = await timelines.timelinesOf(onlyCustomers([world.customerId]), [asset.id], hour);
    expect(own.get(asset.id)).toHaveLength(1);
    const stranger = onlyCustomers(['00000000-0000-7000-8000-000000000001']);
    expect((await timelines.timelinesOf(stranger, [asset.id], hour)).size).toBe(0);
    await expect(timelines.timelineOf(stranger, asset.id, hour)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      timelines.timelineOf(everyCustomer, asset.id, { from: START, to: START + 401 * 24 * HOUR_MS }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('keeps the marks of an asset that cannot be derived and goes on with the others', async () => {
    const [bad, good] = [await machine(), await machine()];
    at(10);
    await world.commit(good.asset.id, [message(good.device.id, 0, 2)]);
    await world.commit(bad.asset.id, [message(bad.device.id, 0, 2)]);
    await mark.run([{ assetId: bad.asset.id, from: START, to: START }]);
    await mark.run([{ assetId: good.asset.id, from: START, to: START }]);
    // A trigger stands for whatever may go wrong in storing one asset.
    await world.context.database.pool.query(`
      create function fail_one() returns trigger language plpgsql as $$ begin
        if new.asset_id = '${bad.asset.id}' then raise exception 'disk on fire'; end if; return new; end $$;
      create trigger fail_one before insert on timeline_entry for each row execute function fail_one();`);
    await expect(recompute.run()).rejects.toThrow('disk on fire');
    expect((await read(good.asset.id, 0, 3)).map((i) => i[2])).toEqual(['producing']);
    await world.context.database.pool.query('drop trigger fail_one on timeline_entry; drop function fail_one()');
    await recompute.run();
    expect((await read(bad.asset.id, 0, 3)).map((i) => i[2])).toEqual(['producing']);
  });
});

describe('raw availability', () => {
  it('added up by the database is what the intervals give', async () => {
    const { asset, device } = await machine();
    at(400);
    const states = [2, 4, 5, 6, 0, 2, undefined, 9];
    await deliver(
      asset.id,
      Array.from({ length: 90 }, (_, i) => message(device.id, i * 4 + (i % 3), states[(i * 7) % 8], i + 1)),
    );
    for (const [from, to] of [
      [0, 400],
      [13, 287],
      [-100, 60],
      [100, 900],
      [50, 50],
    ] as const) {
      const period = { from: START + from * MIN, to: START + to * MIN };
      const figure = (await timelines.rawAvailabilityOf(everyCustomer, [asset.id], period)).get(asset.id);
      const intervals = await timelines.timelineOf(everyCustomer, asset.id, period);
      const expected = availabilityOf(intervals, period, rawDefinition);
      expect({ ...figure, byCategory: {} }).toEqual({ ...expected, byCategory: {} });
      for (const [category, ms] of Object.entries(expected.byCategory))
        expect(figure?.byCategory).toHaveProperty(category, ms);
    }
  });
});

/** Any messages, delivered in any batches and order, some twice, while the clock moves on. */
const deliveries = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 0, max: 300 }),
      state: fc.constantFrom(0, 2, 2, 4, 6, 9, undefined),
      batch: fc.integer({ min: 0, max: 5 }),
      again: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 3 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((list) => list.map((m, i) => ({ ...m, seq: i + 1 })));

describe('the incremental timeline, for any deliveries', () => {
  it('equals the one derived from scratch, and each earlier belief can still be read', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async (list) => {
        const { asset, device } = await machine();
        const all = list.map((m) => message(device.id, m.minute, m.state, m.seq));
        const beliefs: { asOf: Date; read: unknown }[] = [];
        for (let batch = 0; batch < 6; batch += 1) {
          at(batch * 75 + 1);
          await deliver(
            asset.id,
            all.filter((_, i) => list[i]?.batch === batch || list[i]?.again === batch),
          );
          at(batch * 75 + 2);
          const asOf = world.context.clock.now();
          beliefs.push({ asOf, read: await read(asset.id, -60, 500) });
          at(batch * 75 + 3);
        }
        at(1_000);
        for (const { asOf, read: then } of beliefs) expect(await read(asset.id, -60, 500, asOf)).toEqual(then);

        const range = { from: START - HOUR_MS, to: START + 12 * HOUR_MS };
        const incremental = await timelines.statesOf(everyCustomer, asset.id, range);
        const pure = deriveStates({
          readings: all.map((m) => ({
            state: m.state === undefined ? null : String(m.state),
            ref: { deviceId: m.deviceId, boot: 1, seq: m.seq, ts: m.ts },
          })),
          stateMap: world.model.stateMap,
          staleAfterMs: 180_000,
          interval: range,
          hourly: true,
        });
        expect(incremental).toEqual(pure);

        expect(await world.context.module.get(RecomputeTimeline).run(asset.id, range)).toBeUndefined();
        await world.rows('delete from timeline_entry where asset_id = ?', [asset.id]);
        await world.context.module.get(RecomputeTimeline).run(asset.id, range);
        expect(await timelines.statesOf(everyCustomer, asset.id, range)).toEqual(incremental);
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});
