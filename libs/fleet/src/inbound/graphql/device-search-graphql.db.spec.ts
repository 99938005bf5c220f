import { InstallDevice, RegisterModel, ResolveTargets, SearchDevices } from '@throughline/fleet';
import { CreateSite, systemScope } from '@throughline/identity';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../test/fixture.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
  await api.app.get(RegisterModel).run(compressor);
  for (const name of ['Alpha', 'Beta'] as const)
    await api.app
      .get(CreateSite)
      .execute(systemScope, { customerId: api.organisations[name], name: `${name} works`, timeZone: 'UTC' });
});
afterAll(() => api.close());

type Role = Parameters<ApiUnderTest['signIn']>[0];
const ask = async <T>(role: Role, query: string, variables = {}): Promise<T> =>
  api.ask<T>(query, variables, await api.signIn(role));
const refusal = async (role: Role, query: string, variables = {}) => {
  const { errors } = await api.query(query, variables, await api.signIn(role));
  return errors?.[0]?.extensions.code;
};

const HEAD = 'thing_name,model,serial_number,asset_name,customer,site,location,loan,tags,tag.floor';
const row = (n: number, customer = 'Alpha') =>
  `import-${String(n).padStart(4, '0')},compressor-rx90,SN-${n},Compressor ${n},${customer},${customer} works,hall ${n % 3},,region=north;line=a,${n % 5}`;
const IMPORT = `mutation ($csv: String!, $dry: Boolean!) { importDevices(csv: $csv, dryRun: $dry) {
  written devices assets installations faultCount faults { row field value rule } } }`;
interface Imported {
  importDevices: { written: boolean; faultCount: number; faults: { row: number; field: string; rule: string }[] };
}
const importing = async (csv: string, dry = false) =>
  (await ask<Imported>('service', IMPORT, { csv, dry })).importDevices;
const post = async (csv: string, query = '', role: Role = 'service') =>
  fetch(`${api.url}/imports/devices.csv${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await api.signIn(role)}`, 'content-type': 'text/csv' },
    body: csv,
  });
const exported = async (query: string, role: Role = 'service') =>
  fetch(`${api.url}/exports/devices.csv?query=${encodeURIComponent(query)}`, {
    headers: { authorization: `Bearer ${await api.signIn(role)}` },
  });
const count = async (table: string) =>
  (
    await api.database.read(everyCustomer, (em) =>
      em.execute<{ n: number }[]>(`select count(*)::int as n from ${table}`),
    )
  )[0]?.n;

describe('importing devices', () => {
  it('lists every faulty row and writes nothing, dry run or not', async () => {
    const csv = [
      HEAD,
      row(1),
      'bad name,compressor-rx90,,,,,,,,',
      'x-2,no-such-model,,,,,,,,',
      'import-0001,compressor-rx90,,,,,,,,',
      'x-3,compressor-rx90,SN-3,Three,Gamma,works,,,,',
      'x-4,compressor-rx90,SN-4,Four,Alpha,Nowhere,,,,',
      'x-5,compressor-rx90,SN-5,,Alpha,Alpha works,,maybe,novalue,',
      'x-6,compressor-rx90,,Six,,,,,,',
      'x-7,compressor-rx90',
      `x-8,compressor-rx90,,,,,,,k=${'v'.repeat(257)},`,
      'x-9,compressor-rx90,SN-1,Nine,Alpha,Alpha works,,,,',
    ].join('\r\n');
    for (const dry of [true, false]) {
      const result = await importing(csv, dry);
      expect(result.written).toBe(false);
      expect(result.faults.map(({ row: r, field }) => [r, field])).toEqual([
        [3, 'thing_name'],
        [4, 'model'],
        [5, 'thing_name'],
        [6, 'customer'],
        [7, 'site'],
        [8, 'loan'],
        [8, 'tags'],
        [9, 'asset_name'],
        [10, 'row'],
        [11, 'tags.k'],
        [12, 'serial_number'],
      ]);
    }
    expect(await count('device')).toBe(0);
  });

  it.each([
    ['no model column', 'thing_name\r\nx', 'this column must be there'],
    ['an unknown column', 'thing_name,model,colour\r\nx,compressor-rx90,red', 'must be one of thing_name'],
    ['a column twice', 'thing_name,model,model\r\nx,a,b', 'this column is there twice'],
    ['nothing', '', 'this column must be there'],
  ])('refuses a head with %s', async (_, csv, rule) => {
    const result = await importing(csv);
    expect(result.written).toBe(false);
    expect(result.faults[0]?.rule).toContain(rule);
  });

  it('refuses what is no CSV', async () => {
    expect(await refusal('service', IMPORT, { csv: 'thing_name,model\n"open,', dry: true })).toBe('INVALID_INPUT');
  });

  it('registers devices with their machines, claimed and installed, in one go', async () => {
    const csv = [
      HEAD,
      ...Array.from({ length: 40 }, (_, i) => row(i + 1, i % 2 ? 'Beta' : 'Alpha')),
      'spare-1,compressor-rx90,,,,,,,,',
    ];
    const dry = await importing(csv.join('\n'), true);
    expect(dry).toMatchObject({ written: false, devices: 41, assets: 40, installations: 40, faultCount: 0 });
    expect(await importing(csv.join('\n'))).toMatchObject({ written: true, devices: 41, assets: 40 });
    expect(await count('installation')).toBe(40);
    const data = await ask(
      'service',
      `{ searchDevices(query: "import state:claimed customer.name:alpha tags.region:north tags.floor:0", first: 1) {
        totalCount moreThanCounted edges { node { thingName tags { key value } asset { serialNumber customer { name } } } } } }`,
    );
    expect(data).toEqual({
      searchDevices: {
        totalCount: 4,
        moreThanCounted: false,
        edges: [
          {
            node: {
              thingName: 'import-0005',
              tags: [
                { key: 'floor', value: '0' },
                { key: 'line', value: 'a' },
                { key: 'region', value: 'north' },
              ],
              asset: { serialNumber: 'SN-5', customer: { name: 'Alpha' } },
            },
          },
        ],
      },
    });
    const again = await importing(csv.join('\n'));
    expect(again.written).toBe(false);
    expect(again.faults.filter((fault) => fault.field === 'thing_name')).toHaveLength(41);
    expect(again.faults.filter((fault) => fault.field === 'serial_number')).toHaveLength(40);
  });

  it('takes large files over HTTP, and leaves an audit row', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => row(i + 10_000));
    const text = [HEAD, ...rows].join('\r\n');
    expect(Buffer.byteLength(text)).toBeGreaterThan(256 * 1024);
    const dry = await post(text, '?dryRun=true');
    expect([dry.status, await dry.json()]).toMatchObject([200, { written: false, devices: 3_000, faultCount: 0 }]);
    const real = await post(text);
    expect([real.status, await real.json()]).toMatchObject([200, { written: true, devices: 3_000 }]);
    const audit = await api.database.read(everyCustomer, (em) =>
      em.execute<{ detail: object }[]>(
        "select detail from audit_entry where action = 'importDevices' and detail->>'written' = 'true' and detail->>'bytes' is not null",
      ),
    );
    expect(audit[0]?.detail).toMatchObject({ written: true, devices: 3_000, dryRun: false });
    expect((await post('x'.repeat(5 * 1024 * 1024))).status).toBe(413);
    expect((await post(HEAD, '?dryRun=perhaps')).status).toBe(400);
    expect((await post(HEAD, '', 'auditor')).status).toBe(403);
  }, 120_000);
});

describe('exporting devices', () => {
  it('gives the columns of an import, with nothing that a spreadsheet would run', async () => {
    const { createDevice } = await ask<{ createDevice: { id: string } }>(
      'service',
      'mutation { createDevice(modelName: "compressor-rx90", thingName: "-1-formula") { id } }',
    );
    await ask(
      'service',
      'mutation ($d: ID!) { setDeviceTags(deviceId: $d, tags: [{ key: "a", value: "=1+1, \\"x\\"" }]) { id } }',
      { d: createDevice.id },
    );
    const answer = await exported('thingName:-1* OR thingName:import-0001');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const [head, ...lines] = (await answer.text()).trimEnd().split('\r\n');
    expect(head).toBe(
      'thing_name,model,serial_number,asset_name,customer,site,location,loan,tags,state,firmware,connected,last_seen_at',
    );
    expect(lines).toEqual([
      `"'-1-formula",compressor-rx90,,,,,,,"a==1+1, ""x""",manufactured,,false,`,
      'import-0001,compressor-rx90,SN-1,Compressor 1,Alpha,Alpha works,hall 1,,"floor=1;line=a;region=north",claimed,,false,',
    ]);
  });

  it('goes through all matches, part by part, and is refused to those who may not', async () => {
    const lines = (await (await exported('import')).text()).trimEnd().split('\r\n');
    expect(new Set(lines).size).toBe(3_041);
    expect((await exported('', 'owner')).status).toBe(403);
    expect((await exported('colour:red')).status).toBe(400);
    expect((await fetch(`${api.url}/exports/devices.csv`)).status).toBe(401);
  });

  it('is what an import takes back', async () => {
    const text = await (await exported('import-00*')).text();
    const result = await importing(text, true);
    expect(new Set(result.faults.map((fault) => fault.rule))).toEqual(
      new Set(['is registered already', 'this machine has a device: swap it instead']),
    );
  });
});

describe('device groups', () => {
  const create = (input: object) =>
    ask<{ createDeviceGroup: { id: string; kind: string } }>(
      'fleet',
      'mutation ($input: CreateDeviceGroupInput!) { createDeviceGroup(input: $input) { id kind } }',
      { input },
    ).then((data) => data.createDeviceGroup);
  const change = async (field: 'addToDeviceGroup' | 'removeFromDeviceGroup', variables: object) =>
    (
      await ask<Record<string, { changed: number }>>(
        'fleet',
        `mutation ($groupId: ID!, $things: [String!], $query: String) { ${field}(groupId: $groupId, things: $things, query: $query) { changed group { name } } }`,
        variables,
      )
    )[field]?.changed;
  const members = async (id: string) =>
    (
      await ask<{ deviceGroup: { members: { totalCount: number; edges: { node: { thingName: string } }[] } } }>(
        'auditor',
        '{ deviceGroup(id: "ID") { members(sort: { by: thingName, descending: true }) { totalCount edges { node { thingName } } } } }'.replace(
          'ID',
          id,
        ),
      )
    ).deviceGroup.members;

  it('of devices: added and removed by name or by what matches now', async () => {
    const group = await create({ name: 'First ones', description: 'for trying' });
    expect(group.kind).toBe('static');
    expect(await change('addToDeviceGroup', { groupId: group.id, things: ['import-0001', 'import-0002'] })).toBe(2);
    expect(await change('addToDeviceGroup', { groupId: group.id, query: 'thingName:import-000*' })).toBe(7);
    expect(
      await change('removeFromDeviceGroup', {
        groupId: group.id,
        query: 'thingName:import-000? AND customer.name:beta',
      }),
    ).toBe(4);
    expect(await members(group.id)).toEqual({
      totalCount: 5,
      edges: [9, 7, 5, 3, 1].map((n) => ({ node: { thingName: `import-000${n}` } })),
    });
    const { searchDevices } = await ask<{ searchDevices: { edges: { node: object }[] } }>(
      'fleet',
      '{ searchDevices(query: "thingName:import-0001") { edges { node { staticGroups { name } } } } }',
    );
    expect(searchDevices.edges[0]?.node).toEqual({ staticGroups: [{ name: 'First ones' }] });
  });

  it('of a query: who matches is in it', async () => {
    const group = await create({ name: 'Northern Beta', query: 'tags.region:north AND customer.name:beta' });
    expect(group.kind).toBe('dynamic');
    expect((await members(group.id)).totalCount).toBe(20);
    expect(
      await refusal('fleet', 'mutation ($g: ID!) { addToDeviceGroup(groupId: $g, things: ["spare-1"]) { changed } }', {
        g: group.id,
      }),
    ).toBe('CONFLICT');
    await ask('fleet', 'mutation ($input: ChangeDeviceGroupInput!) { changeDeviceGroup(input: $input) { id } }', {
      input: { groupId: group.id, name: 'Beta, first', query: 'thingName:import-0002' },
    });
    expect((await members(group.id)).totalCount).toBe(1);
  });

  it('stand in queries by name or id, also inside each other, and never in themselves', async () => {
    const found = async (query: string) => {
      const list = `query ($q: String!) { searchDevices(query: $q) { totalCount edges { node { thingName } } } }`;
      const { searchDevices } = await ask<{ searchDevices: { edges: { node: { thingName: string } }[] } }>(
        'fleet',
        list,
        { q: query },
      );
      return searchDevices.edges.map(({ node }) => node.thingName);
    };
    const fault = async (query: string) => {
      const { errors } = await api.query(
        'query ($q: String!) { searchDevices(query: $q) { totalCount } }',
        { q: query },
        await api.signIn('fleet'),
      );
      return (errors?.[0]?.extensions as { faults?: { rule: string }[] })?.faults?.[0]?.rule;
    };
    const first = ['import-0001', 'import-0003', 'import-0005', 'import-0007', 'import-0009'];
    expect(await found('group:"First ones"')).toEqual(first);
    expect(await found('group:"First ones" AND NOT thingName:import-0003')).toEqual(
      first.filter((name) => name !== 'import-0003'),
    );
    expect(await found('group:"Beta, first" OR thingName:import-0001')).toEqual(['import-0001', 'import-0002']);
    expect(await found('thingName:import-000? AND NOT group:"First ones"')).toHaveLength(4);
    const both = await create({ name: 'Both', query: 'group:"First ones" OR group:"Beta, first"' });
    expect(await found(`group:${both.id}`)).toHaveLength(6);
    expect(await found('group:Both AND group="First ones"')).toEqual(first);
    expect((await members(both.id)).totalCount).toBe(6);
    expect(await fault('thingName:x OR group:ghosts')).toMatch(/at position 22: there is no group/);
    expect(await fault('group:B*')).toMatch(/at position 7: there is no group/);
    const change = 'mutation ($input: ChangeDeviceGroupInput!) { changeDeviceGroup(input: $input) { id } }';
    expect(await refusal('fleet', change, { input: { groupId: both.id, query: 'pump OR group:Both' } })).toBe(
      'INVALID_INPUT',
    );
    const outer = await create({ name: 'Outer', query: 'group:Both' });
    expect(await refusal('fleet', change, { input: { groupId: both.id, query: 'group:Outer' } })).toBe('INVALID_INPUT');
    const many = Array.from({ length: 60 }, (_, i) => `thingName:x${i}`).join(' OR ');
    const large = await create({ name: 'Large', query: many });
    expect(await fault(Array.from({ length: 5 }, () => 'group:Large').join(' OR '))).toMatch(/at most 256 conditions/);
    for (const { id } of [outer, both, large])
      await ask('fleet', 'mutation ($g: ID!) { deleteDeviceGroup(groupId: $g) { id } }', { g: id });
  });

  it('and queries are previewed as what they would be used for: how many, of what kind, who', async () => {
    const preview = `query ($t: DeviceTargetInput!) { targetPreview(target: $t) {
      total parts { model { name } state connected firmwareVersion count } devices { thingName } } }`;
    expect(await ask('service', preview, { t: { group: 'First ones', things: ['spare-1'] } })).toEqual({
      targetPreview: {
        total: 6,
        parts: [
          { model: { name: 'compressor-rx90' }, state: 'claimed', connected: false, firmwareVersion: null, count: 5 },
          {
            model: { name: 'compressor-rx90' },
            state: 'manufactured',
            connected: false,
            firmwareVersion: null,
            count: 1,
          },
        ],
        devices: [1, 3, 5, 7, 9].map((n) => ({ thingName: `import-000${n}` })).concat({ thingName: 'spare-1' }),
      },
    });
    expect(await refusal('fleet', preview, { t: {} })).toBe('INVALID_INPUT');
    expect(await refusal('owner', preview, { t: { query: '*' } })).toBe('FORBIDDEN');
  });

  it('refuses a doubled name, a query that is none, things that are not there, and those who may not', async () => {
    const make = 'mutation ($input: CreateDeviceGroupInput!) { createDeviceGroup(input: $input) { id } }';
    expect(await refusal('fleet', make, { input: { name: 'First ones' } })).toBe('CONFLICT');
    expect(await refusal('fleet', make, { input: { name: 'x', query: 'colour:red' } })).toBe('INVALID_INPUT');
    expect(await refusal('fleet', make, { input: { name: '' } })).toBe('INVALID_INPUT');
    expect(await refusal('auditor', make, { input: { name: 'mine' } })).toBe('FORBIDDEN');
    expect(await refusal('owner', '{ deviceGroups { id } }')).toBe('FORBIDDEN');
    const { deviceGroups } = await ask<{ deviceGroups: { id: string; name: string }[] }>(
      'fleet',
      '{ deviceGroups { id name } }',
    );
    expect(deviceGroups.map((group) => group.name)).toEqual(['Beta, first', 'First ones']);
    expect(
      await refusal('fleet', 'mutation ($g: ID!) { addToDeviceGroup(groupId: $g, things: ["ghost"]) { changed } }', {
        g: deviceGroups[1]?.id,
      }),
    ).toBe('NOT_FOUND');
  });

  it('become a frozen list of devices, the same way for things, groups and queries', async () => {
    const targets = api.app.get(ResolveTargets);
    const names = async (ids: readonly string[]) =>
      (
        await api.database.read(everyCustomer, (em) =>
          em.execute<{ thing_name: string }[]>('select thing_name from device where id = any(?::uuid[])', [
            `{${ids.join(',')}}`,
          ]),
        )
      )
        .map((device) => device.thing_name)
        .sort();
    const run = async (given: Parameters<ResolveTargets['run']>[1], scope = everyCustomer) =>
      names(await targets.run(scope, given));
    expect(await run({ things: ['spare-1', 'spare-1'] })).toEqual(['spare-1']);
    expect(await run({ group: 'First ones' })).toHaveLength(5);
    expect(await run({ group: 'Beta, first', query: 'thingName:import-0001', things: ['spare-1'] })).toEqual([
      'import-0001',
      'import-0002',
      'spare-1',
    ]);
    expect(await run({ query: '*' }, onlyCustomers([api.organisations.Beta]))).toHaveLength(20);
    expect(await run({ query: 'nothing-at-all' })).toEqual([]);
    await expect(run({})).rejects.toThrow('things, a group or a query must be given');
    await expect(run({ group: 'ghosts' })).rejects.toThrow('does not exist');
    await expect(run({ things: ['import-0001'] }, onlyCustomers([api.organisations.Beta]))).rejects.toThrow(
      'import-0001',
    );
  });

  it('end without their devices', async () => {
    const { deviceGroups } = await ask<{ deviceGroups: { id: string }[] }>('fleet', '{ deviceGroups { id } }');
    const devices = await count('device');
    for (const { id } of deviceGroups)
      await ask('fleet', 'mutation ($g: ID!) { deleteDeviceGroup(groupId: $g) { id } }', { g: id });
    expect([await count('device_group'), await count('device_group_member'), await count('device')]).toEqual([
      0,
      0,
      devices,
    ]);
  });
});

describe('a machine’s life', () => {
  it('ends when its device was taken out, and its history stays', async () => {
    const { edges } = await api.app
      .get(SearchDevices)
      .page(
        everyCustomer,
        'thingName:import-0009',
        { by: 'thingName', descending: false },
        { first: 1, after: undefined },
      );
    const deviceId = edges[0]?.node.id ?? '';
    const [running] = await api.database.read(everyCustomer, (em) =>
      em.execute<{ asset_id: string }[]>('select asset_id from installation where device_id = ?', [deviceId]),
    );
    const assetId = running?.asset_id ?? '';
    const retire = 'mutation ($a: ID!) { retireAsset(assetId: $a) { retiredAt } }';
    expect(await refusal('service', retire, { a: assetId })).toBe('CONFLICT');
    api.clock.advance(60_000);
    await ask('service', 'mutation ($d: ID!) { endInstallation(deviceId: $d) { to loan } }', { d: deviceId });
    expect(await ask('service', retire, { a: assetId })).toEqual({
      retireAsset: { retiredAt: '2026-03-02T08:01:00.000Z' },
    });
    expect(await refusal('service', retire, { a: assetId })).toBe('STATE_CONFLICT');
    await expect(api.app.get(InstallDevice).run(everyCustomer, { deviceId, assetId })).rejects.toThrow('is retired');
    const answer = await post(
      'thing_name,model,serial_number,customer,site\nre-9,compressor-rx90,SN-9,Alpha,Alpha works',
    );
    expect(await answer.json()).toMatchObject({
      written: false,
      faults: [{ row: 2, field: 'serial_number', value: 'SN-9', rule: 'this machine is retired' }],
    });
    expect(await count('device')).toBe(3_042);
  });
});
