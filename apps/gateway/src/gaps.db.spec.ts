import { setTimeout as sleep } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import { everyCustomer, onlyCustomers, PlatformModule } from '@throughline/platform';
import { AskForGaps, Gaps, LookForGaps, NoteLost, TelemetryModule } from '@throughline/telemetry';
import { type World, world } from '../test/world.js';

let w: World;
let app: TestingModule;
beforeAll(async () => {
  w = await world();
  app = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(w.config, w.clock), TelemetryModule],
  }).compile();
  await app.init();
});
afterAll(async () => {
  await app.close();
  await w.close();
});

/** What the worker does every five seconds. */
const watch = async (aheadMs = 0): Promise<void> => {
  w.clock.advance(aheadMs);
  await app.get(LookForGaps).run();
  await app.get(AskForGaps).run();
};
/** Until the worker has seen what is written behind the messages; its clock hardly moves meanwhile. */
const seen = async (gaps: () => Promise<{ from: number; to: number }[]>, ...expected: [number, number][]) => {
  await until(async () => {
    await watch(1);
    return JSON.stringify((await gaps()).map(({ from, to }) => [from, to])) === JSON.stringify(expected);
  });
};
/** What the worker does with what the gateway published. */
const noteLosses = async (): Promise<void> => {
  for (const told of await w.events('telemetry.lost'))
    await app.get(NoteLost).run(told as unknown as Parameters<NoteLost['run']>[0]);
  await w.rows("delete from outbox where name = 'telemetry.lost'");
};
async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (const end = performance.now() + 20_000; ; ) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error('it did not come about within 20 s');
    await sleep(20);
  }
}

/** A machine and its device, with what that hears. */
async function machine(thing: string) {
  const installed = await w.installed(thing);
  const client = await w.plain(thing);
  const committed: number[] = [];
  const asked: unknown[] = [];
  client.on('message', (topic, payload) => {
    const body = JSON.parse(payload.toString());
    if (topic.endsWith('/committed')) committed.push(body.seq);
    else asked.push(body);
  });
  await client.subscribeAsync(`cmd/${thing}/telemetry/+`, { qos: 1 });
  const message = (seq: number) => ({ ts: w.now - 60_000 + seq, boot: 2, seq, m: { state: 2 } });
  const send = async (...seqs: number[]) =>
    void (await client.publishAsync(`dt/${thing}/telemetry`, JSON.stringify(seqs.map(message)), { qos: 1 }));
  const tell = async (detail: unknown) =>
    void (await client.publishAsync(
      `dt/${thing}/event`,
      JSON.stringify({ ts: w.now, boot: 2, type: 'telemetry_lost', detail }),
      { qos: 1 },
    ));
  const gaps = () =>
    w.rows<{ from: number; to: number; state: string; reason: string | null; asked: number; asset_id: string | null }>(
      `select from_seq::int as "from", to_seq::int as "to", state, reason, asked, asset_id from missing_range
       where device_id = ? order by from_seq`,
      [installed.deviceId],
    );
  const stored = (highest: number) =>
    until(async () => {
      const [row] = await w.rows<{ n: string }>('select highest_seq as n from boot_progress where device_id = ?', [
        installed.deviceId,
      ]);
      return Number(row?.n) >= highest;
    });
  return { ...installed, committed, asked, send, tell, gaps, stored };
}
const period = () => ({ from: w.now - 60_000, to: w.now });

describe('messages that did not arrive', () => {
  it('are found, asked for after a while with growing pauses, and forgotten when they come', async () => {
    const m = await machine('asks');
    await m.send(1, 2, 5, 6, 9);
    await m.stored(9);
    await watch();
    const found = { state: 'missing', reason: null, asset_id: m.assetId };
    expect(await m.gaps()).toEqual([
      { ...found, from: 3, to: 4, asked: 0 },
      { ...found, from: 7, to: 8, asked: 0 },
    ]);
    await watch(4_000);
    expect((await m.gaps()).map(({ asked }) => asked)).toEqual([0, 0]);
    await watch(2_000);
    await watch(9_000);
    await until(() => m.asked.length === 1);
    expect(m.asked).toEqual([
      {
        boot: 2,
        ranges: [
          [3, 4],
          [7, 8],
        ],
      },
    ]);
    await m.send(7, 4);
    await seen(m.gaps, [3, 3], [8, 8]);
    await watch(2_000);
    await until(() => m.asked.length === 2);
    expect(m.asked[1]).toEqual({
      boot: 2,
      ranges: [
        [3, 3],
        [8, 8],
      ],
    });
    expect(await app.get(Gaps).completeness(m.assetId, period())).toMatchObject({
      ...{ received: 7, missing: 2, lost: 0, provable: true },
    });
    await m.send(3, 8);
    await seen(m.gaps);
    await watch(60_000);
    await until(() => m.committed.at(-1) === 9);
    expect(m.asked).toHaveLength(2);
  });

  it('are lost when a connected device was asked in vain long enough; the prefix passes them and what comes late mends it', async () => {
    const m = await machine('silent');
    await m.send(1, 4);
    await m.stored(4);
    await watch();
    for (let i = 0; i < 9; i += 1) await watch(3_600_000);
    expect(await m.gaps()).toEqual([
      { from: 2, to: 3, state: 'lost', reason: 'unanswered', asked: 8, asset_id: m.assetId },
    ]);
    await until(() => m.committed.at(-1) === 4);
    // The gateway learns of it, too: without, `committed` would stand at 1 for ever.
    await m.send(5);
    await until(() => m.committed.at(-1) === 5);
    const figures = () => app.get(Gaps).completeness(m.assetId, period());
    expect(await figures()).toMatchObject({ received: 3, missing: 2, lost: 2 });
    expect((await figures()).share?.toString()).toBe('0.6');
    await m.send(2);
    await seen(m.gaps, [3, 3]);
    expect(await m.gaps()).toEqual([expect.objectContaining({ from: 3, to: 3, state: 'lost' })]);
    expect(await figures()).toMatchObject({ received: 4, missing: 1, lost: 1 });
    const shown = (customerId: string) => app.get(Gaps).ofAsset(onlyCustomers([customerId]), m.assetId, period(), 10);
    expect(await shown(w.acme.id)).toEqual([
      expect.objectContaining({ thingName: 'silent', boot: 2, fromSeq: 3, toSeq: 3, state: 'lost' }),
    ]);
    expect(await shown(w.other.id)).toEqual([]);
  });

  it('are lost at once when the device says so, also before anything shows that they are missing', async () => {
    const m = await machine('tells');
    await m.send(1);
    await m.tell({
      boot: 2,
      ranges: [
        [1, 6],
        [9, 100],
      ],
    });
    await noteLosses();
    await m.send(7, 8, 9, 12);
    await m.stored(12);
    await watch();
    expect(await m.gaps()).toEqual([
      ...[
        [2, 6],
        [10, 11],
        [13, 100],
      ].map(([from, to]) => expect.objectContaining({ from, to, state: 'lost', reason: 'told', asked: 0 })),
    ]);
    await until(() => m.committed.at(-1) === 12);
    await m.send(13);
    await m.stored(13);
    await until(() => m.committed.at(-1) === 13);
    await watch(10_000_000);
    expect(m.asked).toEqual([]);
  });

  it('said to be lost in a way that nobody understands change nothing', async () => {
    const m = await machine('mumbles');
    await m.send(1, 3);
    for (const detail of [
      '2',
      { boot: 2 },
      { boot: 2, ranges: [[3, 2]] },
      {
        boot: 2,
        ranges: [
          [2, 2],
          [0, 1],
        ],
      },
    ])
      await m.tell(detail);
    expect(await w.events('telemetry.lost')).toEqual([]);
    const set = await w.quarantined('mumbles');
    expect(set.map(({ reason }) => reason)).toEqual(Array(4).fill('bad_event'));
    expect(set.map(({ rule }) => rule).join()).toContain('detail.ranges: must be pairs of whole numbers [from, to]');
    await m.stored(3);
    await watch();
    expect((await m.gaps()).map(({ state }) => state)).toEqual(['missing']);
  });

  it('are none of a device without boot and seq, whose completeness nobody can prove', async () => {
    const { assetId } = await w.installed('legacy');
    const client = await w.plain('legacy');
    for (const ts of [w.now - 50_000, w.now - 20_000])
      await client.publishAsync('dt/legacy/telemetry', JSON.stringify({ ts, m: { state: 2 } }), { qos: 1 });
    await watch();
    expect(await app.get(Gaps).completeness(assetId, period())).toEqual({
      ...{ received: 2, missing: 0, lost: 0, provable: false, share: null },
    });
    expect(await app.get(Gaps).ofAsset(everyCustomer, assetId, period(), 10)).toEqual([]);
  });
});
