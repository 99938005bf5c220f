import { jest } from '@jest/globals';
import { LiveSignals } from '@throughline/platform';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { type Machines, machines } from '../../../../../test/support/machines.js';
import { RecomputeTimeline } from '../../application/recompute-timeline.js';

const MIN = 60_000;
const NOW = Date.parse('2026-03-02T08:00:00Z');

let api: ApiUnderTest;
let world: Machines;
const ids: string[] = [];
const devices: string[] = [];

beforeAll(async () => {
  api = await startApi();
  world = await machines({ database: api.database, module: api.app }, { customerId: api.organisations.Alpha });
  for (let i = 0; i < 12; i += 1) {
    const { asset, device } = await world.machine(`G-${i}`);
    ids.push(asset.id);
    devices.push(device.id);
    await say(asset.id, device.id, -60, 2, 1);
    await say(asset.id, device.id, -58, 4, 2);
    await say(asset.id, device.id, -1, i === 0 ? 6 : 2, 3);
  }
});
afterAll(() => api.close());

/** A message as ingest leaves it: stored, the newest of its device, and the timeline following. */
async function say(assetId: string, deviceId: string, minute: number, state: number, seq: number): Promise<void> {
  const ts = NOW + minute * MIN;
  await world.commit(assetId, [{ deviceId, boot: 1, seq, ts, state, output: 100 + seq }]);
  await world.rows(
    `insert into latest_reading (device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, values)
     select device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, values from message
     where device_id = ? and seq = ?
     on conflict (device_id) do update set seq = excluded.seq, ts = excluded.ts, values = excluded.values`,
    [deviceId, seq],
  );
  await api.app.get(RecomputeTimeline).run(assetId, { from: ts, to: ts + 1 });
}

const ask = async (query: string, variables: object = {}, role: 'viewer' | 'admin' = 'viewer', at?: 'alpha' | 'beta') =>
  api.query(query, variables as Record<string, unknown>, await api.signIn(role, at));
const period = { from: '2026-03-02T07:00:00Z', to: '2026-03-02T09:00:00Z' };

describe('availability over GraphQL', () => {
  it('shows live state, timeline with evidence, and raw availability of an asset', async () => {
    const { data, errors } = await ask(
      `query ($id: ID!, $from: DateTime!, $to: DateTime!) { asset(id: $id) {
        live { assetId category state fraction since at connected values { metric value unit } }
        timeline(from: $from, to: $to) { from to category fraction source detail
          evidence { messages first { thingName boot seq at } last { seq } } }
        availability(from: $from, to: $to) { percent totalMs measuredMs excludedMs notMeasuredMs upMs downMs unknownMs
          byCategory { category ms } }
      } }`,
      { id: ids[0], ...period },
    );
    expect(errors).toBeUndefined();
    expect(data?.asset).toEqual({
      live: {
        assetId: ids[0],
        category: 'degraded',
        state: 'derated',
        fraction: '0.6',
        since: '2026-03-02T07:59:00.000Z',
        at: '2026-03-02T07:59:00.000Z',
        connected: false,
        values: [
          { metric: 'pressure_bar', value: 7.1, unit: 'bar' },
          { metric: 'output_m3', value: 103, unit: 'm3' },
          { metric: 'state', value: 6, unit: '1' },
        ],
      },
      timeline: [
        expect.objectContaining({
          from: '2026-03-02T07:00:00.000Z',
          to: '2026-03-02T07:02:00.000Z',
          category: 'producing',
          fraction: null,
          source: 'state_map',
          detail: 'loaded',
          evidence: {
            messages: 1,
            first: { thingName: 'G-0-a', boot: 1, seq: 1, at: '2026-03-02T07:00:00.000Z' },
            last: { seq: 1 },
          },
        }),
        expect.objectContaining({ category: 'vendor_down', to: '2026-03-02T07:05:00.000Z' }),
        expect.objectContaining({
          category: 'unknown',
          source: 'silence',
          evidence: { messages: 0, first: null, last: null },
        }),
        expect.objectContaining({ category: 'degraded', fraction: '0.6', to: '2026-03-02T08:00:00.000Z' }),
      ],
      availability: {
        percent: '50.00',
        totalMs: 120 * MIN,
        measuredMs: 6 * MIN,
        excludedMs: 54 * MIN,
        notMeasuredMs: 60 * MIN,
        upMs: String(3 * MIN),
        downMs: String(3 * MIN),
        unknownMs: 54 * MIN,
        byCategory: [
          { category: 'vendor_down', ms: 3 * MIN },
          { category: 'degraded', ms: MIN },
          { category: 'producing', ms: 2 * MIN },
          { category: 'unknown', ms: 54 * MIN },
        ],
      },
    });
  });

  it('costs a list of assets as many queries as one asset', async () => {
    const list = `query ($n: Int!, $from: DateTime!, $to: DateTime!) { assets(first: $n) { edges { node { id
      live { category values { value } } timeline(from: $from, to: $to) { category evidence { first { thingName } } }
      availability(from: $from, to: $to) { percent } usage(from: $from, to: $to) { quantity { value } }
      model { meters { name } } } } } }`;
    const count = async (n: number) => {
      const log = jest.spyOn(api.database.mikroOrm.config.getLogger(), 'logQuery');
      const { data, errors } = await ask(list, { n, ...period });
      expect(errors).toBeUndefined();
      expect((data?.assets as { edges: unknown[] } | undefined)?.edges).toHaveLength(n);
      const texts = log.mock.calls.map(([context]) => context.query ?? '');
      log.mockRestore();
      return texts.filter((text) => /^\s*(select|with) (?!set_config)/i.test(text)).length;
    };
    await count(1);
    const one = await count(1);
    expect(one).toBeGreaterThan(3);
    expect(await count(12)).toBe(one);
  });

  it('puts short intervals together and refuses senseless periods', async () => {
    const timeline = (args: string) => ask(`{ asset(id: "${ids[1]}") { timeline(${args}) { category } } }`);
    const { data } = await timeline(`from: "${period.from}", to: "${period.to}", minMs: 600000`);
    expect((data?.asset as { timeline: unknown[] } | undefined)?.timeline).toEqual([
      { category: 'vendor_down' },
      { category: 'unknown' },
      { category: 'producing' },
    ]);
    const code = async (args: string) => (await timeline(args)).errors?.[0]?.extensions.code;
    expect(await code(`from: "${period.to}", to: "${period.from}"`)).toBe('INVALID_INPUT');
    expect(await code(`from: "2020-01-01T00:00:00Z", to: "${period.to}"`)).toBe('INVALID_INPUT');
    expect(await code(`from: "${period.from}", to: "${period.to}", minMs: -1`)).toBe('INVALID_INPUT');
  });

  it('hides an asset of another customer', async () => {
    const { data } = await ask(`{ asset(id: "${ids[0]}") { live { category } } }`, {}, 'viewer', 'beta');
    expect(data?.asset).toBeNull();
  });

  it('tells subscribers of their own assets, beginning with the present', async () => {
    const token = await api.signIn('viewer');
    const client = createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const feed = client.iterate<{ assetLive: { assetId: string; category: string } }>({
      query: 'subscription ($ids: [ID!]) { assetLive(assetIds: $ids) { assetId category } }',
      variables: { ids: [ids[2], ids[3]] },
    });
    const next = async () => (await feed.next()).value?.data?.assetLive;
    const first = [await next(), await next()];
    expect(first.map((live) => live?.assetId).sort()).toEqual([ids[2], ids[3]].sort());
    expect(new Set(first.map((live) => live?.category))).toEqual(new Set(['producing']));
    const [asset = '', device = ''] = [ids[3], devices[3]];
    await say(asset, device, 0, 4, 9);
    api.app.get(LiveSignals).signal('asset-live', [ids[5] ?? '', asset]);
    expect(await next()).toEqual({ assetId: asset, category: 'vendor_down' });
    await feed.return?.();
    await client.dispose();
  });

  it("names an exchanged controller, that is no longer the customer's, without failing", async () => {
    const { asset, device } = await world.machine('G-swapped');
    await say(asset.id, device.id, -10, 2, 1);
    await world.rows('update installation set to_at = ? where device_id = ?', [new Date(NOW - MIN), device.id]);
    await world.rows('update device set customer_id = null where id = ?', [device.id]);
    const query = `{ asset(id: "${asset.id}") { timeline(from: "2026-03-02T07:50:00Z", to: "2026-03-02T07:51:00Z") {
      evidence { first { thingName } } } } }`;
    const names = async (role: 'viewer' | 'admin') => JSON.stringify((await ask(query, {}, role)).data);
    expect(await names('viewer')).toContain('an exchanged controller');
    expect(await names('admin')).toContain('G-swapped-a');
  });
});
