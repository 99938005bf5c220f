import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CreateOrganisation, CreateUser, LinkPartner, type Role, roles, systemScope } from '@throughline/identity';
import { ManualClock } from '@throughline/kernel';
import { type Config, Database } from '@throughline/platform';
import { createApp } from '../../apps/api/src/create-app.js';
import { freshDatabase, testConfig } from './database.js';

export const PASSWORD = 'correct horse battery';

export interface GraphqlAnswer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

export interface ApiUnderTest {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly config: Config;
  readonly clock: ManualClock;
  readonly database: Database;
  /** Ids by name: Maker, Alpha and Beta (customers), Dealer (a partner linked to Alpha). */
  readonly organisations: Record<'Maker' | 'Alpha' | 'Beta' | 'Dealer', string>;
  query(query: string, variables?: Record<string, unknown>, token?: string): Promise<GraphqlAnswer>;
  /** Data of an answer that must have no errors. */
  ask<T>(query: string, variables?: Record<string, unknown>, token?: string): Promise<T>;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Access token of the role's user: `admin@maker.test`, `owner@alpha.test`, `owner@beta.test`, `partner@dealer.test` … */
  signIn(role: Role, at?: 'alpha' | 'beta'): Promise<string>;
  close(): Promise<void>;
}

/** The whole API over real HTTP on a free port, with one user of every role and a second customer. */
export async function startApi(
  env: Record<string, string> = {},
  now = '2026-03-02T08:00:00Z',
  portal?: string,
): Promise<ApiUnderTest> {
  const fresh = await freshDatabase();
  const config = testConfig(fresh.url, env);
  const clock = new ManualClock(new Date(now));
  const app = await createApp(config, { clock, portal });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const url = `http://127.0.0.1:${port}`;

  const organisations = { Maker: '', Alpha: '', Beta: '', Dealer: '' };
  const kinds = { Maker: 'manufacturer', Alpha: 'customer', Beta: 'customer', Dealer: 'partner' } as const;
  const create = app.get(CreateOrganisation);
  for (const [name, kind] of Object.entries(kinds))
    organisations[name as keyof typeof kinds] = (await create.execute(systemScope, { kind, name })).id;
  await app.get(LinkPartner).execute(systemScope, organisations.Dealer, organisations.Alpha);

  const homes = { manufacturer: ['Maker'], customer: ['Alpha', 'Beta'], partner: ['Dealer'] } as const;
  const users = Object.entries(roles).flatMap(([role, rule]) =>
    homes[rule.of].map((home) => ({
      organisationId: organisations[home],
      email: `${role}@${home.toLowerCase()}.test`,
      name: `${role} of ${home}`,
      role,
      password: PASSWORD,
    })),
  );
  const createUser = app.get(CreateUser);
  await Promise.all(users.map((user) => createUser.execute(systemScope, user)));

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const query: ApiUnderTest['query'] = async (text, variables = {}, token) => {
    const answer = await post({ query: text, variables }, token ? { authorization: `Bearer ${token}` } : {});
    return (await answer.json()) as GraphqlAnswer;
  };
  const ask = async <T>(text: string, variables?: Record<string, unknown>, token?: string): Promise<T> => {
    const { data, errors } = await query(text, variables, token);
    if (!data || errors) throw new Error(JSON.stringify(errors));
    return data as T;
  };
  const tokens = new Map<string, string>();
  const signIn: ApiUnderTest['signIn'] = async (role, at = 'alpha') => {
    const home = homes[roles[role].of].length > 1 ? at : homes[roles[role].of][0].toLowerCase();
    const email = `${role}@${home}.test`;
    const known = tokens.get(email);
    if (known) return known;
    const { data, errors } = await query(
      'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }',
      { email, password: PASSWORD },
    );
    if (!data) throw new Error(`sign-in of ${email} failed: ${JSON.stringify(errors)}`);
    const { accessToken } = data.signIn as { accessToken: string };
    tokens.set(email, accessToken);
    return accessToken;
  };
  return {
    app,
    url,
    config,
    clock,
    database: app.get(Database),
    organisations,
    query,
    ask,
    post,
    signIn,
    close: async () => {
      await app.close();
      await fresh.drop();
    },
  };
}
