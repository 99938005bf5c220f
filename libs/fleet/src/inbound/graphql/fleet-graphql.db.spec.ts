import { jest } from '@jest/globals';
import { InstallDevice, IssueDeviceCertificate, RecordConnect, RegisterModel } from '@throughline/fleet';
import { CreateSite, systemScope } from '@throughline/identity';
import { everyCustomer } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../test/fixture.js';

let api: ApiUnderTest;
let modelId: string;
const sites: Record<string, string> = {};

beforeAll(async () => {
  api = await startApi();
  modelId = (await api.app.get(RegisterModel).run(compressor)).id;
  for (const name of ['Alpha', 'Beta'] as const) {
    const input = { customerId: api.organisations[name], name: `${name} works`, timeZone: 'Europe/Berlin' };
    sites[name] = (await api.app.get(CreateSite).execute(systemScope, input)).id;
  }
});
afterAll(() => api.close());

type Data = Record<string, never>;
/** The answer's data; an error fails the test. */
async function ask<T = Data>(
  role: Parameters<ApiUnderTest['signIn']>[0],
  query: string,
  variables = {},
  at?: 'alpha' | 'beta',
): Promise<T> {
  const { data, errors } = await api.query(query, variables, await api.signIn(role, at));
  expect(errors).toBeUndefined();
  return data as T;
}
const refusal = async (
  role: Parameters<ApiUnderTest['signIn']>[0],
  query: string,
  variables = {},
  at?: 'alpha' | 'beta',
) => {
  const { errors } = await api.query(query, variables, await api.signIn(role, at));
  return { code: errors?.[0]?.extensions.code, message: errors?.[0]?.message };
};

const createAsset = (serialNumber: string, site = 'Alpha') =>
  ask<{ createAsset: { id: string } }>(
    'fleet',
    'mutation ($input: CreateAssetInput!) { createAsset(input: $input) { id } }',
    { input: { siteId: sites[site], modelId, serialNumber, name: `Compressor ${serialNumber}`, location: 'hall 2' } },
  ).then((d) => d.createAsset.id);
const createDevice = (thingName: string) =>
  ask<{ createDevice: { id: string } }>(
    'service',
    'mutation ($t: String!) { createDevice(modelName: "compressor-rx90", thingName: $t) { id state } }',
    { t: thingName },
  ).then((d) => d.createDevice.id);
const install = (deviceId: string, assetId: string) =>
  api.app.get(InstallDevice).run(everyCustomer, { deviceId, assetId });

describe('fleet over GraphQL', () => {
  it('shows models with the meaning of their states', async () => {
    expect(
      await ask('viewer', '{ models { name title staleAfterMs states { value name category fraction } } }'),
    ).toEqual({
      models: [
        {
          name: 'compressor-rx90',
          title: 'Compressor RX-90',
          staleAfterMs: 180000,
          states: [
            { value: '0', name: 'stopped', category: 'customer_caused', fraction: null },
            { value: '2', name: 'loaded', category: 'producing', fraction: null },
            { value: '6', name: 'derated', category: 'degraded', fraction: '0.6' },
          ],
        },
      ],
    });
  });

  it('goes from asset to device and back, with certificates, presence and installations', async () => {
    const [assetId, oldId, newId] = [
      await createAsset('G-1'),
      await createDevice('g-old'),
      await createDevice('g-new'),
    ];
    await api.app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: newId });
    await ask(
      'service',
      'mutation ($d: ID!, $a: ID!) { installDevice(deviceId: $d, assetId: $a, at: "2026-03-01T00:00:00Z") { id } }',
      { d: oldId, a: assetId },
    );
    const swapped = await ask(
      'service',
      'mutation ($d: ID!, $a: ID!) { swapDevice(deviceId: $d, assetId: $a, at: "2026-03-02T07:00:00Z") { from to device { thingName } asset { serialNumber } } }',
      { d: newId, a: assetId },
    );
    expect(swapped).toEqual({
      swapDevice: {
        from: '2026-03-02T07:00:00.000Z',
        to: null,
        device: { thingName: 'g-new' },
        asset: { serialNumber: 'G-1' },
      },
    });
    await api.app
      .get(RecordConnect)
      .run({ thingName: 'g-new', clientId: 'g-new', gateway: 'gw', remoteAddress: '192.0.2.1', at: api.clock.now() });
    const { asset } = await ask<{ asset: unknown }>(
      'fleet',
      `query ($id: ID!) { asset(id: $id) {
        name serialNumber location inServiceSince model { name } site { name timeZone } customer { name assetCount }
        device { thingName state connected lastSeenAt asset { id } certificates { state fingerprint }
          presence(first: 5) { connectedAt disconnectedAt reason remoteAddress } installations { from to } }
      } }`,
      { id: assetId },
    );
    expect(asset).toEqual({
      name: 'Compressor G-1',
      serialNumber: 'G-1',
      location: 'hall 2',
      inServiceSince: '2026-03-02T08:00:00.000Z',
      model: { name: 'compressor-rx90' },
      site: { name: 'Alpha works', timeZone: 'Europe/Berlin' },
      customer: { name: 'Alpha', assetCount: 1 },
      device: {
        thingName: 'g-new',
        state: 'active',
        connected: true,
        lastSeenAt: '2026-03-02T08:00:00.000Z',
        asset: { id: assetId },
        certificates: [{ state: 'active', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) }],
        presence: [
          { connectedAt: '2026-03-02T08:00:00.000Z', disconnectedAt: null, reason: null, remoteAddress: '192.0.2.1' },
        ],
        installations: [{ from: '2026-03-02T07:00:00.000Z', to: null }],
      },
    });
    expect(
      await ask(
        'fleet',
        '{ devices(filter: { connected: true, search: "G-" }) { totalCount edges { node { thingName } } } }',
      ),
    ).toEqual({ devices: { totalCount: 1, edges: [{ node: { thingName: 'g-new' } }] } });
    expect(
      await ask(
        'fleet',
        '{ devices(filter: { connected: false, search: "g-" }) { edges { node { thingName asset { id } } } } }',
      ),
    ).toEqual({
      devices: { edges: [{ node: { thingName: 'g-old', asset: null } }] },
    });
    expect(await ask('service', 'mutation ($d: ID!) { endInstallation(deviceId: $d) { to } }', { d: newId })).toEqual({
      endInstallation: { to: '2026-03-02T08:00:00.000Z' },
    });
  });

  it('gives a customer its own, and not the inside of devices', async () => {
    const [mine, theirs] = [await createAsset('H-1', 'Beta'), await createAsset('H-2', 'Alpha')];
    await install(await createDevice('h-1'), mine);
    const list = await ask<{ assets: { totalCount: number; edges: { node: object }[] } }>(
      'operator',
      '{ assets { totalCount edges { node { serialNumber customer { name } device { thingName connected } } } } }',
      {},
      'beta',
    );
    expect(list.assets).toEqual({
      totalCount: 1,
      edges: [
        { node: { serialNumber: 'H-1', customer: { name: 'Beta' }, device: { thingName: 'h-1', connected: false } } },
      ],
    });
    expect(await ask('operator', 'query ($id: ID!) { asset(id: $id) { id } }', { id: theirs }, 'beta')).toEqual({
      asset: null,
    });
    expect(
      await ask('owner', `{ assets(filter: { customerId: "${api.organisations.Alpha}" }) { totalCount } }`, {}, 'beta'),
    ).toEqual({
      assets: { totalCount: 0 },
    });
    expect(await refusal('operator', '{ devices { totalCount } }')).toMatchObject({ code: 'FORBIDDEN' });
    expect(
      await refusal('owner', '{ assets { edges { node { device { certificates { id } } } } } }', {}, 'beta'),
    ).toMatchObject({ code: 'FORBIDDEN' });
    expect(
      await refusal('viewer', `mutation { createDevice(modelName: "compressor-rx90", thingName: "x") { id } }`),
    ).toMatchObject({ code: 'FORBIDDEN' });
    expect(
      await refusal('finance', `mutation { installDevice(deviceId: "${mine}", assetId: "${mine}") { id } }`),
    ).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['{ assets(filter: { siteId: "x" }) { totalCount } }', 'INVALID_INPUT', 'filter.siteId: must be an id'],
    ['{ assets(first: 101) { totalCount } }', 'INVALID_INPUT', 'first: must be a whole number from 1 to 100'],
    ['{ assets(after: "nonsense") { totalCount } }', 'INVALID_INPUT', 'must be a cursor'],
    [
      'mutation { createDevice(modelName: "compressor-rx90", thingName: "a/b") { id } }',
      'INVALID_INPUT',
      'thingName: must be',
    ],
    ['mutation { createDevice(modelName: "\\u0000", thingName: "ok") { id } }', 'NOT_FOUND', 'model'],
    ['mutation { installDevice(deviceId: "x", assetId: "y") { id } }', 'INVALID_INPUT', 'deviceId: must be an id'],
    ['mutation { endInstallation(deviceId: "01890000-0000-7000-8000-000000000000") { id } }', 'NOT_FOUND', 'device'],
    ['mutation { changeDeviceState(deviceId: "x", to: "active") { id } }', 'NOT_FOUND', 'device'],
    ['mutation { changeDeviceState(deviceId: "x", to: "flying") { id } }', 'INVALID_INPUT', 'to: must be one of'],
    ['mutation { revokeCertificate(fingerprint: "\\u0000") { id } }', 'NOT_FOUND', 'certificate'],
  ])('answers %s with %s', async (query, code, message) => {
    expect(await refusal('admin', query)).toEqual({ code, message: expect.stringContaining(message) });
  });

  it('finds nothing, and breaks nothing, for odd searches and ids', async () => {
    for (const search of ['%', '_', '\\\\', "'", '\\u0000zz', 'z'.repeat(300)])
      expect(
        await ask(
          'admin',
          `{ devices(filter: { search: "${search}zz" }) { totalCount } assets(filter: { search: "${search}zz" }) { totalCount } }`,
        ),
      ).toEqual({
        devices: { totalCount: 0 },
        assets: { totalCount: 0 },
      });
    expect(await ask('admin', '{ asset(id: "x") { id } device(id: "") { id } }')).toEqual({
      asset: null,
      device: null,
    });
  });

  it('reads a list of 30 with all they refer to in as many queries as a list of 5', async () => {
    for (let i = 0; i < 30; i++) {
      const assetId = await createAsset(`Q-${i}`, i % 2 ? 'Alpha' : 'Beta');
      await install(await createDevice(`q-${i}`), assetId);
    }
    type List = { totalCount: number; edges: { node: { device?: object; asset?: object } }[] };
    const counted = async (query: string, n: number): Promise<number> => {
      const log = jest.spyOn(api.database.mikroOrm.config.getLogger(), 'logQuery');
      const { list } = await ask<{ list: List }>('admin', query, { n });
      const texts = log.mock.calls.map(([context]) => context.query ?? '');
      log.mockRestore();
      expect(list.totalCount).toBe(30);
      expect(list.edges.filter(({ node }) => node.device ?? node.asset)).toHaveLength(n);
      return texts.filter((text) => /^\s*select (?!set_config)/i.test(text)).length;
    };
    const assets = `query ($n: Int!) { list: assets(first: $n, filter: { search: "Q-" }) { totalCount edges { node {
      model { name } site { name } customer { name assetCount } device { thingName connected model { name } } } } } }`;
    const devices = `query ($n: Int!) { list: devices(first: $n, filter: { search: "q-" }) { totalCount edges { node {
      model { name } connected asset { name } installations { from } presence(first: 1) { id } } } } }`;
    await ask('admin', '{ viewer { id } }');
    for (const query of [assets, devices]) {
      const few = await counted(query, 5);
      // The caller, count and page, and one for each thing referred to.
      expect(few).toBeGreaterThanOrEqual(8);
      expect(few).toBeLessThanOrEqual(11);
      expect(await counted(query, 30)).toBe(few);
    }
  });
});
