import { newId } from '@throughline/kernel';
import { everyCustomer } from '@throughline/platform';
import { Organisation, Session, User } from '@throughline/schema/identity';
import { type TestContext, testModule } from '../../../../test/support/database.js';
import {
  Authenticate,
  CreateApiKey,
  CreateOrganisation,
  CreateSite,
  CreateUser,
  IdentityModule,
  LinkPartner,
  RefreshSession,
  RevokeApiKey,
  type SignedIn,
  SignIn,
  SignOut,
  systemScope,
} from '../index.js';

const PASSWORD = 'a long enough password';
const MINUTE = 60_000;

describe('identity', () => {
  let context: TestContext;
  let customerId: string;
  let counter = 0;

  const create = (role: string, organisationId: string, email = `user-${++counter}@test.test`): Promise<User> =>
    context.module
      .get(CreateUser)
      .execute(systemScope, { organisationId, email, name: `User ${counter}`, role, password: PASSWORD });

  const organisation = (kind: 'manufacturer' | 'customer' | 'partner'): Promise<Organisation> =>
    context.module.get(CreateOrganisation).execute(systemScope, { kind, name: `${kind} ${++counter}` });

  const signIn = (email: string, password = PASSWORD, address = '192.0.2.1'): Promise<SignedIn> =>
    context.module.get(SignIn).execute({ email, password, address });

  const bearer = (text: string) => context.module.get(Authenticate).bearer(`Bearer ${text}`, 'r');

  beforeAll(async () => {
    context = await testModule([IdentityModule]);
    customerId = (await organisation('customer')).id;
  });

  afterAll(() => context.close());

  describe('users', () => {
    it('have their password stored with argon2id and OWASP parameters only', async () => {
      const user = await create('owner', customerId);
      expect(user.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(JSON.stringify(user)).not.toContain(PASSWORD);
    });

    it('have an e-mail of their own, whatever its case', async () => {
      const user = await create('owner', customerId, 'Same@Test.test');
      expect(user.email).toBe('same@test.test');
      await expect(create('viewer', customerId, 'sAME@test.test')).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it.each(['admin', 'partner', 'constructor', ''])('of a customer cannot be %j', async (role) => {
      await expect(create(role, customerId)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('are refused with all faults named and the password not shown', async () => {
      const attempt = context.module.get(CreateUser).execute(systemScope, {
        organisationId: customerId,
        email: 'no address',
        name: ' ',
        role: 'owner',
        password: 'short',
      });
      await expect(attempt).rejects.toThrow(/email: must be an e-mail address.*name: must be a line/);
      await expect(
        context.module.get(CreateUser).execute(systemScope, {
          organisationId: customerId,
          email: 'ok@test.test',
          name: 'ok',
          role: 'owner',
          password: 'sesame',
        }),
      ).rejects.toThrow(/^password: must have 10 to 200 characters \(given: "…"\)$/);
    });
  });

  describe('signing in', () => {
    it('gives an access token that names the caller, and e-mail case does not matter', async () => {
      const user = await create('owner', customerId, 'Case@test.test');
      const { tokens, userId } = await signIn(' CASE@test.test');
      expect(userId).toBe(user.id);
      expect(tokens.expiresAt).toEqual(new Date(context.clock.now().getTime() + 10 * MINUTE));
      const { scope } = await bearer(tokens.accessToken);
      expect(scope).toMatchObject({
        actor: { kind: 'user', id: user.id, role: 'owner' },
        organisation: { id: customerId, kind: 'customer' },
        data: { kind: 'customers', ids: [customerId] },
      });
    });

    it('fails the same way for an unknown e-mail, a wrong password, a disabled user and hostile input', async () => {
      const user = await create('owner', customerId);
      await context.database.transaction(everyCustomer, (em) =>
        em.nativeUpdate(User, { id: user.id }, { disabledAt: context.clock.now() }),
      );
      const known = await create('owner', customerId);
      const attempts: [string, string][] = [
        ['nobody@test.test', PASSWORD],
        [known.email, 'not the password'],
        [known.email, ''],
        [known.email, 'x'.repeat(100_000)],
        [user.email, PASSWORD],
        ['', ''],
        [`${'a'.repeat(10_000)}@test.test`, PASSWORD],
        ["' or 1=1 --", PASSWORD],
      ];
      for (const [email, password] of attempts) {
        const failed = signIn(email, password, '192.0.2.77');
        await expect(failed).rejects.toMatchObject({
          code: 'UNAUTHENTICATED',
          message: 'The e-mail or the password is wrong',
        });
      }
    });

    it('is stopped after 10 failures of an e-mail, for 15 minutes, also with the right password', async () => {
      const user = await create('owner', customerId);
      for (let i = 0; i < 10; i += 1)
        await expect(signIn(user.email, 'wrong', `198.51.100.${i}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      const until = new Date(context.clock.now().getTime() + 15 * MINUTE).toISOString();
      await expect(signIn(user.email, PASSWORD, '198.51.100.99')).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        message: `Too many failed sign-ins; try again after ${until}`,
      });
      context.clock.advance(15 * MINUTE);
      await expect(signIn(user.email)).resolves.toMatchObject({ userId: user.id });
    });

    it('counts guesses that are sent at once one by one', async () => {
      const user = await create('owner', customerId);
      const codes = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          signIn(user.email, 'wrong', `203.0.113.${i}`).catch((error: { code: string }) => error.code),
        ),
      );
      expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(10);
      expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(20);
    });

    it('is stopped after 50 failures of an address, and a success takes back only itself', async () => {
      const user = await create('owner', customerId);
      const address = '203.0.113.200';
      for (let i = 0; i < 49; i += 1) await signIn(`guess-${i}@test.test`, 'wrong', address).catch(() => undefined);
      await signIn(user.email, PASSWORD, address);
      await expect(signIn('guess-50@test.test', 'wrong', address)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(signIn(user.email, PASSWORD, address)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
      await expect(signIn(user.email, PASSWORD, '203.0.113.201')).resolves.toBeDefined();
    });

    it('forgets an e-mail that signed in', async () => {
      const user = await create('owner', customerId);
      for (let round = 0; round < 3; round += 1) {
        for (let i = 0; i < 9; i += 1) await signIn(user.email, 'wrong', `192.0.2.${round}`).catch(() => undefined);
        await signIn(user.email, PASSWORD, `192.0.2.${round}`);
      }
    });
  });

  describe('sessions', () => {
    const refresh = (token: string) => context.module.get(RefreshSession).execute(token);

    it('hand out a new refresh token at each use', async () => {
      const user = await create('owner', customerId);
      const first = await signIn(user.email);
      const second = await refresh(first.tokens.refreshToken);
      expect(second.userId).toBe(user.id);
      expect(second.tokens.refreshToken).not.toBe(first.tokens.refreshToken);
      const third = await refresh(second.tokens.refreshToken);
      await expect(bearer(third.tokens.accessToken)).resolves.toBeDefined();
    });

    it('end for everybody when an old token is used, however old', async () => {
      const user = await create('owner', customerId);
      const first = await signIn(user.email);
      const second = await refresh(first.tokens.refreshToken);
      const third = await refresh(second.tokens.refreshToken);
      await expect(refresh(first.tokens.refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(refresh(third.tokens.refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(bearer(third.tokens.accessToken)).rejects.toThrow('The session has ended');
    });

    it('of two uses of one token at once let one through and then end', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      const both = await Promise.allSettled([refresh(tokens.refreshToken), refresh(tokens.refreshToken)]);
      expect(both.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
      const session = await context.database.read(everyCustomer, (em) =>
        em.findOneOrFail(Session, { userId: user.id }),
      );
      expect(session.revokedAt).not.toBeNull();
    });

    it('store hashes only', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      const rows = await context.database.read(everyCustomer, (em) => em.execute('select * from session'));
      expect(JSON.stringify(rows)).not.toContain(tokens.refreshToken.split('.')[1]);
    });

    it('end 30 days after sign-in, however often they are refreshed', async () => {
      const user = await create('owner', customerId);
      let { tokens } = await signIn(user.email);
      context.clock.advance(29 * 24 * 60 * MINUTE);
      ({ tokens } = await refresh(tokens.refreshToken));
      context.clock.advance(24 * 60 * MINUTE);
      await expect(refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    it('end with sign-out, with all their tokens; signing out twice is fine', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      const signOut = context.module.get(SignOut);
      await signOut.execute(tokens.refreshToken);
      await signOut.execute(tokens.refreshToken);
      await expect(bearer(tokens.accessToken)).rejects.toThrow('The session has ended');
      await expect(refresh(tokens.refreshToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    it('are not ended by someone who knows their id only', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      const [id] = tokens.refreshToken.split('.');
      await context.module.get(SignOut).execute(`${id}.${'A'.repeat(43)}`);
      await expect(bearer(tokens.accessToken)).resolves.toBeDefined();
    });

    it.each(['', 'x', `${newId()}.${'A'.repeat(43)}`, '__proto__'])('do not start from %j', async (token) => {
      await expect(refresh(token)).rejects.toThrow('The session has ended; sign in again');
    });
  });

  describe('access tokens', () => {
    it('end after 10 minutes', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      context.clock.advance(10 * MINUTE - 1000);
      await expect(bearer(tokens.accessToken)).resolves.toBeDefined();
      context.clock.advance(1000);
      await expect(bearer(tokens.accessToken)).rejects.toThrow('The access token has expired');
    });

    it('are refused when forged: other key, no algorithm, other claims', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      const [header, payload, signature] = tokens.accessToken.split('.') as [string, string, string];
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const other = await create('owner', (await organisation('customer')).id);
      const forged = [
        `${header}.${encode({ ...claims, sub: other.id })}.${signature}`,
        `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
        `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
        `${header}.${payload}.${signature.slice(0, -2)}AA`,
        `${header}.${payload}`,
        'a.b.c',
      ];
      for (const token of forged) await expect(bearer(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    it('stop working at once when their user is disabled or changes roles', async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      await context.database.transaction(everyCustomer, (em) =>
        em.nativeUpdate(User, { id: user.id }, { role: 'viewer' }),
      );
      expect((await bearer(tokens.accessToken)).scope.actor.role).toBe('viewer');
      await context.database.transaction(everyCustomer, (em) =>
        em.nativeUpdate(User, { id: user.id }, { disabledAt: context.clock.now() }),
      );
      await expect(bearer(tokens.accessToken)).rejects.toThrow('The session has ended');
    });

    it.each(['', 'Basic abc', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(5000)}`])('cannot be %j', async (header) => {
      await expect(context.module.get(Authenticate).bearer(header, 'r')).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    });
  });

  describe('data scopes', () => {
    const scopeOf = async (email: string) => (await bearer((await signIn(email)).tokens.accessToken)).scope;

    it('of the manufacturer are everything', async () => {
      const user = await create('analyst', (await organisation('manufacturer')).id);
      expect((await scopeOf(user.email)).data).toEqual({ kind: 'all' });
    });

    it('of a partner are the customers it is linked to, from the moment it is', async () => {
      const partner = await organisation('partner');
      const user = await create('partner', partner.id);
      expect((await scopeOf(user.email)).data).toEqual({ kind: 'customers', ids: [] });
      const link = context.module.get(LinkPartner);
      await link.execute(systemScope, partner.id, customerId);
      await link.execute(systemScope, partner.id, customerId);
      expect((await scopeOf(user.email)).data).toEqual({ kind: 'customers', ids: [customerId] });
      await expect(link.execute(systemScope, customerId, partner.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('API keys', () => {
    const owner = async () => {
      const user = await create('owner', customerId);
      const { tokens } = await signIn(user.email);
      return { user, scope: (await bearer(tokens.accessToken)).scope };
    };
    const make = async (scopes: string[], expiresAt?: Date) => {
      const { user, scope } = await owner();
      const made = await context.module.get(CreateApiKey).execute(scope, { name: 'key', scopes, expiresAt });
      return { ...made, user, scope };
    };

    it('act for their organisation with their own permissions only', async () => {
      const { key, apiKey } = await make(['assets:read', 'assets:read']);
      const { scope } = await bearer(key);
      expect(scope).toMatchObject({
        actor: { kind: 'api_key', id: apiKey.id, name: 'key', role: 'owner' },
        data: { kind: 'customers', ids: [customerId] },
      });
      expect([...(scope.permissions ?? [])]).toEqual(['assets:read']);
    });

    it('are stored as a hash only', async () => {
      const { key, apiKey } = await make(['assets:read']);
      const [row] = await context.database.read(everyCustomer, (em) =>
        em.execute<object[]>('select * from api_key where id = ?', [apiKey.id]),
      );
      expect(JSON.stringify(row)).not.toContain(key.slice(-43));
    });

    it('cannot have what their maker has not, nor nonsense; every fault is named', async () => {
      await expect(make(['assets:read', 'plans:read', 'all'])).rejects.toThrow(
        /scopes: is no permission.*"all".*scopes: is a permission you do not have.*"plans:read"/,
      );
      await expect(make([])).rejects.toThrow('must name at least one permission');
      await expect(make(['assets:read'], new Date(0))).rejects.toThrow('expiresAt: must be in the future');
    });

    it('cannot make keys that may do more than themselves', async () => {
      const { key } = await make(['api_keys:write']);
      const { scope } = await bearer(key);
      const create = context.module.get(CreateApiKey);
      await expect(create.execute(scope, { name: 'n', scopes: ['assets:read'] })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      await expect(create.execute(scope, { name: 'n', scopes: ['api_keys:write'] })).resolves.toBeDefined();
      const without = await make(['assets:read']);
      const refused = create.execute((await bearer(without.key)).scope, { name: 'n', scopes: ['assets:read'] });
      await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
    });

    it('lose what their maker loses', async () => {
      const { key, user } = await make(['assets:read', 'statements:read']);
      await context.database.transaction(everyCustomer, (em) =>
        em.nativeUpdate(User, { id: user.id }, { role: 'viewer' }),
      );
      expect([...((await bearer(key)).scope.permissions ?? [])]).toEqual(['assets:read']);
      await context.database.transaction(everyCustomer, (em) =>
        em.nativeUpdate(User, { id: user.id }, { disabledAt: context.clock.now() }),
      );
      await expect(bearer(key)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    it('end when they expire and when they are revoked, for running subscriptions too', async () => {
      const expiring = await make(['assets:read'], new Date(context.clock.now().getTime() + MINUTE));
      expect((await bearer(expiring.key)).expiresAt).toEqual(new Date(context.clock.now().getTime() + MINUTE));
      context.clock.advance(MINUTE);
      await expect(bearer(expiring.key)).rejects.toThrow('The API key is not valid');

      const revoked = await make(['assets:read']);
      const { scope } = await bearer(revoked.key);
      const authenticate = context.module.get(Authenticate);
      await expect(authenticate.again(scope)).resolves.toMatchObject({ actor: { id: revoked.apiKey.id } });
      const row = await context.module.get(RevokeApiKey).execute(revoked.scope, revoked.apiKey.id);
      expect(row.revokedAt).toEqual(context.clock.now());
      await expect(bearer(revoked.key)).rejects.toThrow('The API key is not valid');
      await expect(authenticate.again(scope)).rejects.toThrow('The API key is not valid');
    });

    it('are found by their whole text only', async () => {
      const { key, apiKey } = await make(['assets:read']);
      const wrong = [
        `${apiKey.prefix}_${'A'.repeat(43)}`,
        apiKey.prefix,
        `tl_${'0'.repeat(16)}_${'A'.repeat(43)}`,
        `${key}x`,
      ];
      for (const text of wrong) await expect(bearer(text)).rejects.toThrow('The API key is not valid');
    });

    it('remember when they were used, to the minute', async () => {
      const { key, apiKey } = await make(['assets:read']);
      const lastUsed = async () =>
        (
          await context.database.read(everyCustomer, (em) =>
            em.execute<{ at: string }[]>('select last_used_at as at from api_key where id = ?', [apiKey.id]),
          )
        )[0]?.at;
      expect(await lastUsed()).toBeNull();
      await bearer(key);
      const first = context.clock.now();
      context.clock.advance(30_000);
      await bearer(key);
      expect(new Date((await lastUsed()) ?? 0)).toEqual(first);
      context.clock.advance(30_000);
      await bearer(key);
      expect(new Date((await lastUsed()) ?? 0)).toEqual(context.clock.now());
    });

    it('of another organisation cannot be revoked, and it is not said whether they exist', async () => {
      const { apiKey } = await make(['assets:read']);
      const elsewhere = await create('owner', (await organisation('customer')).id);
      const { scope } = await bearer((await signIn(elsewhere.email)).tokens.accessToken);
      const revoke = context.module.get(RevokeApiKey);
      for (const id of [apiKey.id, newId(), 'nonsense'])
        await expect(revoke.execute(scope, id)).rejects.toThrow(
          `API key "${id}" does not exist or is not yours to see`,
        );
    });
  });

  describe('customers and sites', () => {
    it('have a name of their own', async () => {
      const { name } = await organisation('customer');
      const again = context.module
        .get(CreateOrganisation)
        .execute(systemScope, { kind: 'customer', name: ` ${name} ` });
      await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it.each(['Europe/Nowhere', '', 'UTC+1', '../../etc/passwd', '__proto__'])(
      'refuse the time zone %j',
      async (timeZone) => {
        const site = context.module.get(CreateSite).execute(systemScope, { customerId, name: 'Hall', timeZone });
        await expect(site).rejects.toThrow(/^timeZone: must be an IANA time zone/);
      },
    );

    it('refuse a site of nobody, of the manufacturer, and of a customer one may not see', async () => {
      const createSite = context.module.get(CreateSite);
      const manufacturer = await organisation('manufacturer');
      for (const id of [newId(), 'nonsense', manufacturer.id])
        await expect(
          createSite.execute(systemScope, { customerId: id, name: 'Hall', timeZone: 'UTC' }),
        ).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const narrow = { ...systemScope, data: { kind: 'customers', ids: [newId()] } as const };
      await expect(createSite.execute(narrow, { customerId, name: 'Hall', timeZone: 'UTC' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });
  });
});
