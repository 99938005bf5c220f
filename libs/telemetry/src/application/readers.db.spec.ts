import { Test, type TestingModule } from '@nestjs/testing';
import { EndInstallation, InstallDevice } from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { everyCustomer, onlyCustomers, PlatformModule } from '@throughline/platform';
import fc from 'fast-check';
import { type Fleet, fleet } from '../../../fleet/test/fixture.js';
import type { StoredReading } from '../domain/reading.js';
import { TelemetryModule } from '../telemetry.module.js';
import { AttributeAgain } from './attribute-again.js';
import { LatestReadings } from './latest-readings.js';
import { MessageReader } from './message-reader.js';
import { RegisterSchema } from './register-schema.js';
import { SeriesReader } from './series-reader.js';

const metrics = [
  { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge' as const, min: 0, max: 16 },
  { name: 'state', title: 'State', unit: '1', kind: 'state' as const },
];

let f: Fleet;
let module: TestingModule;
let now: number;
beforeAll(async () => {
  f = await fleet();
  module = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), TelemetryModule],
  }).compile();
  await module.init();
  await module.get(RegisterSchema).run(f.model.id, metrics);
  now = f.clock.now().getTime();
});
afterAll(async () => {
  await module.close();
  await f.close();
});

interface Sent {
  seq: number;
  ts: number;
  boot?: number;
  storedAt?: number;
  values?: (number | 'NaN')[];
}

let serial = 0;
/** A device installed on an asset since yesterday. */
async function machine(customer = f.acme): Promise<{ deviceId: string; assetId: string; customerId: string }> {
  serial += 1;
  const [device, asset] = [await f.device(`reader-${serial}`), await f.asset(`R${serial}`, customer)];
  const at = new Date(now - 86_400_000);
  await f.module.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id, at });
  return { deviceId: device.id, assetId: asset.id, customerId: customer.id };
}

async function store(
  of: { deviceId: string; assetId: string | null; customerId: string | null },
  sent: readonly Sent[],
) {
  for (const { seq, ts, boot = 1, storedAt = ts, values = [7, 2] } of sent)
    await f.rows(
      `insert into message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, "values")
       values (?, ?, ?, ?, ?, ?, ?, 1, ?::float8[]) on conflict do nothing`,
      [of.deviceId, boot, seq, new Date(ts), new Date(storedAt), of.assetId, of.customerId, `{${values.join(',')}}`],
    );
}

const read = <T>(work: (em: Parameters<MessageReader['count']>[0]) => Promise<T>, scope = everyCustomer) =>
  f.database.read(scope, work);
const readings = (assetId: string, from: number, to: number, options = {}, scope = everyCustomer) =>
  read(async (em) => {
    const all: StoredReading[] = [];
    for await (const reading of module.get(MessageReader).readings(em, assetId, { from, to }, options))
      all.push(reading);
    return all;
  }, scope);

describe('reading messages', () => {
  it('gives those of [from, to) in the order of time, with the one before when asked', async () => {
    const m = await machine();
    await store(m, [
      { seq: 1, ts: now - 5_000 },
      { seq: 3, ts: now - 3_000, values: [5.5, 'NaN'] },
      { seq: 2, ts: now - 4_000 },
      { seq: 4, ts: now - 2_000 },
    ]);
    const found = await readings(m.assetId, now - 4_000, now - 2_000);
    expect(found.map((r) => [r.deviceId, r.boot, r.seq, r.ts])).toEqual([
      [m.deviceId, 1, 2, now - 4_000],
      [m.deviceId, 1, 3, now - 3_000],
    ]);
    expect(found[1]?.values.get('pressure_bar')).toBe(5.5);
    expect(found[1]?.values.get('state')).toBeUndefined();
    expect(found[1]?.values.get('colour')).toBeUndefined();
    const before = await readings(m.assetId, now - 4_000, now - 2_000, { before: true });
    expect(before.map((r) => r.seq)).toEqual([1, 2, 3]);
    expect(await readings(m.assetId, now - 9_000, now - 8_000, { before: true })).toEqual([]);
  });

  it('knows what was known before an instant', async () => {
    const m = await machine();
    await store(m, [
      { seq: 1, ts: now - 5_000, storedAt: now - 100 },
      { seq: 2, ts: now - 4_000, storedAt: now - 4_000 },
    ]);
    const storedBefore = new Date(now - 100);
    expect((await readings(m.assetId, 0, now, { storedBefore })).map((r) => r.seq)).toEqual([2]);
    expect((await readings(m.assetId, now - 4_500, now, { storedBefore, before: true })).map((r) => r.seq)).toEqual([
      2,
    ]);
    const period = { from: 0, to: now };
    expect(await read((em) => module.get(MessageReader).count(em, m.assetId, period))).toBe(2);
    expect(await read((em) => module.get(MessageReader).count(em, m.assetId, period, storedBefore))).toBe(1);
  });

  it('pages through more than it reads at once, also where many have the same time', async () => {
    const m = await machine();
    await f.rows(
      `insert into message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, "values")
       select ?, 1, n, ?::timestamptz + (n / 7) * interval '1 ms', now(), ?, ?, 1, array[n, 2] from generate_series(1, 11000) n`,
      [m.deviceId, new Date(now - 60_000), m.assetId, m.customerId],
    );
    const found = await readings(m.assetId, 0, now);
    expect(found.map((r) => r.seq)).toEqual(Array.from({ length: 11_000 }, (_, i) => i + 1));
  });

  it('shows a customer its own only', async () => {
    const [own, others] = [await machine(f.acme), await machine(f.other)];
    await store(own, [{ seq: 1, ts: now }]);
    await store(others, [{ seq: 1, ts: now }]);
    const scope = onlyCustomers([f.acme.id]);
    expect(await readings(own.assetId, 0, now + 1, {}, scope)).toHaveLength(1);
    expect(await readings(others.assetId, 0, now + 1, {}, scope)).toEqual([]);
  });
});

describe('missing messages', () => {
  const missing = (assetId: string, from: number, to: number) =>
    read((em) => module.get(MessageReader).missing(em, assetId, { from, to }));

  it('are the holes below stored numbers, each counted for the period of the message after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 15 }),
        fc.integer({ min: 0, max: 31 }),
        async (seqs, cut) => {
          const m = await machine();
          await store(
            m,
            seqs.map((seq) => ({ seq, ts: now - 100_000 + seq * 1_000 })),
          );
          const expected = Math.max(...seqs) - seqs.length;
          const middle = now - 100_000 + cut * 1_000;
          expect(await missing(m.assetId, 0, now)).toBe(expected);
          expect((await missing(m.assetId, 0, middle)) + (await missing(m.assetId, middle, now))).toBe(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('are counted for each boot by itself, and not provable without boot and seq', async () => {
    const m = await machine();
    await store(m, [
      { seq: 1, ts: now - 9_000 },
      { seq: 4, ts: now - 8_000 },
      { seq: 2, ts: now - 7_000, boot: 2 },
      { seq: now - 6_000, ts: now - 6_000, boot: 0 },
    ]);
    expect(await missing(m.assetId, 0, now)).toBe(2 + 1);
  });
});

describe('latest readings', () => {
  it('are the newest of an asset whichever device spoke', async () => {
    const m = await machine();
    const second = await f.device(`reader-second-${serial}`);
    for (const [deviceId, ts] of [
      [m.deviceId, now - 2_000],
      [second.id, now - 1_000],
    ] as const)
      await f.rows(
        `insert into latest_reading (device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, "values")
         values (?, ?, ?, 1, 5, ?, ?, 1, '{6.5,2}')`,
        [deviceId, m.assetId, m.customerId, new Date(ts), new Date(now)],
      );
    const never = await machine();
    const latest = module.get(LatestReadings);
    const ofAssets = await read((em) => latest.ofAssets(em, [m.assetId, never.assetId, 'no id']));
    expect([...ofAssets.keys()]).toEqual([m.assetId]);
    expect(ofAssets.get(m.assetId)).toMatchObject({
      deviceId: second.id,
      boot: 1,
      seq: 5,
      ts: now - 1_000,
      storedAt: now,
    });
    expect([...(ofAssets.get(m.assetId)?.values.entries() ?? [])].map(([metric, v]) => [metric.name, v])).toEqual([
      ['pressure_bar', 6.5],
      ['state', 2],
    ]);
    const ofDevices = await read((em) => latest.ofDevices(em, [m.deviceId]));
    expect(ofDevices.get(m.deviceId)?.ts).toBe(now - 2_000);
  });
});

describe('a series', () => {
  const series = (asset: { assetId: string }, from: number, to: number, maxPoints: number, metric = 'pressure_bar') =>
    read((em) =>
      module
        .get(SeriesReader)
        .read(em, { id: asset.assetId, modelId: f.model.id }, 10_000, metric, { from, to }, maxPoints),
    );

  it('is every value when they are few, with a null where nothing came for too long', async () => {
    const m = await machine();
    await store(m, [
      { seq: 1, ts: now - 60_000, values: [1, 2] },
      { seq: 2, ts: now - 55_000, values: [2, 2] },
      { seq: 3, ts: now - 50_000, values: ['NaN', 2] },
      { seq: 4, ts: now - 40_000, values: [4, 2] },
    ]);
    expect(await series(m, now - 60_000, now, 100)).toMatchObject({
      metric: { name: 'pressure_bar', unit: 'bar' },
      thinned: false,
      points: [
        [now - 60_000, 1],
        [now - 55_000, 2],
        [now - 54_999, null],
        [now - 40_000, 4],
      ],
    });
  });

  it('keeps lowest and highest of each part when they are many', async () => {
    const m = await machine();
    const from = now - 1_000_000;
    await f.rows(
      `insert into message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, "values")
       select ?, 1, n, ?::timestamptz + n * interval '1 s', now(), ?, ?, 1, array[5 + sin(n) + case when n = 777 then 10 else 0 end, 2]
       from generate_series(0, 999) n`,
      [m.deviceId, new Date(from), m.assetId, m.customerId],
    );
    const { points, thinned } = await series(m, from, now, 100);
    expect(thinned).toBe(true);
    expect(points.length).toBeLessThanOrEqual(100);
    expect(points.length).toBeGreaterThan(90);
    expect(points.map(([t]) => t)).toEqual(points.map(([t]) => t).sort((a, b) => a - b));
    const all = (await series(m, from, now, 5_000)).points;
    const highest = all.reduce((a, b) => ((b[1] ?? 0) > (a[1] ?? 0) ? b : a));
    expect(highest[0]).toBe(from + 777_000);
    expect(points).toContainEqual(highest);
    for (const point of points) expect(all).toContainEqual(point);
  });

  it('refuses an unknown metric, a period that is turned round and too many points', async () => {
    const m = await machine();
    await expect(series(m, 0, now, 100, 'colour')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(series(m, now, now - 1, 100)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(series(m, now - 1, now, 5_001)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('messages after a change of installation', () => {
  const ownersOf = async (deviceId: string) =>
    (
      await f.rows<{ asset_id: string | null }>('select asset_id from message where device_id = ? order by seq', [
        deviceId,
      ])
    ).map((row) => row.asset_id);

  it('follow it, and those who lost or won are told of', async () => {
    const m = await machine();
    const next = await f.asset(`N${serial}`, f.other);
    await store(
      m,
      [1, 2, 3, 4].map((seq) => ({ seq, ts: now - 5_000 + seq * 1_000 })),
    );
    await f.module.get(EndInstallation).run(everyCustomer, { deviceId: m.deviceId, at: new Date(now - 3_000) });
    await f.module
      .get(InstallDevice)
      .run(everyCustomer, { deviceId: m.deviceId, assetId: next.id, at: new Date(now - 2_000) });
    await module.get(AttributeAgain).afterChange(m.deviceId, now - 3_000);
    expect(await ownersOf(m.deviceId)).toEqual([m.assetId, null, next.id, next.id]);
    const told = (await f.events('telemetry.committed')).at(-1)?.ranges as { assetId: string }[];
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({ assetId: m.assetId, from: now - 3_000, to: now - 1_000, messages: 3 });
    expect(told).toContainEqual({ assetId: next.id, from: now - 2_000, to: now - 1_000, messages: 2 });
    const [later] = await f.rows<{ payload: unknown }>(
      `select payload from outbox where name = 'telemetry.attribute-again-later' and not_before > ? order by id desc`,
      [f.clock.now()],
    );
    expect(later?.payload).toEqual({ deviceId: m.deviceId, from: now - 3_000 });
  });

  it('stay as they are when nothing is wrong, and nothing is told', async () => {
    const m = await machine();
    await store(m, [{ seq: 1, ts: now - 1_000 }]);
    const before = (await f.events('telemetry.committed')).length;
    await module.get(AttributeAgain).run(m.deviceId, 0);
    expect(await ownersOf(m.deviceId)).toEqual([m.assetId]);
    expect(await f.events('telemetry.committed')).toHaveLength(before);
  });
});

describe('a schema', () => {
  const register = async (change: Partial<(typeof metrics)[number]>[] | undefined, more: typeof metrics = []) => {
    const [model] = await f.rows<{ id: string }>(
      `insert into model (id, name, title, stale_after_ms, state_map) values (?, ?, 'M', 1000, '{}') returning id`,
      [newId(), `m-${newId()}`],
    );
    const id = model?.id ?? '';
    const first = await module.get(RegisterSchema).run(id, metrics);
    expect(first.version).toBe(1);
    return module.get(RegisterSchema).run(id, [...metrics.map((m, i) => ({ ...m, ...change?.[i] })), ...more]);
  };

  it('is the same version for the same metrics and the next one for more', async () => {
    expect((await register(undefined)).version).toBe(1);
    const more = [{ name: 'flow', title: 'Flow', unit: 'L/min', kind: 'gauge' as const, min: 0, max: 9 }];
    expect(await register(undefined, more)).toMatchObject({ version: 2 });
    expect((await register([{ max: 20 }])).version).toBe(2);
  });

  it.each([
    [[{ unit: 'kPa' }]],
    [[{ kind: 'state' as const }]],
    [[{ name: 'pressure' }]],
    [[{ min: 17 }]],
    [[{ name: 'Ä' }]],
  ])('is refused when it changes what stored values mean or breaks a rule: %j', async (change) => {
    await expect(register(change as Partial<(typeof metrics)[number]>[])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
