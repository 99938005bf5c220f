import { type ApiUnderTest, PASSWORD, startApi } from '../../../test/support/api.js';

const SIGN_IN =
  'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken refreshToken expiresAt } }';
const REFRESH = 'mutation ($t: String!) { refresh(refreshToken: $t) { accessToken refreshToken } }';
const VIEWER = '{ viewer { id email name role consoles language organisation { kind name } } }';

describe('signing in over GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApi();
  });

  afterAll(() => api.close());

  const tokensOf = async (email: string) => {
    const { data } = await api.query(SIGN_IN, { email, password: PASSWORD });
    return data?.signIn as { accessToken: string; refreshToken: string; expiresAt: string };
  };

  it('answers who one is', async () => {
    const { accessToken, expiresAt } = await tokensOf('owner@alpha.test');
    expect(expiresAt).toBe('2026-03-02T08:10:00.000Z');
    expect((await api.query(VIEWER, {}, accessToken)).data?.viewer).toMatchObject({
      email: 'owner@alpha.test',
      name: 'owner of Alpha',
      role: 'owner',
      consoles: ['customer'],
      language: 'en',
      organisation: { kind: 'customer', name: 'Alpha' },
    });
  });

  it('answers a partner, whose own organisation is none of the customers it sees', async () => {
    const token = await api.signIn('partner');
    expect((await api.query(VIEWER, {}, token)).data?.viewer).toMatchObject({ organisation: { name: 'Dealer' } });
  });

  it('refuses alike: unknown e-mail and wrong password', async () => {
    const unknown = await api.query(SIGN_IN, { email: 'nobody@alpha.test', password: PASSWORD });
    const wrong = await api.query(SIGN_IN, { email: 'owner@alpha.test', password: 'wrong password' });
    const withoutId = (answer: object) => JSON.stringify(answer).replace(/"requestId":"[^"]+"/, '');
    expect(withoutId(unknown)).toBe(withoutId(wrong));
    expect(wrong.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('says when to try again after too many failures', async () => {
    for (let i = 0; i < 10; i += 1) await api.query(SIGN_IN, { email: 'viewer@beta.test', password: 'wrong' });
    const { errors } = await api.query(SIGN_IN, { email: 'viewer@beta.test', password: PASSWORD });
    expect(errors?.[0]).toMatchObject({
      message: 'Too many failed sign-ins; try again after 2026-03-02T08:15:00.000Z',
      extensions: { code: 'RATE_LIMITED', retryable: true },
    });
  });

  it('ends the session when a refresh token is used twice', async () => {
    const first = await tokensOf('operator@alpha.test');
    const { data } = await api.query(REFRESH, { t: first.refreshToken });
    const second = data?.refresh as { accessToken: string; refreshToken: string };
    expect((await api.query(VIEWER, {}, second.accessToken)).data).toBeDefined();
    const reuse = await api.query(REFRESH, { t: first.refreshToken });
    expect(reuse.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const after = await api.query(VIEWER, {}, second.accessToken);
    expect(after.errors?.[0]).toMatchObject({
      message: 'The session has ended',
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });

  it('signs out', async () => {
    const { accessToken, refreshToken } = await tokensOf('viewer@alpha.test');
    const { data } = await api.query('mutation ($t: String!) { signOut(refreshToken: $t) }', { t: refreshToken });
    expect(data).toEqual({ signOut: true });
    expect((await api.query(VIEWER, {}, accessToken)).errors?.[0]?.message).toBe('The session has ended');
  });

  it('lets someone with a stale token sign in again', async () => {
    const { data } = await api.query(SIGN_IN, { email: 'owner@beta.test', password: PASSWORD }, 'stale.token.here');
    expect(data?.signIn).toBeDefined();
  });

  it('asks callers without, with a wrong and with an expired token to sign in, and says which it is', async () => {
    const reason = async (token?: string) => (await api.query(VIEWER, {}, token)).errors?.[0]?.message;
    const { accessToken } = await tokensOf('owner@beta.test');
    expect(await reason()).toBe('Sign in first');
    expect(await reason('a.b.c')).toBe('The access token is not valid');
    expect(await reason(`tl_${'0'.repeat(16)}_${'A'.repeat(43)}`)).toBe('The API key is not valid');
    api.clock.advance(10 * 60_000);
    expect(await reason(accessToken)).toBe('The access token has expired');
  });
});

describe('API keys over GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApi();
  });

  afterAll(() => api.close());

  const CREATE =
    'mutation ($scopes: [String!]!, $at: DateTime) { createApiKey(name: "export", scopes: $scopes, expiresAt: $at) { key apiKey { id prefix scopes expiresAt lastUsedAt revokedAt } } }';

  it('are shown once, work within their scopes, are listed without secret and end when revoked', async () => {
    const owner = await api.signIn('owner');
    const { createApiKey } = await api.ask<{ createApiKey: { key: string; apiKey: { id: string; prefix: string } } }>(
      CREATE,
      { scopes: ['sites:read'], at: '2026-04-01T00:00:00Z' },
      owner,
    );
    const { key, apiKey } = createApiKey;
    expect(apiKey).toMatchObject({ scopes: ['sites:read'], expiresAt: '2026-04-01T00:00:00.000Z', revokedAt: null });

    expect((await api.query('{ sites { totalCount } }', {}, key)).data).toEqual({ sites: { totalCount: 0 } });
    const beyond = await api.query('{ customers { totalCount } }', {}, key);
    expect(beyond.errors?.[0]).toMatchObject({ message: 'export lacks the permission customers:read' });
    expect((await api.query('{ viewer { email name role permissions } }', {}, key)).data).toEqual({
      viewer: { email: null, name: 'export', role: 'owner', permissions: ['sites:read'] },
    });

    const listed = await api.query('{ apiKeys { id prefix lastUsedAt revokedAt } }', {}, owner);
    expect(listed.data?.apiKeys).toEqual([
      { id: apiKey.id, prefix: apiKey.prefix, lastUsedAt: '2026-03-02T08:00:00.000Z', revokedAt: null },
    ]);
    expect(JSON.stringify(listed)).not.toContain(key.slice(-43));

    await api.query('mutation ($id: ID!) { revokeApiKey(id: $id) { revokedAt } }', { id: apiKey.id }, owner);
    const ended = await api.query('{ sites { totalCount } }', {}, key);
    expect(ended.errors?.[0]).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  });

  it('are an owner’s or an admin’s to make and not anyone else’s', async () => {
    for (const role of ['viewer', 'operator', 'finance', 'auditor', 'partner'] as const) {
      const { errors } = await api.query(CREATE, { scopes: ['sites:read'] }, await api.signIn(role));
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('of one customer are not seen by another', async () => {
    const beta = await api.signIn('owner', 'beta');
    expect((await api.query('{ apiKeys { id } }', {}, beta)).data).toEqual({ apiKeys: [] });
  });
});
