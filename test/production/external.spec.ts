import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import mqtt from 'mqtt';
import { startEmbeddedPostgres } from '../support/embedded-postgres.js';
import { freePort, listening } from '../support/ports.js';
import { started } from '../support/processes.js';

/**
 * The external profile as compose runs it: PostgreSQL, Redis and Mosquitto are servers of their own, and each process is
 * started by itself with the settings of production.
 */
const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'throughline-external-'));
const stops: (() => Promise<void>)[] = [];

const server = async (command: string, args: string[], port: number): Promise<void> => {
  const child: ChildProcess = spawn(command, args, { stdio: 'ignore' });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  stops.push(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  await listening(port);
};

describe('PostgreSQL, Redis and Mosquitto outside', () => {
  const env: Record<string, string> = {};
  let graphql = '';
  let token = '';

  const ask = async (query: string, variables: object = {}): Promise<Record<string, unknown>> => {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };

  beforeAll(async () => {
    const [redis, broker, http] = [await freePort(), await freePort(), await freePort()];
    await server('redis-server', ['--port', String(redis), '--save', '', '--maxmemory-policy', 'noeviction'], redis);
    const brokerConfig = join(folder, 'mosquitto.conf');
    writeFileSync(brokerConfig, `listener ${broker} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 1000\n`);
    await server('mosquitto', ['-c', brokerConfig], broker);
    mkdirSync(join(folder, 'data'));
    const database = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), database: 'throughline' });
    stops.push(() => database.stop());
    Object.assign(env, {
      DATABASE_URL: database.url,
      REDIS_URL: `redis://127.0.0.1:${redis}`,
      MQTT_URL: `mqtt://127.0.0.1:${broker}`,
      HTTP_PORT: String(http),
      DATA_DIR: join(folder, 'data'),
      INSTALLATION_KEY: Buffer.alloc(32, 9).toString('base64'),
      STRIPE_SECRET_KEY: 'sk_test_outside',
      STRIPE_WEBHOOK_SECRET: 'whsec_outside',
      PUBLIC_URL: `http://127.0.0.1:${http}`,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
    });
    const keeper = await started(
      join(root, 'apps/cli/dist/main.js'),
      ['up', '--no-demo', '--data', join(folder, 'data')],
      env,
      /Throughline is ready/,
    );
    stops.push(() => keeper.stop());
    graphql = `http://127.0.0.1:${http}/graphql`;
  }, 120_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('takes a message from the broker to the API', async () => {
    const { accounts } = JSON.parse(
      await (await import('node:fs/promises')).readFile(join(folder, 'data/demo.json'), 'utf8'),
    ) as { accounts: { email: string; password: string }[] };
    const [admin] = accounts;
    const signedIn = await ask(
      'mutation($e: String!, $p: String!) { signIn(email: $e, password: $p) { accessToken } }',
      { e: admin?.email, p: admin?.password },
    );
    token = (signedIn.signIn as { accessToken: string }).accessToken;
    await ask('mutation { createDevice(modelName: "pump-p100", thingName: "outside-1") { id } }');

    const client = await mqtt.connectAsync(env.MQTT_URL ?? '', { clientId: 'outside-1' });
    const ts = Date.now() - 1_000;
    await client.publishAsync(
      'dt/outside-1/telemetry',
      JSON.stringify({ ts, boot: 1, seq: 1, m: { flow_lpm: 12.5, state: 1 } }),
      { qos: 1 },
    );
    await client.endAsync();

    const lastMessage = async (): Promise<string | null> => {
      const found = (await ask(
        '{ devices(first: 1, filter: { search: "outside-1" }) { edges { node { lastMessageAt } } } }',
      )) as { devices: { edges: { node: { lastMessageAt: string | null } }[] } };
      return found.devices.edges[0]?.node.lastMessageAt ?? null;
    };
    for (let i = 0; i < 100 && (await lastMessage()) === null; i += 1)
      await new Promise((done) => setTimeout(done, 100));
    expect(await lastMessage()).toBe(new Date(ts).toISOString());
  }, 60_000);

  it('refuses introspection and unencrypted device connections', async () => {
    await expect(ask('{ __schema { types { name } } }')).rejects.toThrow(/introspection/i);
  });

  it('keeps its jobs in Redis', async () => {
    const { Redis } = await import('ioredis');
    const redis = new Redis(env.REDIS_URL ?? '');
    try {
      expect((await redis.keys('throughline:metering:*')).length).toBeGreaterThan(0);
    } finally {
      await redis.quit();
    }
  });
});
