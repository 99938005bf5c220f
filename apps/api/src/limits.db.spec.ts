import { getIntrospectionQuery } from 'graphql';
import { type ApiUnderTest, startApi } from '../../../test/support/api.js';

describe('limits of the GraphQL endpoint', () => {
  let api: ApiUnderTest;
  let token: string;

  beforeAll(async () => {
    api = await startApi();
    token = await api.signIn('admin');
  });

  afterAll(() => api.close());

  const code = async (query: string, variables?: Record<string, unknown>) => {
    const { data, errors } = await api.query(query, variables, token);
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    return errors?.[0]?.extensions.code;
  };

  const deep = (levels: number) =>
    `{ customers(first: 1) { edges { node { ${'sites { customer { '.repeat(levels)} id ${'} }'.repeat(levels)} } } } }`;

  it('answers a reasonable query', async () => {
    const { data } = await api.query(deep(2), {}, token);
    expect(data).toBeDefined();
  });

  it.each([
    ['a depth bomb', deep(10)],
    ['aliases', `{ ${Array.from({ length: 16 }, (_, i) => `a${i}: viewer { id }`).join(' ')} }`],
    [
      'aliases of signIn',
      `mutation { ${Array.from({ length: 16 }, (_, i) => `a${i}: signIn(email: "a", password: "b") { accessToken }`).join(' ')} }`,
    ],
    ['root fields', `{ ${'viewer { id } '.repeat(11)} }`],
    ['thousands of fields', `{ viewer { ${'id '.repeat(1_500)} } }`],
    ['more tokens than allowed', `{ viewer { ${'id '.repeat(3_000)} } }`],
    [
      'doubling fragments',
      `query { ...f0 } ${Array.from({ length: 40 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f40 on Query { viewer { id } }`,
    ],
    [
      'a cost bomb',
      '{ customers(first: 100) { edges { node { sites { customer { sites { customer { sites { id } } } } } } } } }',
    ],
  ])('refuses %s as too complex before anything runs', async (_, query) => {
    expect(await code(query)).toBe('QUERY_TOO_COMPLEX');
  });

  it('counts the page of a variable', async () => {
    const query =
      'query ($n: Int) { customers(first: $n) { edges { node { sites { customer { sites { customer { sites { id } } } } } } } } }';
    expect(await code(query, { n: 100 })).toBe('QUERY_TOO_COMPLEX');
    expect((await api.query(query, { n: 2 }, token)).data).toBeDefined();
  });

  it.each([
    ['a syntax error', '{ viewer {', undefined],
    ['an unknown field', '{ viewer { passwordHash } }', undefined],
    ['a fragment cycle', 'query { ...a } fragment a on Query { viewer { id } ...a }', undefined],
    ['a wrong type', '{ sites(first: "ten") { totalCount } }', undefined],
    ['a missing variable', 'query ($id: ID!) { customer(id: $id) { id } }', {}],
    ['a wrong variable', 'query ($n: Int) { sites(first: $n) { totalCount } }', { n: 1e99 }],
    ['no page at all', '{ sites(first: 0) { totalCount } }', undefined],
    ['too large a page', '{ sites(first: 101) { totalCount } }', undefined],
    ['a made-up cursor', '{ sites(after: "__proto__") { totalCount } }', undefined],
    ['a cursor of another list', null, undefined],
    ['an operation that is not there', '{ a: __typename } query b { __typename }', undefined],
  ])('answers %s with one clear INVALID_INPUT', async (name, query, variables) => {
    if (name === 'a cursor of another list') {
      const { customers } = await api.ask<{ customers: { pageInfo: { endCursor: string } } }>(
        '{ customers { pageInfo { endCursor } } }',
        {},
        token,
      );
      expect(
        await code('query ($c: String) { sites(after: $c) { totalCount } }', { c: customers.pageInfo.endCursor }),
      ).toBe('INVALID_INPUT');
    } else expect(await code(query ?? '', variables)).toBe('INVALID_INPUT');
  });

  it('does not teach the schema by its errors', async () => {
    const { errors } = await api.query('{ viewer { emai } }', {}, token);
    expect(errors?.[0]?.message).toContain('Cannot query field "emai"');
    expect(JSON.stringify(errors)).not.toMatch(/did you mean|email|stacktrace/i);
  });

  it('refuses batches, big bodies, other content types and GET of mutations', async () => {
    const batch = await api.post([{ query: '{ __typename }' }, { query: '{ __typename }' }]);
    expect(batch.status).toBe(400);
    const big = await api.post({ query: '{ __typename }', variables: { x: 'a'.repeat(300_000) } });
    expect(big.status).toBe(413);
    expect(await big.json()).toMatchObject({
      errors: [{ message: 'Request body is too large', extensions: { code: 'INVALID_INPUT' } }],
    });
    const form = await api.post('query={__typename}', { 'content-type': 'text/plain' });
    expect(form.status).toBeGreaterThanOrEqual(400);
    const broken = await api.post('{"query":');
    expect(broken.status).toBe(400);
    const simple = await fetch(`${api.url}/graphql?query={__typename}`);
    expect(simple.status).toBe(400);
    const change = await fetch(
      `${api.url}/graphql?query=${encodeURIComponent('mutation{signOut(refreshToken:"x")}')}`,
      {
        headers: { 'apollo-require-preflight': 'yes' },
      },
    );
    expect(change.status).toBe(405);
  });

  it('takes hostile names and values as plain data', async () => {
    const poisoned = await api.post(
      '{"query": "mutation ($i: CreateCustomerInput!) { createCustomer(input: $i) { id } }", "variables": {"i": {"name": "x", "__proto__": {"x": 1}}}}',
    );
    expect(poisoned.status).toBe(400);
    expect(await poisoned.json()).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT' } }] });
    const plain = await api.query(
      'mutation { createCustomer(input: { name: "\'; drop table organisation; --" }) { name } }',
      {},
      token,
    );
    expect(plain.data).toEqual({ createCustomer: { name: "'; drop table organisation; --" } });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('shows its schema outside production only', async () => {
    expect((await api.query(getIntrospectionQuery(), {}, token)).data?.__schema).toBeDefined();
  });
});

describe('the GraphQL endpoint in production', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApi({
      NODE_ENV: 'production',
      STRIPE_SECRET_KEY: 'sk_test_none',
      STRIPE_WEBHOOK_SECRET: 'whsec_none',
    });
  });

  afterAll(() => api.close());

  it('does not show its schema', async () => {
    for (const query of [
      getIntrospectionQuery(),
      '{ __schema { types { name } } }',
      '{ __type(name: "User") { name } }',
    ]) {
      const { data, errors } = await api.query(query, {}, await api.signIn('admin'));
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe('INVALID_INPUT');
    }
  });

  it('masks what went wrong, names the request and shows no stack', async () => {
    const token = await api.signIn('admin');
    await api.database.pool.query('alter table site rename to site_gone');
    try {
      const response = await api.post(
        { query: '{ sites { totalCount } }' },
        { authorization: `Bearer ${token}`, 'x-request-id': 'trace-42' },
      );
      expect(response.headers.get('x-request-id')).toBe('trace-42');
      const answer = await response.text();
      expect(JSON.parse(answer).errors).toEqual([
        {
          message: 'Something went wrong on our side (request trace-42)',
          locations: [{ line: 1, column: 3 }],
          path: ['sites'],
          extensions: { code: 'INTERNAL', retryable: false, requestId: 'trace-42' },
        },
      ]);
      expect(answer).not.toMatch(/relation|site_gone|node_modules|at .*\.ts/);
    } finally {
      await api.database.pool.query('alter table site_gone rename to site');
    }
  });

  it('ends a statement that runs too long', async () => {
    const { withStatementTimeout, everyCustomer } = await import('@throughline/platform');
    const slow = withStatementTimeout(20, () =>
      api.database.read(everyCustomer, (em) => em.execute('select pg_sleep(30)')),
    );
    await expect(slow).rejects.toThrow(/statement timeout/);
    const seen = await api.database.read(everyCustomer, (em) => em.execute<object[]>('show statement_timeout'));
    expect(seen).toEqual([{ statement_timeout: '0' }]);
  });
});
