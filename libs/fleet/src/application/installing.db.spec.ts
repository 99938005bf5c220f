import {
  Assets,
  ChangeDeviceState,
  CreateAsset,
  CreateDevice,
  Devices,
  EndInstallation,
  Installations,
  InstallDevice,
  IssueDeviceCertificate,
  RegisterModel,
  SwapDevice,
} from '@throughline/fleet';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type Fleet, fleet, pump } from '../../test/fixture.js';

let f: Fleet;
beforeAll(async () => {
  f = await fleet();
});
afterAll(() => f.close());

const T = (iso: string): Date => new Date(`2026-${iso}Z`);
const always = { from: 0, to: 9e12 };
const install = (deviceId: string, assetId: string, at?: Date) =>
  f.module.get(InstallDevice).run(everyCustomer, { deviceId, assetId, at });
const end = (deviceId: string, at?: Date) => f.module.get(EndInstallation).run(everyCustomer, { deviceId, at });
const swap = (assetId: string, deviceId: string, at?: Date) =>
  f.module.get(SwapDevice).run(everyCustomer, { assetId, deviceId, at });
const device = (id: string) => f.module.get(Devices).get(everyCustomer, id);

describe('installations', () => {
  it("bind a device to an asset: it is claimed and becomes the customer's", async () => {
    const [asset, board] = [await f.asset('A-1'), await f.device('board-1')];
    await f.module.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: board.id });
    const installation = await install(board.id, asset.id, T('03-01T10:00:00.123'));
    expect(installation).toMatchObject({
      deviceId: board.id,
      assetId: asset.id,
      customerId: f.acme.id,
      from: T('03-01T10:00:00.123'),
      to: null,
    });
    expect(await device(board.id)).toMatchObject({ state: 'claimed', customerId: f.acme.id });
    expect(await f.rows('select customer_id from certificate where device_id = ?', [board.id])).toEqual([
      { customer_id: f.acme.id },
    ]);
    expect(await f.module.get(Installations).ofAsset(everyCustomer, asset.id, always)).toEqual([installation]);
    expect((await f.events('fleet.device-installed')).at(-1)).toEqual({
      installationId: installation.id,
      deviceId: board.id,
      assetId: asset.id,
      customerId: f.acme.id,
      from: T('03-01T10:00:00.123').getTime(),
    });
    const ended = await end(board.id, T('03-01T12:00:00'));
    expect(ended).toEqual({ ...installation, to: T('03-01T12:00:00') });
    expect(await device(board.id)).toMatchObject({ state: 'claimed', customerId: null });
    expect(await f.rows('select customer_id from certificate where device_id = ?', [board.id])).toEqual([
      { customer_id: null },
    ]);
    expect((await f.events('fleet.installation-ended')).at(-1)).toMatchObject({
      assetId: asset.id,
      to: T('03-01T12:00:00').getTime(),
    });
  });

  it('never have a device in two assets or two devices in an asset at once', async () => {
    const [a, b] = [await f.asset('B-1'), await f.asset('B-2')];
    const [x, y] = [await f.device('two-x'), await f.device('two-y')];
    await install(x.id, a.id, T('02-01T00:00:00'));
    await expect(install(x.id, b.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'the device is installed at another asset in that time',
    });
    await expect(install(y.id, a.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('the asset has another device in that time'),
    });
    // Not even in the past, before the running one: it would still run when that one began.
    await expect(install(y.id, a.id, T('01-01T00:00:00'))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await device(y.id)).toMatchObject({ state: 'manufactured', customerId: null });
    await end(x.id, T('02-02T00:00:00'));
    await expect(install(y.id, a.id, T('02-01T23:59:59.999'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await install(y.id, a.id, T('02-02T00:00:00'));
    await install(x.id, b.id, T('02-02T00:00:00'));
  });

  it('take turns when two are made at the same moment: one wins', async () => {
    const asset = await f.asset('C-1');
    const boards = await Promise.all(['race-1', 'race-2', 'race-3'].map((name) => f.device(name)));
    const results = await Promise.allSettled(boards.map((b) => install(b.id, asset.id)));
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toMatchObject({ code: 'CONFLICT' });
    expect(await f.module.get(Installations).ofAsset(everyCustomer, asset.id, always)).toHaveLength(1);
  });

  it('refuse what cannot be', async () => {
    const [asset, board] = [await f.asset('D-1'), await f.device('no-1')];
    await f.module.get(RegisterModel).run(pump);
    const stranger = await f.module.get(CreateDevice).run(everyCustomer, { modelName: 'pump-p100', thingName: 'no-2' });
    const missing = '01890000-0000-7000-8000-000000000000';
    await expect(install(board.id, asset.id, T('03-02T08:00:00.001'))).rejects.toThrow('at: must not be in the future');
    await expect(install('x', 'y')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      faults: [{ field: 'deviceId' }, { field: 'assetId' }],
    });
    await expect(install(missing, asset.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(install(board.id, missing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(install(stranger.id, asset.id)).rejects.toThrow('device "no-2" is of another model than asset "D-1"');
    await expect(end(board.id)).rejects.toThrow('device "no-1" is not installed');
    await install(board.id, asset.id, T('03-01T00:00:00'));
    await expect(end(board.id, T('03-01T00:00:00'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(
      f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: board.id, to: 'retired' }),
    ).rejects.toThrow('end its installation before it retires');
    await end(board.id, T('03-01T00:00:01'));
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: board.id, to: 'retired' });
    await expect(install(board.id, asset.id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });
});

describe('controller swap', () => {
  it('ends one installation and starts the other at one instant', async () => {
    const asset = await f.asset('S-1');
    const [old, fresh] = [await f.device('swap-old'), await f.device('swap-new')];
    await install(old.id, asset.id, T('02-01T00:00:00'));
    const at = T('02-15T12:30:00.500');
    const { ended, started } = await swap(asset.id, fresh.id, at);
    expect(ended).toMatchObject({ deviceId: old.id, to: at });
    expect(started).toMatchObject({ deviceId: fresh.id, from: at, to: null });
    const history = await f.module.get(Installations).ofAsset(everyCustomer, asset.id, always);
    expect(history).toEqual([ended, started]);
    const { ofAsset } = { ofAsset: f.module.get(Installations) };
    const half = { from: at.getTime(), to: at.getTime() + 1 };
    expect((await ofAsset.ofAsset(everyCustomer, asset.id, half)).map((i) => i.deviceId)).toEqual([fresh.id]);
    const before = { from: at.getTime() - 1, to: at.getTime() };
    expect((await ofAsset.ofAsset(everyCustomer, asset.id, before)).map((i) => i.deviceId)).toEqual([old.id]);
    expect(await device(old.id)).toMatchObject({ customerId: null });
    expect(await device(fresh.id)).toMatchObject({ customerId: f.acme.id });
  });

  it('changes nothing when the new device cannot be installed', async () => {
    const [a, b] = [await f.asset('S-2'), await f.asset('S-3')];
    const [x, y] = [await f.device('swap-x'), await f.device('swap-y')];
    await install(x.id, a.id, T('02-01T00:00:00'));
    await install(y.id, b.id, T('02-01T00:00:00'));
    const events = (await f.events('fleet.installation-ended')).length;
    await expect(swap(a.id, y.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(swap(a.id, x.id)).rejects.toThrow('is installed at this asset already');
    await expect(swap((await f.asset('S-4')).id, x.id)).rejects.toThrow('has no device to swap');
    expect((await f.events('fleet.installation-ended')).length).toBe(events);
    expect(await f.module.get(Installations).runningOfAssets(everyCustomer, [a.id, b.id])).toMatchObject([
      { deviceId: x.id, to: null },
      { deviceId: y.id, to: null },
    ]);
  });

  it('of two assets with each other at the same moment does not hang', async () => {
    const [a, b] = [await f.asset('S-5'), await f.asset('S-6')];
    const [x, y] = [await f.device('cross-x'), await f.device('cross-y')];
    await install(x.id, a.id, T('02-01T00:00:00'));
    await install(y.id, b.id, T('02-01T00:00:00'));
    const results = await Promise.allSettled([swap(a.id, y.id), swap(b.id, x.id)]);
    for (const r of results) expect(r).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
  });
});

describe('registry', () => {
  it('registers a model once, and refuses the same name with other content', async () => {
    const register = f.module.get(RegisterModel);
    const [a, b] = await Promise.all([
      register.run({ ...pump, name: 'twin' }),
      register.run({ ...pump, name: 'twin' }),
    ]);
    expect(b).toEqual(a);
    await expect(register.run({ ...pump, name: 'twin', staleAfterMs: 5_000 })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('refuses a taken thing name, an unknown model, a taken serial number, bad input', async () => {
    await f.device('taken');
    await expect(f.device('taken')).rejects.toThrow('a device with thing name "taken" is registered already');
    await expect(
      f.module.get(CreateDevice).run(everyCustomer, { modelName: 'nope', thingName: 'n' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(f.device('a/b')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await f.asset('SN');
    await expect(f.asset('SN')).rejects.toThrow('Compressor RX-90 with serial number "SN" is registered already');
    await expect(
      f.module
        .get(CreateAsset)
        .run(everyCustomer, { siteId: 'x', modelId: f.model.id, serialNumber: ' ', name: 'a\nb' }),
    ).rejects.toMatchObject({ faults: [{ field: 'siteId' }, { field: 'serialNumber' }, { field: 'name' }] });
  });

  it('pages assets by name without losing or repeating one, within a filter', async () => {
    const names = Array.from({ length: 7 }, (_, i) => `P-${i}%`);
    for (const name of names) await f.asset(name);
    const assets = f.module.get(Assets);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await assets.page(everyCustomer, { search: 'p-', customerId: f.acme.id }, { first: 3, after });
      expect(page.totalCount).toBe(7);
      seen.push(...page.edges.map((e) => e.node.serialNumber));
      after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined;
    } while (after);
    expect(seen).toEqual(names);
    // "%" is a character here, not "anything".
    expect((await assets.page(everyCustomer, { search: '5%' }, { first: 10, after: undefined })).totalCount).toBe(1);
    expect((await assets.page(everyCustomer, { search: '%5' }, { first: 10, after: undefined })).totalCount).toBe(0);
    expect((await assets.page(everyCustomer, { modelId: f.other.id }, { first: 10, after: undefined })).edges).toEqual(
      [],
    );
  });
});

describe('a customer', () => {
  it('sees its own assets, devices and installations only', async () => {
    const [mine, theirs] = [await f.asset('V-1', f.acme), await f.asset('V-2', f.other)];
    const [x, y] = [await f.device('see-x'), await f.device('see-y')];
    await install(x.id, mine.id);
    await install(y.id, theirs.id);
    const scope = onlyCustomers([f.other.id]);
    const { module } = f;
    expect((await module.get(Assets).many(scope, [mine.id, theirs.id])).map((a) => a.id)).toEqual([theirs.id]);
    expect((await module.get(Devices).many(scope, [x.id, y.id])).map((d) => d.id)).toEqual([y.id]);
    expect((await module.get(Assets).page(scope, {}, { first: 50, after: undefined })).totalCount).toBe(1);
    expect((await module.get(Devices).page(scope, {}, { first: 50, after: undefined })).totalCount).toBe(1);
    expect(await module.get(Installations).ofDevices(scope, [x.id])).toEqual([]);
    await expect(module.get(Assets).get(scope, mine.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(module.get(Devices).byThingName(scope, 'see-x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await module.get(Assets).countByCustomer(scope, [f.acme.id, f.other.id])).toEqual(
      new Map([[f.other.id, 1]]),
    );
    await expect(module.get(InstallDevice).run(scope, { deviceId: x.id, assetId: theirs.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(
      module.get(CreateAsset).run(scope, { siteId: f.acme.siteId, modelId: f.model.id, serialNumber: 'Z', name: 'Z' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    // Row-level security holds without any condition of ours, too.
    const raw = (sql: string) => f.database.read(scope, (em) => em.execute<{ customer_id: string }[]>(sql));
    for (const table of ['asset', 'device', 'installation'])
      expect(new Set((await raw(`select customer_id from ${table}`)).map((r) => r.customer_id))).toEqual(
        new Set([f.other.id]),
      );
  });
});
