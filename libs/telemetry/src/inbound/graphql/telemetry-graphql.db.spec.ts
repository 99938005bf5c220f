import { CreateAsset, CreateDevice, InstallDevice, RegisterModel } from '@throughline/fleet';
import { CreateSite, systemScope } from '@throughline/identity';
import { newId } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { RegisterSchema } from '@throughline/telemetry';
import { type ApiUnderTest, startApi } from '../../../../../test/support/api.js';
import { compressor } from '../../../../fleet/test/fixture.js';

let api: ApiUnderTest;
let assetId: string;
const at = Date.UTC(2026, 1, 20);

beforeAll(async () => {
  api = await startApi();
  const model = await api.app.get(RegisterModel).run(compressor);
  await api.app.get(RegisterSchema).run(model.id, [
    { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
    { name: 'state', title: 'State', unit: '1', kind: 'state' },
  ]);
  const customerId = api.organisations.Alpha ?? '';
  const site = await api.app.get(CreateSite).execute(systemScope, { customerId, name: 'Works', timeZone: 'UTC' });
  const asset = await api.app
    .get(CreateAsset)
    .run(everyCustomer, { siteId: site.id, modelId: model.id, serialNumber: 'T1', name: 'Compressor T1' });
  assetId = asset.id;
  const device = await api.app.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName: 'talker' });
  await api.app.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId });
  await api.app.get(Database).transaction(everyCustomer, async (em) => {
    for (const seq of [1, 2, 3])
      await em.execute(
        `insert into message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, "values")
         values (?, 1, ?, ?, ?, ?, ?, 1, array[?::float8, 2])`,
        [device.id, seq, new Date(at + seq * 1_000), new Date(at + 9_000), assetId, customerId, seq + 0.5],
      );
    await em.execute(
      `insert into latest_reading select device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, "values"
       from message where seq = 3`,
    );
    await em.execute(
      `insert into device_event (id, device_id, asset_id, customer_id, ts, stored_at, type, code, detail, body_hash)
       values (?, ?, ?, ?, ?, ?, 'fault_raised', 'E12', '{"valve": 3}', 'h')`,
      [newId(), device.id, assetId, customerId, new Date(at), new Date(at)],
    );
    for (const [n, raw] of ['{"a":', 'x'.repeat(3_000)].entries())
      await em.execute(
        `insert into quarantined_message (id, device_id, customer_id, thing_name, topic, received_at, reason, rule, boot, seq, raw, body_hash)
         values (?, ?, ?, 'talker', 'dt/talker/telemetry', ?, 'malformed_json', 'must be JSON', null, ?, ?, ?)`,
        [newId(at + n), device.id, customerId, new Date(at + n), 2 ** 40, Buffer.from(raw), `h${n}`],
      );
  });
});
afterAll(() => api.close());

const ask = async (role: Parameters<ApiUnderTest['signIn']>[0], query: string, where?: 'alpha' | 'beta') =>
  api.query(query, {}, await api.signIn(role, where));

describe('telemetry over GraphQL', () => {
  it('gives a series of a metric and the events of an asset', async () => {
    const series = `series(metric: "pressure_bar", from: "2026-02-20T00:00:00Z", to: "2026-02-20T00:00:03Z") { metric unit thinned points { at value } }`;
    const { data, errors } = await ask(
      'viewer',
      `{ asset(id: "${assetId}") { ${series} events { at type code detail } } }`,
      'alpha',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      asset: {
        series: {
          metric: 'pressure_bar',
          unit: 'bar',
          thinned: false,
          points: [
            { at: '2026-02-20T00:00:01.000Z', value: 1.5 },
            { at: '2026-02-20T00:00:02.000Z', value: 2.5 },
          ],
        },
        events: [{ at: '2026-02-20T00:00:00.000Z', type: 'fault_raised', code: 'E12', detail: { valve: 3 } }],
      },
    });
  });

  it('names the metrics when an unknown one is asked for', async () => {
    const { errors } = await ask(
      'viewer',
      `{ asset(id: "${assetId}") { series(metric: "colour", from: "2026-02-20T00:00:00Z", to: "2026-02-21T00:00:00Z") { unit } } }`,
      'alpha',
    );
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'INVALID_INPUT' } });
    expect(errors?.[0]?.message).toContain('must be one of pressure_bar, state');
  });

  it("says when a device's newest message was sent and stored", async () => {
    const { data } = await ask(
      'fleet',
      '{ devices { edges { node { thingName lastMessageAt lastMessageStoredAt } } } }',
    );
    expect(data).toEqual({
      devices: {
        edges: [
          {
            node: {
              thingName: 'talker',
              lastMessageAt: '2026-02-20T00:00:03.000Z',
              lastMessageStoredAt: '2026-02-20T00:00:09.000Z',
            },
          },
        ],
      },
    });
  });

  it('shows the schema of a model', async () => {
    const { data } = await ask('fleet', '{ models { schemaVersion metrics { name title unit kind min max } } }');
    expect(data).toEqual({
      models: [
        {
          schemaVersion: 1,
          metrics: [
            { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
            { name: 'state', title: 'State', unit: '1', kind: 'state', min: null, max: null },
          ],
        },
      ],
    });
  });

  it('says how complete the messages of an asset are, and where some are missing', async () => {
    const later = at + 3_600_000;
    await api.app.get(Database).transaction(everyCustomer, async (em) => {
      await em.execute(
        `insert into message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, "values")
         select device_id, 2, s, ?::timestamptz + make_interval(secs => s), stored_at, asset_id, customer_id, 1, "values"
         from message, unnest(array[1, 4]) s where boot = 1 and seq = 1`,
        [new Date(later)],
      );
      await em.execute(
        `insert into missing_range (device_id, boot, from_seq, to_seq, asset_id, customer_id, after_at, before_at, state, reason, found_at, asked)
         select device_id, 2, 2, 3, asset_id, customer_id, ?, ?, 'lost', 'unanswered', ?, 9 from latest_reading`,
        [new Date(later + 1_000), new Date(later + 4_000), new Date(later)],
      );
    });
    const figures = (from: string, to: string) =>
      ask(
        'viewer',
        `{ asset(id: "${assetId}") {
          completeness(from: "${from}", to: "${to}") { received missing lost provable share }
          gaps(from: "${from}", to: "${to}") { thingName boot fromSeq toSeq messages from to state reason asked } } }`,
        'alpha',
      );
    expect((await figures('2026-02-20T00:00:00Z', '2026-02-20T02:00:00Z')).data).toEqual({
      asset: {
        completeness: { received: 5, missing: 2, lost: 2, provable: true, share: '0.714285' },
        gaps: [
          {
            ...{ thingName: 'talker', boot: 2, fromSeq: 2, toSeq: 3, messages: 2, state: 'lost', reason: 'unanswered' },
            ...{ from: '2026-02-20T01:00:01.000Z', to: '2026-02-20T01:00:04.000Z', asked: 9 },
          },
        ],
      },
    });
    expect((await figures('2026-02-20T00:00:00Z', '2026-02-20T01:00:00Z')).data).toEqual({
      asset: { completeness: { received: 3, missing: 0, lost: 0, provable: true, share: '1' }, gaps: [] },
    });
    expect((await figures('2026-02-20T00:00:00Z', '2029-02-20T00:00:00Z')).errors?.[0]?.message).toContain(
      'must be at most 800 days after "from"',
    );
  });

  it('shows quarantine page by page, newest first, to the manufacturer alone', async () => {
    const query = (after = '') =>
      `{ quarantine(first: 1, filter: { thingName: "talker" }${after}) { totalCount pageInfo { hasNextPage endCursor } edges { node { thingName topic reason rule boot seq preview } } } }`;
    const first = (await ask('service', query())).data as {
      quarantine: { pageInfo: { endCursor: string }; edges: { node: { preview: string } }[] };
    };
    expect(first.quarantine).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    expect(first.quarantine.edges[0]?.node.preview).toBe('x'.repeat(2_000));
    const second = await ask('service', query(`, after: "${first.quarantine.pageInfo.endCursor}"`));
    expect(second.data).toMatchObject({
      quarantine: {
        pageInfo: { hasNextPage: false },
        edges: [{ node: { reason: 'malformed_json', boot: null, seq: 2 ** 40, preview: '{"a":' } }],
      },
    });
    expect((await ask('owner', query(), 'alpha')).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  });

  it('shows a flood as one group, a payload as text or hexadecimal digits, and orders replay and discarding with an audit row', async () => {
    const groups = await ask('service', '{ quarantineGroups { reason ruleKind messages devices thingName } }');
    expect(groups.data).toEqual({
      quarantineGroups: [{ reason: 'malformed_json', ruleKind: '', messages: 2, devices: 1, thingName: 'talker' }],
    });
    const list = (await ask('service', '{ quarantine { edges { node { id bytes isText hex deviceId } } } }')).data as {
      quarantine: { edges: { node: { id: string } }[] };
    };
    expect(list.quarantine.edges[1]?.node).toMatchObject({ bytes: 5, isText: true, hex: '7b2261223a' });
    const id = list.quarantine.edges[0]?.node.id;
    const discard = (reason: string) =>
      `mutation { discardQuarantine(ids: ["${id}"], reason: "${reason}") { action state total settled reason requestedBy } }`;
    expect((await ask('analyst', discard('a test'))).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect((await ask('service', discard(' '))).errors?.[0]?.message).toContain('must have 3 to 500 characters');
    expect((await ask('service', discard('a test of ours'))).data).toEqual({
      discardQuarantine: {
        action: 'discard',
        state: 'running',
        total: 1,
        settled: 0,
        reason: 'a test of ours',
        requestedBy: 'service of Maker',
      },
    });
    const all = await ask('service', 'mutation { replayQuarantine(filter: {}) { id } }');
    expect(all.errors?.[0]?.message).toContain('must name a thing, a model, a reason or a time');
    const audit = await api.app
      .get(Database)
      .read(everyCustomer, (em) =>
        em.execute<{ outcome: string; detail: Record<string, unknown> }[]>(
          `select outcome, detail from audit_entry where action = 'discardQuarantine' order by at, id`,
        ),
      );
    expect(audit.filter(({ outcome }) => outcome === 'done')).toMatchObject([
      { detail: { ids: [id], reason: 'a test of ours' } },
    ]);
  });
});
