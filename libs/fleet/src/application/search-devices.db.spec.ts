import { jest } from '@jest/globals';
import {
  ChangeDeviceState,
  type Device,
  EndInstallation,
  InstallDevice,
  RebuildDeviceIndex,
  RecordConnect,
  RecordDisconnect,
  RecordFirmware,
  RecordGatewayStopped,
  RefreshDeviceIndex,
  SearchDevices,
  SetDeviceTags,
  SwapDevice,
} from '@throughline/fleet';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import fc from 'fast-check';
import { type Fleet, fleet } from '../../test/fixture.js';
import { deviceFacts, queries } from '../../test/queries.js';
import { matches } from '../domain/query/evaluate.js';
import type { DeviceFacts, ShadowDocument } from '../domain/query/facts.js';
import { parseQuery } from '../domain/query/parse.js';
import { printQuery } from '../domain/query/print.js';
import { DeviceDocumentStore } from '../storage/device-documents.store.js';
import { DeviceIndexStore } from '../storage/device-index.store.js';

const ORDER = { by: 'thingName', descending: false } as const;

let f: Fleet;
const shadows = new Map<string, Record<string, ShadowDocument>>();
beforeAll(async () => {
  f = await fleet();
  jest
    .spyOn(f.module.get(DeviceDocumentStore), 'of')
    .mockImplementation(async (_, ids) => new Map([...shadows].filter(([id]) => ids.includes(id))));
});
afterAll(() => f.close());

const refresh = (...ids: string[]) =>
  f.database.transaction(everyCustomer, (em) => f.module.get(RefreshDeviceIndex).run(em, ids));
const install = (deviceId: string, assetId: string, loan = false) =>
  f.module.get(InstallDevice).run(everyCustomer, { deviceId, assetId, loan });
const connect = (thingName: string) =>
  f.module
    .get(RecordConnect)
    .run({ thingName, clientId: thingName, gateway: 'gw', remoteAddress: null, at: f.clock.now() });
const found = async (query: string, scope = everyCustomer, order: Parameters<SearchDevices['page']>[2] = ORDER) =>
  (await f.module.get(SearchDevices).page(scope, query, order, { first: 100, after: undefined })).edges.map(
    (edge) => edge.node.thingName,
  );
const dump = async () => ({
  rows: await f.rows('select * from device_index order by device_id'),
  terms: await f.rows('select * from device_term order by device_id, term'),
});

describe('the search index', () => {
  it('follows every change of a device, in the transaction that makes it', async () => {
    const [asset, own, lent] = [await f.asset('S-1'), await f.device('life-own'), await f.device('life-lent')];
    expect(await found('life state:manufactured')).toEqual(['life-lent', 'life-own']);
    await install(own.id, asset.id);
    expect(await found('life state:claimed customer.name:acme asset.serialNumber:S-1')).toEqual(['life-own']);
    expect(await found('life', onlyCustomers([f.acme.id]))).toEqual(['life-own']);
    const { sessionId } = await connect('life-own');
    expect(await found('life state:active AND connectivity.connected:true')).toEqual(['life-own']);
    await f.module.get(SetDeviceTags).run(everyCustomer, { deviceId: own.id, tags: { region: 'North', floor: '3' } });
    await f.module.get(SetDeviceTags).run(everyCustomer, { deviceId: own.id, tags: { floor: null } });
    expect(await found('tags.region:north AND NOT tags.floor:*')).toEqual(['life-own']);
    await f.module.get(RecordFirmware).run(own.id, '1.10.0');
    expect(await found('life firmware > 1.9')).toEqual(['life-own']);
    f.clock.advance(60_000);
    await f.module.get(SwapDevice).run(everyCustomer, { assetId: asset.id, deviceId: lent.id, loan: true });
    expect(await found('installation.loan:true')).toEqual(['life-lent']);
    expect(await found('life', onlyCustomers([f.acme.id]))).toEqual(['life-lent']);
    f.clock.advance(3_600_000);
    await f.module.get(RecordDisconnect).run({
      thingName: 'life-own',
      sessionId,
      at: f.clock.now(),
      reason: 'connection_lost',
    });
    f.clock.advance(10_000);
    expect(await found('connectivity.disconnectedFor >= 10')).toEqual(['life-own']);
    expect(await found('connectivity.disconnectedFor > 10')).toEqual([]);
    await connect('life-lent');
    await f.module.get(RecordGatewayStopped).run('gw');
    expect(await found('life connectivity.connected:true')).toEqual([]);
    await f.module.get(EndInstallation).run(everyCustomer, { deviceId: lent.id, at: f.clock.now() });
    await f.module.get(ChangeDeviceState).run(everyCustomer, { deviceId: lent.id, to: 'retired' });
    expect(await found('life state:retired NOT customer.name:*')).toEqual(['life-lent']);
  });

  it('made by changes is the one made from scratch', async () => {
    const before = await dump();
    expect(before.rows.length).toBeGreaterThan(1);
    expect(before.terms.length).toBeGreaterThanOrEqual(10);
    await f.rows('delete from device_term');
    await f.rows('delete from device_index');
    expect(await f.module.get(RebuildDeviceIndex).run()).toBe(before.rows.length);
    expect(await dump()).toEqual(before);
    await f.module.get(RebuildDeviceIndex).run();
    expect(await dump()).toEqual(before);
  });

  it('is undone with its transaction', async () => {
    const before = await dump();
    const failing = f.database.transaction(everyCustomer, async () => {
      await f.device('never-was');
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await dump()).toEqual(before);
  });

  it('answers random queries over random devices as the evaluator does', async () => {
    const sample = fc.sample(deviceFacts, { numRuns: 60, seed: 7 });
    const names = ['pump-1', 'pump-12', 'Pump-12', 'true', 'x:y', '20'];
    const devices: Device[] = [];
    for (const [i, given] of sample.entries()) {
      const device = await f.device(`${names[i] ?? `rnd-${i}`}`);
      devices.push(device);
      await f.module.get(SetDeviceTags).run(everyCustomer, { deviceId: device.id, tags: given.tags });
      if (given.firmware) await f.module.get(RecordFirmware).run(device.id, given.firmware);
      shadows.set(device.id, given.shadows);
      if (i % 3 === 0) await install(device.id, (await f.asset(`Pump ${i}`, i % 2 ? f.acme : f.other)).id, i % 4 === 0);
      const session = i % 4 !== 1 ? await connect(device.thingName) : undefined;
      f.clock.advance(17_000);
      if (i % 4 === 2 && session)
        await f.module.get(RecordDisconnect).run({
          thingName: device.thingName,
          sessionId: session.sessionId,
          at: f.clock.now(),
          reason: 'connection_lost',
        });
    }
    await refresh(...devices.map((device) => device.id));
    const ids = (await f.rows<{ id: string }>('select id from device')).map((row) => row.id);
    const all = await f.database.read(everyCustomer, (em) => f.module.get(DeviceIndexStore).facts(em, ids));
    const facts: DeviceFacts[] = all.map((row) => row.facts);
    const now = f.clock.now().getTime();
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const expected = facts.filter((one) => matches(query, one, now)).map((one) => one.thingName);
        hits += expected.length > 0 && expected.length < facts.length ? 1 : 0;
        expect(await found(printQuery(query))).toEqual(expected.sort());
      }),
      { numRuns: 150, seed: 11 },
    );
    // Queries that match everything or nothing prove little.
    expect(hits).toBeGreaterThan(40);
  }, 120_000);
});

describe('a page of matches', () => {
  const page = (query: string, order: Parameters<SearchDevices['page']>[2], first: number, after?: string) =>
    f.module.get(SearchDevices).page(everyCustomer, query, order, { first, after });

  it.each(['thingName', 'lastSeenAt', 'firmware', 'state', 'model'] as const)(
    'goes through all of them once by %s, both ways',
    async (by) => {
      const all = (await f.rows('select id from device')).length;
      const walk = async (descending: boolean) => {
        const names: string[] = [];
        let after: string | undefined;
        for (;;) {
          const { edges, pageInfo, total } = await page('*', { by, descending }, 7, after);
          names.push(...edges.map((edge) => edge.node.thingName));
          expect((await total()).count).toBe(all);
          if (!pageInfo.hasNextPage) return names;
          after = pageInfo.endCursor ?? undefined;
        }
      };
      const names = await walk(false);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBe(all);
      expect(await walk(true)).toEqual(names.toReversed());
    },
  );

  it('is not moved by devices that come before it', async () => {
    const first = await page('rnd', ORDER, 3);
    const names = first.edges.map((edge) => edge.node.thingName);
    await f.device('rnd-000');
    const second = await page('rnd', ORDER, 3, first.pageInfo.endCursor ?? undefined);
    expect(second.edges.map((edge) => edge.node.thingName)).not.toContain('rnd-000');
    const again = await page('rnd', ORDER, 7);
    expect(again.edges.map((edge) => edge.node.thingName)).toEqual([
      'rnd-000',
      ...names,
      ...second.edges.map((edge) => edge.node.thingName),
    ]);
  });

  it('refuses a cursor of another order, and a query that is none', async () => {
    const { pageInfo } = await page('*', ORDER, 3);
    await expect(page('*', { by: 'state', descending: false }, 3, pageInfo.endCursor ?? '')).rejects.toThrow('after');
    await expect(page('colour:red', ORDER, 3)).rejects.toThrow('at position 1: no such field');
  });

  it('shows a customer the devices at its assets alone, whatever the query', async () => {
    const own = await f.rows<{ thing_name: string }>('select thing_name from device where customer_id = ?', [
      f.acme.id,
    ]);
    for (const query of [
      '*',
      'NOT nothing',
      'pump OR NOT pump',
      'connectivity.connected:true OR NOT tags.region:north',
    ])
      expect(await found(query, onlyCustomers([f.acme.id]))).toEqual(
        (await found(query)).filter((name) => own.some((row) => row.thing_name === name)),
      );
    expect(own.length).toBeGreaterThan(3);
  });

  it('takes no text of a query as SQL', async () => {
    for (const text of [`'; drop table device; --`, '?', '??', ':name', '$1', `"') or true --"`, 'a\\?b'])
      expect(await found(`thingName:"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).toEqual([]);
    expect(parseQuery('thingName:"?"')).toEqual({ kind: 'is', field: 'thingName', pattern: ['?'] });
  });
});
