import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ChangeDeviceState, EndInstallation, InstallDevice } from '@throughline/fleet';
import { everyCustomer, PlatformModule } from '@throughline/platform';
import type { QuarantineTask } from '@throughline/schema/telemetry';
import { type Fleet, fleet } from '../../../../fleet/test/fixture.js';
import type { QuarantineSelection } from '../../domain/quarantine-selection.js';
import { TelemetryJobsModule } from '../../inbound/jobs/index.js';
import { DeviceMessages, TelemetryMqttModule } from '../../inbound/mqtt/index.js';
import { QuarantineStore } from '../../storage/quarantine.store.js';
import { TelemetryModule } from '../../telemetry.module.js';
import { RegisterSchema } from '../register-schema.js';
import { OrderQuarantineTask } from './order-task.js';
import { Quarantine } from './quarantine.js';
import { RunQuarantineTask } from './run-task.js';

const pressure = { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge' as const, min: 0, max: 16 };
const state = { name: 'state', title: 'State', unit: '1', kind: 'state' as const };
const flow = { name: 'flow', title: 'Flow', unit: 'l/s', kind: 'gauge' as const, max: 100 };
const hour = 3_600_000;
const never = new AbortController().signal;

let f: Fleet;
let gateway: TestingModule;
let worker: TestingModule;
let now: number;
const start = async (imports: NonNullable<ModuleMetadata['imports']>): Promise<TestingModule> => {
  const module = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(f.config, f.clock), ...imports],
  }).compile();
  await module.init();
  return module;
};
beforeAll(async () => {
  f = await fleet();
  now = f.clock.now().getTime();
  worker = await start([TelemetryModule, TelemetryJobsModule]);
});
// A gateway knows devices and schemas for some seconds; each test has one that knows nothing.
beforeEach(async () => {
  f.clock.set(new Date(now));
  gateway = await start([TelemetryMqttModule]);
});
afterEach(() => gateway.close());
afterAll(async () => {
  await worker.close();
  await f.close();
});

let serial = 0;
/** A device that has been at an asset for two days. */
async function machine() {
  serial += 1;
  const [device, asset] = [await f.device(`aside-${serial}`), await f.asset(`Q${serial}`)];
  const at = new Date(now - 48 * hour);
  await f.module.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id, at });
  return { id: device.id, thingName: device.thingName, assetId: asset.id };
}

/** Sends as a device does; resolves with the acknowledgement. */
async function send(thingName: string, payload: unknown, rest = 'telemetry'): Promise<void> {
  const messages = gateway.get(DeviceMessages);
  const source = await messages.open(thingName);
  if (!source) throw new Error(`no ${thingName}`);
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  await new Promise<void>((resolve, reject) =>
    messages.receive(source, rest, `dt/${thingName}/${rest}`, bytes, (error) => (error ? reject(error) : resolve())),
  );
}

const message = (seq: number, m: Record<string, unknown>, ts = now - hour + seq) => ({ ts, boot: 1, seq, m });

/** Time goes by between what is set aside and an order. */
async function order(selection: QuarantineSelection): Promise<QuarantineTask> {
  f.clock.set(new Date(f.clock.now().getTime() + 1));
  return worker.get(OrderQuarantineTask).replay(everyCustomer, selection, 'Ann');
}

/** Ordered and done. */
async function replay(selection: QuarantineSelection): Promise<QuarantineTask> {
  const { id } = await order(selection);
  await worker.get(RunQuarantineTask).run(id, never);
  return worker.get(Quarantine).task(everyCustomer, id);
}

const asides = (thingName: string) =>
  f.rows<Record<string, unknown>>(
    `select state, reason, rule, settled_by, settled_reason from quarantined_message where thing_name = ? order by received_at, seq nulls first, id`,
    [thingName],
  );
const stored = (deviceId: string) =>
  f.rows<Record<string, unknown>>(
    'select boot, seq::int, asset_id, schema_version, "values" as vals from message where device_id = ? order by boot, seq',
    [deviceId],
  );

describe('the quarantine', () => {
  it('gives what was set aside for want of a schema to the machine of its time, as late data', async () => {
    const m = await machine();
    await send(m.thingName, message(1, { pressure_bar: 7, state: 2 }));
    await send(m.thingName, [message(2, { pressure_bar: 8 }), message(3, { pressure_bar: 99 })]);
    expect((await asides(m.thingName)).map((row) => row.reason)).toEqual(['no_schema', 'no_schema']);
    // The device leaves the machine before the schema comes: its messages stay that machine's.
    await f.module.get(EndInstallation).run(everyCustomer, { deviceId: m.id });
    await worker.get(RegisterSchema).run(f.model.id, [pressure, state]);
    const later = new Date(now + hour);
    f.clock.set(later);
    const task = await replay({ filter: { thingName: m.thingName } });
    expect(task).toMatchObject({ state: 'done', total: 2, settled: 2, kept: 0, requestedBy: 'Ann' });
    expect(await stored(m.id)).toEqual([
      { boot: 1, seq: 1, asset_id: m.assetId, schema_version: 1, vals: [7, 2] },
      { boot: 1, seq: 2, asset_id: m.assetId, schema_version: 1, vals: [8, Number.NaN] },
    ]);
    expect(await f.rows('select distinct stored_at from message where device_id = ?', [m.id])).toEqual([
      { stored_at: '2026-03-02 09:00:00.001+00' },
    ]);
    // What bills and availability follow.
    expect((await f.events('telemetry.committed')).at(-1)).toEqual({
      ranges: [{ assetId: m.assetId, from: now - hour + 1, to: now - hour + 2, messages: 2 }],
    });
    expect(await f.rows('select seq::int from latest_reading where device_id = ?', [m.id])).toEqual([{ seq: 2 }]);
    expect(await f.rows('select contiguous_seq::int as n from boot_progress where device_id = ?', [m.id])).toEqual([
      { n: 2 },
    ]);
    // The part that still breaks a rule has a row of its own.
    expect(await asides(m.thingName)).toEqual([
      expect.objectContaining({ state: 'replayed', settled_by: 'Ann' }),
      expect.objectContaining({ state: 'replayed' }),
      expect.objectContaining({
        state: 'set_aside',
        reason: 'out_of_range',
        rule: expect.stringMatching(/^\[1\] m\.press/),
      }),
    ]);
    f.clock.set(new Date(now));
  });

  it('keeps what breaks a rule of today, with that rule, and touches nothing that was stored beside it', async () => {
    await worker.get(RegisterSchema).run(f.model.id, [pressure, state]);
    const m = await machine();
    await send(m.thingName, [
      message(1, { pressure_bar: 7 }),
      message(2, { flow: 5 }),
      message(3, { flow: 500 }),
      message(4, { flow: 5 }, now + hour),
    ]);
    expect((await asides(m.thingName)).map((row) => row.reason)).toEqual([
      'unknown_metric',
      'unknown_metric',
      'bad_time',
    ]);
    await worker.get(RegisterSchema).run(f.model.id, [pressure, state, flow]);
    // A day later the time that lay ahead is past; that device's clock was wrong all the same.
    f.clock.set(new Date(now + 24 * hour));
    expect(await replay({ filter: { thingName: m.thingName } })).toMatchObject({ settled: 1, kept: 2 });
    f.clock.set(new Date(now));
    expect((await stored(m.id)).map((row) => row.seq)).toEqual([1, 2]);
    expect(await asides(m.thingName)).toEqual([
      expect.objectContaining({ state: 'replayed', reason: 'unknown_metric' }),
      expect.objectContaining({
        state: 'set_aside',
        reason: 'out_of_range',
        rule: expect.stringContaining('[2] m.flow'),
      }),
      expect.objectContaining({ state: 'set_aside', reason: 'bad_time' }),
    ]);
  });

  it('lets nothing of a quarantined device through before its release; what was sent again meanwhile is stored once', async () => {
    const m = await machine();
    const to = (next: 'quarantined' | 'active') =>
      f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: m.id, to: next });
    await to('quarantined');
    await send(m.thingName, message(1, { pressure_bar: 3 }));
    await send(m.thingName, message(2, { pressure_bar: 4 }));
    await send(m.thingName, { ts: now, type: 'fault_raised', code: 'E1' }, 'event');
    expect(await replay({ filter: { thingName: m.thingName } })).toMatchObject({ settled: 0, kept: 3 });
    await to('active');
    const again = await order({ filter: { thingName: m.thingName } });
    // The second message comes by itself before the replay does.
    await f.rows(
      `insert into message select id, 1, 2, ?, ?, null, null, 2, array[4, 'NaN', 'NaN']::float8[] from device where id = ?`,
      [new Date(now - hour + 2), new Date(now), m.id],
    );
    await worker.get(RunQuarantineTask).run(again.id, never);
    expect(await worker.get(Quarantine).task(everyCustomer, again.id)).toMatchObject({
      state: 'done',
      settled: 3,
      kept: 0,
    });
    expect((await stored(m.id)).map((row) => row.seq)).toEqual([1, 2]);
    expect(await f.rows('select type, code from device_event where device_id = ?', [m.id])).toEqual([
      { type: 'fault_raised', code: 'E1' },
    ]);
    await expect(replay({ filter: { thingName: m.thingName } })).rejects.toThrow('still set aside');
  });

  it('stores each message once and counts it once when the worker dies between a commit and its note', async () => {
    const m = await machine();
    const deviceId = m.id;
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'quarantined' });
    for (let seq = 1; seq <= 5; seq += 1) await send(m.thingName, message(seq, { pressure_bar: seq }));
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId, to: 'active' });
    const { id } = await order({ filter: { thingName: m.thingName } });
    const store = worker.get(QuarantineStore);
    const settle = store.settle.bind(store);
    store.settle = () => Promise.reject(new Error('killed'));
    await expect(worker.get(RunQuarantineTask).run(id, never)).rejects.toThrow('killed');
    store.settle = settle;
    expect((await stored(m.id)).length).toBe(5);
    expect((await asides(m.thingName)).every((row) => row.state === 'set_aside')).toBe(true);
    await worker.get(RunQuarantineTask).run(id, never);
    expect((await stored(m.id)).length).toBe(5);
    expect(await worker.get(Quarantine).task(everyCustomer, id)).toMatchObject({ state: 'done', settled: 5, kept: 0 });
    expect((await asides(m.thingName)).every((row) => row.state === 'replayed')).toBe(true);
  });

  it('sets another value under a stored identity aside for good, and does not read again what was only kept in part', async () => {
    const m = await machine();
    await send(m.thingName, message(1, { pressure_bar: 3 }));
    await send(m.thingName, message(1, { pressure_bar: 4 }));
    const source = await gateway.get(DeviceMessages).open(m.thingName);
    await new Promise<void>((resolve) =>
      gateway
        .get(DeviceMessages)
        .receiveOversized(source as never, `dt/${m.thingName}/telemetry`, Buffer.from('{"ts":'), 200_000, () =>
          resolve(),
        ),
    );
    expect(await replay({ filter: { thingName: m.thingName } })).toMatchObject({ state: 'done', settled: 0, kept: 2 });
    expect((await asides(m.thingName)).map((row) => row.reason).sort()).toEqual(['identity_conflict', 'too_large']);
    expect((await stored(m.id)).map((row) => row.vals)).toEqual([[3, Number.NaN, Number.NaN]]);
  });

  it('shows a flood as one group; what is discarded stays with its reason and is never replayed', async () => {
    const m = await machine();
    for (let i = 0; i < 30; i += 1) await send(m.thingName, message(i, { pressure_bar: 100 + i }));
    await send(m.thingName, message(99, { pressure_bar: 5, colour: 1 }));
    const filter = { thingName: `${m.thingName.slice(0, -1)}*`, reason: 'out_of_range' as const };
    const groups = (await worker.get(Quarantine).groups(everyCustomer, { ...filter, state: 'set_aside' })).filter(
      ({ ruleKind }) => ruleKind.startsWith('m.pressure_bar'),
    );
    expect(groups).toEqual([
      expect.objectContaining({
        ruleKind: 'm.pressure_bar: must be from 0 to 16',
        messages: 31,
        devices: 2,
        modelId: f.model.id,
      }),
    ]);
    f.clock.set(new Date(now + 1));
    const { id, total } = await worker
      .get(OrderQuarantineTask)
      .discard(everyCustomer, { filter: { thingName: m.thingName, reason: 'out_of_range' } }, ' sensor broke ', 'Ben');
    expect(total).toBe(30);
    await worker.get(RunQuarantineTask).run(id, never);
    expect(await worker.get(Quarantine).task(everyCustomer, id)).toMatchObject({ state: 'done', settled: 30 });
    const rows = await asides(m.thingName);
    expect(rows.filter((row) => row.state === 'discarded')).toHaveLength(30);
    expect(rows[0]).toMatchObject({ settled_by: 'Ben', settled_reason: 'sensor broke' });
    await send(m.thingName, message(3, { pressure_bar: 103 }));
    expect((await asides(m.thingName)).filter((row) => row.state === 'set_aside')).toHaveLength(1);
    expect(await replay({ filter: { thingName: m.thingName } })).toMatchObject({ total: 1, kept: 1 });
  });
});
