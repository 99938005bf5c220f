import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import mqtt from 'mqtt';
import { startEmbeddedPostgres } from '../support/embedded-postgres.js';
import { freePort, listening } from '../support/ports.js';
import { started } from '../support/processes.js';

/**
 * The external profile as compose runs it: PostgreSQL, Redis and Mosquitto are servers of their own, the broker with the
 * configuration and access list of `infra/`, and each process is started by itself with the settings of production.
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

  let tlsPort = 0;
  const cli = (...args: string[]): string =>
    execFileSync(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
  /** The configuration of `infra/`, with this test's folders and ports. */
  const brokerConfig = (plain: number, tls: number): string => {
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
  };
  /** A device's own connection to the broker. */
  const device = (thing: string): Promise<mqtt.MqttClient> => {
    const identity = (file: string): Buffer => readFileSync(join(folder, thing, file));
    return mqtt.connectAsync(`mqtts://localhost:${tlsPort}`, {
      clientId: thing,
      ca: identity('ca.pem'),
      cert: identity('cert.pem'),
      key: identity('key.pem'),
      protocolVersion: 5,
    });
  };

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
    const [redis, broker, tls, http] = [await freePort(), await freePort(), await freePort(), await freePort()];
    await server('redis-server', ['--port', String(redis), '--save', '', '--maxmemory-policy', 'noeviction'], redis);
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
    cli('migrate');
    cli('broker-certificate', '--out', join(folder, 'tls'));
    await server('mosquitto', ['-c', brokerConfig(broker, tls)], broker);
    tlsPort = tls;
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
    const { accounts } = JSON.parse(readFileSync(join(folder, 'data/demo.json'), 'utf8')) as {
      accounts: { email: string; password: string }[];
    };
    const [admin] = accounts;
    const signedIn = await ask(
      'mutation($e: String!, $p: String!) { signIn(email: $e, password: $p) { accessToken } }',
      { e: admin?.email, p: admin?.password },
    );
    token = (signedIn.signIn as { accessToken: string }).accessToken;
    for (const thing of ['outside-1', 'outside-2'])
      cli('device', 'create', '--model', 'pump-p100', '--thing', thing, '--out', join(folder, thing));

    const client = await device('outside-1');
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

  it('holds a device to its own topics', async () => {
    const client = await device('outside-2');
    const message = { ts: Date.now() - 1_000, boot: 1, seq: 1, m: { flow_lpm: 1, state: 1 } };
    await expect(
      client.publishAsync('dt/outside-1/telemetry', JSON.stringify({ ...message, seq: 2 }), { qos: 1 }),
    ).rejects.toThrow(/not authorized/i);
    await client.endAsync();
    const found = (await ask(
      '{ devices(first: 1, filter: { search: "outside-2" }) { edges { node { lastMessageAt } } } }',
    )) as {
      devices: { edges: { node: { lastMessageAt: string | null } }[] };
    };
    expect(found.devices.edges[0]?.node.lastMessageAt).toBeNull();
  }, 30_000);

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
