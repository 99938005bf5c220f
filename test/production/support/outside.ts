import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startEmbeddedPostgres } from '../../support/embedded-postgres.js';
import { freePort, listening } from '../../support/ports.js';
import { started } from '../../support/processes.js';

const root = resolve(import.meta.dirname, '../../..');

/** The external profile as compose runs it, with this test's folders and ports. */
export interface Outside {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Where devices connect. */
  readonly tlsPort: number;
  /** The broker's own door for gateways. */
  readonly brokerUrl: string;
  cli(...args: string[]): string;
  /** By GraphQL, as the administrator. */
  ask<T>(query: string, variables?: object): Promise<T>;
  /** A device that was registered by the command line: the PEM texts of its folder. */
  identity(thing: string): { readonly ca: string; readonly cert: string; readonly key: string };
  /** SIGHUP: the broker reads its certificates and lists anew. */
  reloadBroker(): void;
  stop(): Promise<void>;
}

/** PostgreSQL, Redis and Mosquitto as servers of their own, the broker with the configuration and access list of `infra/`. */
export async function outside(): Promise<Outside> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-external-'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await start(folder, stops)), folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(folder: string, stops: (() => Promise<void>)[]): Promise<Omit<Outside, 'folder' | 'stop'>> {
  const server = async (command: string, args: string[], port: number): Promise<ChildProcess> => {
    const child: ChildProcess = spawn(command, args, { stdio: 'ignore' });
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    stops.push(async () => {
      child.kill('SIGTERM');
      await gone;
    });
    await listening(port);
    return child;
  };
  const [redis, plain, tlsPort, http] = [await freePort(), await freePort(), await freePort(), await freePort()];
  await server('redis-server', ['--port', String(redis), '--save', '', '--maxmemory-policy', 'noeviction'], redis);
  mkdirSync(join(folder, 'data'));
  const database = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), database: 'throughline' });
  stops.push(() => database.stop());
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: `redis://127.0.0.1:${redis}`,
    MQTT_URL: `mqtt://127.0.0.1:${plain}`,
    HTTP_PORT: String(http),
    DATA_DIR: join(folder, 'data'),
    INSTALLATION_KEY: Buffer.alloc(32, 9).toString('base64'),
    STRIPE_SECRET_KEY: 'sk_test_outside',
    STRIPE_WEBHOOK_SECRET: 'whsec_outside',
    PUBLIC_URL: `http://127.0.0.1:${http}`,
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
  };
  const cli = (...args: string[]): string =>
    execFileSync(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
  cli('migrate');
  cli('broker-certificate', '--out', join(folder, 'tls'));
  const broker = await server('mosquitto', ['-c', brokerConfig(folder, plain, tlsPort)], plain);
  const keeper = await started(
    join(root, 'apps/cli/dist/main.js'),
    ['up', '--no-demo', '--data', join(folder, 'data')],
    env,
    /Throughline is ready/,
  );
  stops.push(() => keeper.stop());
  const question = async <T>(query: string, variables: object, token?: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${http}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const { accounts } = JSON.parse(readFileSync(join(folder, 'data/demo.json'), 'utf8')) as {
    accounts: { email: string; password: string }[];
  };
  const { signIn } = await question<{ signIn: { accessToken: string } }>(
    'mutation($e: String!, $p: String!) { signIn(email: $e, password: $p) { accessToken } }',
    { e: accounts[0]?.email, p: accounts[0]?.password },
  );
  return {
    env,
    tlsPort,
    brokerUrl: env.MQTT_URL,
    cli,
    ask: (query, variables = {}) => question(query, variables, signIn.accessToken),
    identity: (thing) => {
      const read = (file: string): string => readFileSync(join(folder, thing, file), 'utf8');
      return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
    },
    reloadBroker: () => void broker.kill('SIGHUP'),
  };
}

function brokerConfig(folder: string, plain: number, tls: number): string {
  const file = join(folder, 'mosquitto.conf');
  mkdirSync(join(folder, 'broker'));
  const text = readFileSync(join(root, 'infra/mosquitto.conf'), 'utf8')
    .replaceAll('/mosquitto/tls/', `${folder}/tls/`)
    .replace('/mosquitto/config/acl', join(root, 'infra/mosquitto.acl'))
    .replace('/mosquitto/data/', `${folder}/broker/`)
    .replace('listener 1883', `user root\nlistener ${plain} 127.0.0.1`)
    .replace('listener 8883', `listener ${tls} 127.0.0.1`);
  writeFileSync(file, text);
  return file;
}
