import { newId } from '@throughline/kernel';
import { LiveSignals } from '@throughline/platform';
import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type ApiUnderTest, PASSWORD, startApi } from '../../../test/support/api.js';
import { type Machines, machines } from '../../../test/support/machines.js';
import { buildSchema } from './schema-text.js';

const TERMS = JSON.stringify({ currency: 'EUR', cadence: 'month', charges: [], guarantees: [] });

type Field = GraphQLField<unknown, unknown>;

const fieldsOf = (type: GraphQLOutputType): Record<string, Field> => {
  const named = getNamedType(type);
  return isObjectType(named) ? named.getFields() : {};
};

const needed = (field: Field): string[] => field.args.filter((arg) => isNonNullType(arg.type)).map((arg) => arg.name);

/** Every root query by id and every root list, from the schema itself, so that new ones are tried too. */
function queriesOf(schema: GraphQLSchema): { byId: string[]; lists: string[] } {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  return {
    byId: fields.filter((f) => needed(f).join() === 'id' && 'id' in fieldsOf(f.type)).map((f) => f.name),
    lists: fields.filter((f) => needed(f).length === 0 && 'edges' in fieldsOf(f.type)).map((f) => f.name),
  };
}

describe('rows of another customer', () => {
  let api: ApiUnderTest;
  let byId: string[];
  let lists: string[];
  const at: Record<string, Machines> = {};
  const ids: Record<'Alpha' | 'Beta', Set<string>> = { Alpha: new Set(), Beta: new Set() };
  const assets: Record<string, string> = {};

  beforeAll(async () => {
    api = await startApi();
    ({ byId, lists } = queriesOf(await buildSchema()));
    const host = { database: api.database, module: api.app };
    for (const customer of ['Alpha', 'Beta'] as const) {
      const place = await machines(host, { customerId: api.organisations[customer] });
      at[customer] = place;
      const { asset, device } = await place.machine(`${customer}-1`);
      assets[customer] = asset.id;
      const [plan, version, contract] = [newId(), newId(), newId()];
      await place.rows('insert into plan (id, name) values (?, ?)', [plan, `Plan of ${customer}`]);
      await place.rows(
        `insert into plan_version (id, plan_id, version, state, terms) values (?, ?, 1, 'published', ?)`,
        [version, plan, TERMS],
      );
      await place.rows(
        `insert into contract (id, number, customer_id, plan_version_id, terms, currency, time_zone, from_at)
         values (?, ?, ?, ?, ?, 'EUR', 'UTC', '2026-01-01')`,
        [contract, `C-${customer}`, place.customerId, version, TERMS],
      );
      for (const id of [place.customerId, place.siteId, asset.id, device.id, contract]) ids[customer].add(id);
    }
  });

  afterAll(() => api.close());

  it('are found in the schema by these queries at least', () => {
    expect(byId).toEqual(expect.arrayContaining(['asset', 'contract', 'customer', 'device', 'plan']));
    expect(lists).toEqual(expect.arrayContaining(['assets', 'contracts', 'customers', 'devices', 'sites']));
  });

  it.each(['owner', 'operator', 'billing_contact', 'viewer', 'partner'] as const)(
    'are in no list of an %s and answered by no id, alike to what is not there',
    async (role) => {
      const token = await api.signIn(role, 'alpha');
      for (const name of lists) {
        const { data, errors } = await api.query(`{ ${name} { totalCount edges { node { id } } } }`, {}, token);
        if (errors) expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
        const page = data?.[name] as { totalCount: number; edges: { node: { id: string } }[] } | undefined;
        const listed = page?.edges.map((edge) => edge.node.id) ?? [];
        expect({ name, foreign: listed.filter((id) => ids.Beta.has(id)) }).toEqual({ name, foreign: [] });
        expect({ name, total: page?.totalCount ?? 0 }).toEqual({ name, total: listed.length });
      }
      for (const name of byId) {
        const answer = async (id: string) => {
          const text = JSON.stringify(await api.query(`query ($id: ID!) { ${name}(id: $id) { id } }`, { id }, token));
          return text.replaceAll(id, 'ID').replace(/"requestId":"[^"]+"/g, '');
        };
        const missing = await answer(newId());
        for (const id of ids.Beta) expect({ name, answer: await answer(id) }).toEqual({ name, answer: missing });
      }
    },
  );

  it('can be seen by their own customer, so the above proves something', async () => {
    const token = await api.signIn('owner', 'beta');
    const own = new Set<string>();
    for (const name of ['assets', 'contracts', 'customers', 'sites']) {
      const data = await api.ask<Record<string, { edges: { node: { id: string } }[] }>>(
        `{ ${name} { edges { node { id } } } }`,
        {},
        token,
      );
      for (const edge of data[name]?.edges ?? []) own.add(edge.node.id);
    }
    expect([...own].every((id) => ids.Beta.has(id))).toBe(true);
    expect(own.size).toBe(4);
  });

  it('never come over a subscription, and one’s own stop coming when the session ends', async () => {
    const { signIn } = await api.ask<{ signIn: { accessToken: string; refreshToken: string } }>(
      'mutation ($password: String!) { signIn(email: "viewer@alpha.test", password: $password) { accessToken refreshToken } }',
      { password: PASSWORD },
    );
    const client = createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${signIn.accessToken}` },
    });
    const feed = client.iterate<{ assetLive: { assetId: string } }>({
      query: 'subscription ($ids: [ID!]) { assetLive(assetIds: $ids) { assetId connected } }',
      variables: { ids: [assets.Alpha, assets.Beta] },
    });
    // It begins with the present state of what was asked for: the other's is left out.
    expect((await feed.next()).value.data.assetLive.assetId).toBe(assets.Alpha);
    const signals = api.app.get(LiveSignals);
    signals.signal('asset-live', [assets.Beta ?? '']);
    signals.signal('asset-live', [assets.Alpha ?? '']);
    expect((await feed.next()).value.data.assetLive.assetId).toBe(assets.Alpha);

    await api.query('mutation ($t: String!) { signOut(refreshToken: $t) }', { t: signIn.refreshToken });
    signals.signal('asset-live', [assets.Alpha ?? '']);
    const last = await feed.next().catch((error: unknown) => ({ value: { errors: error } }));
    expect(JSON.stringify(last.value)).toContain('The session has ended');
    await client.dispose();
  });
});
