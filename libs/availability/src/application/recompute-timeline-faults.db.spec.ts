import { HOUR_MS } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import { type Machines, machines, type TestMessage } from '../../../../test/support/machines.js';
import { AvailabilityModule } from '../availability.module.js';
import { MarkTimelineDirty } from './mark-timeline-dirty.js';
import { RecomputeMarkedTimelines } from './recompute-marked-timelines.js';
import { RecomputeTimeline } from './recompute-timeline.js';
import { Timelines } from './timeline.js';

const MIN = 60_000;
const START = Date.parse('2026-03-02T08:00:00Z');
const whole = { from: START, to: START + 4 * HOUR_MS };

let world: Machines<TestContext>;
let serial = 0;
const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get<T>(type, { strict: false });

beforeAll(async () => {
  world = await machines(await testModule([AvailabilityModule]));
});
afterAll(() => world.context.close());
beforeEach(() => world.context.clock.set(new Date(START + 24 * HOUR_MS)));

const message = (deviceId: string, minute: number, state?: number): TestMessage => ({
  deviceId,
  boot: 1,
  seq: minute + 1_000,
  ts: START + minute * MIN,
  state,
});
const mark = (assetId: string, from: number, to: number) =>
  get(MarkTimelineDirty).run([{ assetId, from: START + from * MIN, to: START + to * MIN }]);
const entries = (assetId: string) =>
  world.rows<{ superseded_at: string | null }>('select * from timeline_entry where asset_id = ? order by id', [
    assetId,
  ]);
const marks = async (assetId: string) =>
  (await world.rows('select id from timeline_dirty where asset_id = ?', [assetId])).length;
const events = async (assetId: string) =>
  (
    await world.rows(`select id from outbox where name = 'availability.timeline-changed' and payload->>'assetId' = ?`, [
      assetId,
    ])
  ).length;
const read = async (assetId: string) =>
  (await get(Timelines).timelineOf(everyCustomer, assetId, whole)).map((i) => [
    (i.from - START) / MIN,
    (i.to - START) / MIN,
    i.category,
  ]);

/** Up for two minutes, then down over the hour, then up again; marked, not derived yet. */
async function waiting() {
  const { asset, device } = await world.machine(`TF-${++serial}`);
  await world.commit(asset.id, [
    message(device.id, 56, 2),
    message(device.id, 58, 4),
    message(device.id, 60, 4),
    message(device.id, 62, 2),
  ]);
  await mark(asset.id, 56, 62);
  return { asset, device };
}
const derived = [
  [0, 56, 'unknown'],
  [56, 58, 'producing'],
  [58, 62, 'vendor_down'],
  [62, 65, 'producing'],
  [65, 240, 'unknown'],
];

describe('a derivation that is cut short', () => {
  it('before its commit stores and tells nothing and keeps its marks; the next one does it all', async () => {
    const { asset } = await waiting();
    const killed = get(Database).transaction(everyCustomer, async () => {
      expect(await get(RecomputeTimeline).runMarked(asset.id)).toBeDefined();
      throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    expect([await entries(asset.id), await marks(asset.id), await events(asset.id)]).toEqual([[], 1, 0]);
    await get(RecomputeMarkedTimelines).run();
    expect([await read(asset.id), await marks(asset.id), await events(asset.id)]).toEqual([derived, 0, 1]);
  });

  it('between commit and acknowledgement is done again without an entry or an event', async () => {
    const { asset } = await waiting();
    await get(RecomputeMarkedTimelines).run();
    const before = await entries(asset.id);
    await mark(asset.id, 56, 62);
    await mark(asset.id, 60, 60);
    await get(RecomputeMarkedTimelines).run();
    expect(await get(RecomputeTimeline).run(asset.id, whole)).toBeUndefined();
    expect([await entries(asset.id), await events(asset.id)]).toEqual([before, 1]);
  });

  it('or meets others at the same moment leaves each instant one entry', async () => {
    const { asset, device } = await waiting();
    await get(RecomputeMarkedTimelines).run();
    await world.commit(asset.id, [message(device.id, 57, 5), message(device.id, 64, 4)]);
    await mark(asset.id, 57, 64);
    await Promise.all([
      get(RecomputeMarkedTimelines).run(),
      get(RecomputeTimeline).run(asset.id, whole),
      get(RecomputeTimeline).runMarked(asset.id),
      get(RecomputeTimeline).run(asset.id, whole),
    ]);
    await get(RecomputeMarkedTimelines).run();
    expect(await read(asset.id)).toEqual([
      [0, 56, 'unknown'],
      [56, 57, 'producing'],
      [57, 58, 'ready'],
      [58, 62, 'vendor_down'],
      [62, 64, 'producing'],
      [64, 67, 'vendor_down'],
      [67, 240, 'unknown'],
    ]);
    const overlapping = await world.rows(
      `select a.id from timeline_entry a join timeline_entry b on b.asset_id = a.asset_id and b.id <> a.id
         and b.from_at < a.to_at and a.from_at < b.to_at
       where a.asset_id = ? and a.superseded_at is null and b.superseded_at is null`,
      [asset.id],
    );
    expect(overlapping).toEqual([]);
  });

  it('by a stop request leaves the marks to the next run', async () => {
    const { asset } = await waiting();
    await get(RecomputeMarkedTimelines).run(AbortSignal.abort());
    expect([await marks(asset.id), await entries(asset.id)]).toEqual([1, []]);
    await get(RecomputeMarkedTimelines).run();
    expect(await marks(asset.id)).toBe(0);
  });
});

describe('messages that turn out to be another asset’s', () => {
  it('leave the timeline that the rest alone would have given, and what was believed before can still be read', async () => {
    const { asset, device } = await waiting();
    const other = await world.machine(`TF-${++serial}`);
    await get(RecomputeMarkedTimelines).run();
    const asOf = world.context.clock.now();
    world.context.clock.set(new Date(asOf.getTime() + HOUR_MS));
    await world.rows('update message set asset_id = ? where device_id = ? and seq in (1058, 1060)', [
      other.asset.id,
      device.id,
    ]);
    await mark(asset.id, 58, 60);
    await get(RecomputeMarkedTimelines).run();
    expect(await read(asset.id)).toEqual([
      [0, 56, 'unknown'],
      [56, 59, 'producing'],
      [59, 62, 'unknown'],
      [62, 65, 'producing'],
      [65, 240, 'unknown'],
    ]);
    const then = await get(Timelines).timelineOf(everyCustomer, asset.id, whole, { asOf });
    expect(then.map((i) => i.category)).toEqual(derived.map(([, , category]) => category));
  });
});
