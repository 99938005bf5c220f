import { newId } from '@throughline/kernel';
import { type ApiUnderTest, startApi } from '../../../test/support/api.js';

interface Edges {
  totalCount: number;
  edges: { node: { id: string; name: string } }[];
}

describe('who sees and does what', () => {
  let api: ApiUnderTest;

  const list = async (what: 'customers' | 'sites', token: string, args = '') => {
    const data = await api.ask<Record<string, Edges>>(
      `{ ${what}${args} { totalCount edges { node { id name } } } }`,
      {},
      token,
    );
    const connection = data[what] ?? { totalCount: -1, edges: [] };
    const names = connection.edges.map((edge) => edge.node.name);
    expect(connection.totalCount).toBe(names.length);
    return names;
  };

  beforeAll(async () => {
    api = await startApi();
    const admin = await api.signIn('admin');
    for (const customer of ['Alpha', 'Beta'] as const) {
      const { createSite } = await api.ask<{ createSite: object }>(
        'mutation ($input: CreateSiteInput!) { createSite(input: $input) { timeZone address customer { name } } }',
        { input: { customerId: api.organisations[customer], name: `Hall of ${customer}`, timeZone: 'Europe/Berlin' } },
        admin,
      );
      expect(createSite).toEqual({ customer: { name: customer }, address: '', timeZone: 'Europe/Berlin' });
    }
  });

  afterAll(() => api.close());

  it('each customer sees itself and its own sites only', async () => {
    for (const [at, name] of [
      ['alpha', 'Alpha'],
      ['beta', 'Beta'],
    ] as const) {
      for (const role of ['owner', 'operator', 'billing_contact', 'viewer'] as const) {
        const token = await api.signIn(role, at);
        expect(await list('customers', token)).toEqual([name]);
        expect(await list('sites', token)).toEqual([`Hall of ${name}`]);
      }
    }
  });

  it('a partner sees the customers it is linked to; the manufacturer sees all', async () => {
    expect(await list('customers', await api.signIn('partner'))).toEqual(['Alpha']);
    expect(await list('sites', await api.signIn('partner'))).toEqual(['Hall of Alpha']);
    for (const role of ['admin', 'fleet', 'service', 'finance', 'analyst', 'auditor'] as const)
      expect(await list('customers', await api.signIn(role))).toEqual(['Alpha', 'Beta']);
  });

  it('answers alike for what is another’s, what is not there and what is no id', async () => {
    const token = await api.signIn('owner', 'alpha');
    for (const id of [api.organisations.Beta, api.organisations.Maker, newId(), 'nonsense', '', "' or 1=1"]) {
      expect((await api.query('query ($id: ID!) { customer(id: $id) { name } }', { id }, token)).data).toEqual({
        customer: null,
      });
      const { data } = await api.query(
        'query ($id: ID) { sites(customerId: $id) { totalCount edges { node { id } } } }',
        { id },
        token,
      );
      expect(data).toEqual({ sites: { totalCount: 0, edges: [] } });
    }
    const own = await api.query(
      'query ($id: ID!) { customer(id: $id) { name sites { name } } }',
      { id: api.organisations.Alpha },
      token,
    );
    expect(own.data).toEqual({ customer: { name: 'Alpha', sites: [{ name: 'Hall of Alpha' }] } });
  });

  it('a search finds literally what is typed, within one’s own', async () => {
    const admin = await api.signIn('admin');
    expect(await list('customers', admin, '(filter: { search: "alp" })')).toEqual(['Alpha']);
    expect(await list('customers', admin, '(filter: { search: "%" })')).toEqual([]);
    expect(await list('customers', admin, '(filter: { search: "_lpha" })')).toEqual([]);
    expect(await list('customers', await api.signIn('owner', 'alpha'), '(filter: { search: "bet" })')).toEqual([]);
  });

  const mutations = {
    createCustomer: ['mutation { createCustomer(input: { name: "New" }) { id } }', ['admin', 'finance']],
    createSite: [
      'mutation { createSite(input: { customerId: "x", name: "New", timeZone: "UTC" }) { id } }',
      ['admin', 'fleet', 'service'],
    ],
    createApiKey: ['mutation { createApiKey(name: "n", scopes: []) { key } }', ['admin', 'owner']],
    revokeApiKey: ['mutation { revokeApiKey(id: "x") { id } }', ['admin', 'owner']],
  } as const;

  it.each(Object.keys(mutations) as (keyof typeof mutations)[])('%s is for those roles only', async (name) => {
    const [query, allowed] = mutations[name];
    const may: string[] = [];
    for (const role of [
      'admin',
      'auditor',
      'fleet',
      'service',
      'finance',
      'analyst',
      'owner',
      'operator',
      'billing_contact',
      'viewer',
      'partner',
    ] as const) {
      const { errors } = await api.query(query, {}, await api.signIn(role));
      if (errors?.[0]?.extensions.code !== 'FORBIDDEN') may.push(role);
    }
    expect(may).toEqual(allowed);
    expect((await api.query(query)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('a site of a customer one may not see cannot be made', async () => {
    const { errors } = await api.query(
      'mutation ($id: ID!) { createSite(input: { customerId: $id, name: "x", timeZone: "UTC" }) { id } }',
      { id: newId() },
      await api.signIn('fleet'),
    );
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('asks the database as often for many rows as for few', async () => {
    const admin = await api.signIn('admin');
    const reads = async (first: number) => {
      const read = api.database.read.bind(api.database);
      let count = 0;
      api.database.read = (scope, work) => {
        count += 1;
        return read(scope, work);
      };
      await api.query(`{ sites(first: ${first}) { edges { node { customer { name sites { id } } } } } }`, {}, admin);
      api.database.read = read;
      return count;
    };
    expect(await reads(2)).toBe(await reads(1));
  });
});

describe('the audit trail', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApi();
  });

  afterAll(() => api.close());

  const rows = async () => {
    const { auditTrail } = await api.ask<{ auditTrail: { edges: { node: Record<string, unknown> }[] } }>(
      '{ auditTrail(first: 100) { edges { node { at actorKind actorName action outcome detail requestId } } } }',
      {},
      await api.signIn('auditor'),
    );
    return auditTrail.edges.map((edge) => edge.node);
  };

  it('has a row for every mutation: done, refused, failed and not even begun', async () => {
    // A row's place in the trail is its time: each mutation gets a millisecond of its own.
    const send: typeof api.query = (...args) => {
      api.clock.advance(1);
      return api.query(...args);
    };
    const admin = await api.signIn('admin');
    api.clock.advance(1);
    const viewer = await api.signIn('viewer');
    await send(
      'mutation { createCustomer(input: { name: "Gamma", billingEmail: "pay@gamma.test" }) { id } }',
      {},
      admin,
    );
    await send('mutation { createCustomer(input: { name: "Gamma" }) { id } }', {}, admin);
    await send('mutation { createCustomer(input: { name: "Delta" }) { id } }', {}, viewer);
    await send('mutation { createCustomer(input: { name: "Epsilon" }) { id } }');
    await send('mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { id } }', { input: 1 }, admin);
    await send('mutation { signIn(email: "intruder@x.test", password: "a secret guess") { accessToken } }');
    await api.database.pool.query('alter table site rename to site_gone');
    await send(
      'mutation ($id: ID!) { createSite(input: { customerId: $id, name: "x", timeZone: "UTC" }) { id } }',
      { id: api.organisations.Alpha },
      admin,
    );
    await api.database.pool.query('alter table site_gone rename to site');

    api.clock.advance(1);
    const trail = await rows();
    const told = trail.map(({ actorKind, actorName, action, outcome, detail }) => ({
      who: `${actorKind} ${actorName}`,
      action,
      outcome,
      error: (detail as { error?: string }).error,
    }));
    expect(told).toEqual([
      { who: 'user auditor of Maker', action: 'signIn', outcome: 'done', error: undefined },
      { who: 'user admin of Maker', action: 'createSite', outcome: 'failed', error: 'INTERNAL' },
      { who: 'anonymous intruder@x.test', action: 'signIn', outcome: 'refused', error: 'UNAUTHENTICATED' },
      { who: 'user admin of Maker', action: 'createCustomer', outcome: 'refused', error: 'INVALID_INPUT' },
      { who: 'anonymous null', action: 'createCustomer', outcome: 'refused', error: 'UNAUTHENTICATED' },
      { who: 'user viewer of Alpha', action: 'createCustomer', outcome: 'refused', error: 'FORBIDDEN' },
      { who: 'user admin of Maker', action: 'createCustomer', outcome: 'refused', error: 'CONFLICT' },
      { who: 'user admin of Maker', action: 'createCustomer', outcome: 'done', error: undefined },
      { who: 'user viewer of Alpha', action: 'signIn', outcome: 'done', error: undefined },
      { who: 'user admin of Maker', action: 'signIn', outcome: 'done', error: undefined },
    ]);
    expect(trail[7]?.detail).toMatchObject({
      input: { name: 'Gamma', billingEmail: 'pay@gamma.test' },
      result: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.stringify(trail)).not.toMatch(/secret guess|correct horse|eyJ|tl_/);
  });

  it('keeps no key that was made', async () => {
    const admin = await api.signIn('admin');
    const { createApiKey } = await api.ask<{ createApiKey: { key: string } }>(
      'mutation { createApiKey(name: "k", scopes: ["sites:read"]) { key } }',
      {},
      admin,
    );
    const everything = await api.database.pool.query('select detail::text from audit_entry');
    expect(JSON.stringify(everything.rows)).not.toContain(createApiKey.key.slice(-43));
  });

  it('cannot be changed, not even by the owner of the table', async () => {
    await expect(api.database.pool.query("update audit_entry set outcome = 'done'")).rejects.toThrow('immutable');
    await expect(api.database.pool.query('delete from audit_entry')).rejects.toThrow('immutable');
  });

  it('is for admin and auditor', async () => {
    for (const role of ['owner', 'finance', 'fleet', 'analyst'] as const) {
      const { errors } = await api.query('{ auditTrail { totalCount } }', {}, await api.signIn(role));
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('is read in pages, newest first', async () => {
    const token = await api.signIn('auditor');
    const query =
      'query ($after: String) { auditTrail(first: 3, after: $after) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }';
    const ids: string[] = [];
    let after: string | undefined;
    let total = 0;
    for (let more = true; more; ) {
      const { data } = await api.query(query, { after }, token);
      const page = data?.auditTrail as {
        totalCount: number;
        edges: { node: { id: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      ids.push(...page.edges.map((edge) => edge.node.id));
      total = page.totalCount;
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(total);
  });
});
