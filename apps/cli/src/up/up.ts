import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { migrate } from '@throughline/platform';
import { fleetFolder } from '../demo/identities.js';
import { seedDemo } from '../demo/seed-demo.js';
import { seedInstallation } from '../demo/seed-installation.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/postgres.js';
import { Child } from './child.js';
import { choosePorts } from './choose-ports.js';
import { type Environment, saveEnvironment, writePrivate } from './environment.js';
import { lockDataDir } from './lock.js';
import { Progress, table } from './progress.js';

export interface UpOptions {
  readonly data: string;
  readonly demo: boolean;
}

type Outside = Readonly<Record<string, string | undefined>>;

const root = resolve(import.meta.dirname, '../../../..');
const script = (path: string): string => join(root, path);

/** Everything on one machine: starts it in order, waits until all of it serves, and gives how to stop it in order. */
export async function up(options: UpOptions, outside: Outside): Promise<{ stop(): Promise<void> }> {
  const dataDir = resolve(options.data);
  const progress = new Progress();
  const unlock = lockDataDir(dataDir);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
    unlock();
  };
  try {
    await start(options, dataDir, outside, progress, stops);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: UpOptions,
  dataDir: string,
  outside: Outside,
  progress: Progress,
  stops: (() => Promise<void>)[],
): Promise<void> {
  const ports = await choosePorts(outside);
  for (const note of ports.notes) progress.say(note);
  const databaseUrl = outside.DATABASE_URL || (await embeddedDatabase(dataDir, progress, stops));
  await progress.step('Bringing the database up to date', () => migrate(databaseUrl));

  const logs = join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const shared: Environment = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    HTTP_PORT: String(ports.http),
    MQTT_PORT: String(ports.mqtt),
    MQTTS_PORT: String(ports.mqtts),
    ...given(outside, [
      'REDIS_URL',
      'MQTT_URL',
      'PUBLIC_URL',
      'NODE_ENV',
      'LOG_LEVEL',
      'INSTALLATION_KEY',
      'HTTP_HOST',
    ]),
  };
  const child = (name: string, path: string, env: Environment, args: string[] = []): Child =>
    new Child({ name, script: script(path), args, env, logFile: join(logs, `${name}.log`) }, (line) =>
      progress.say(line),
    );

  const stripe = await stripeSettings(outside, dataDir, ports.http, child, progress, stops);
  const env: Environment = { ...shared, ...stripe.env };
  saveEnvironment(dataDir, env);

  const accounts = await progress.step(options.demo ? 'Preparing the demo' : 'Preparing the installation', (detail) =>
    options.demo ? seedDemo(env, detail) : seedInstallation(env),
  );

  const services = [
    child('gateway', 'apps/gateway/dist/main.js', env),
    child('worker', 'apps/worker/dist/main.js', env),
    child('api', 'apps/api/dist/main.js', env),
  ];
  stops.push(async () => void (await Promise.all(services.map((service) => service.stop()))));
  await progress.step('Starting gateway, worker and api', () =>
    Promise.all(services.map((service) => service.start())),
  );

  if (options.demo && outside.MQTT_URL)
    progress.say(
      "the demo fleet stays off: it connects to the gateway's own listener, and MQTT_URL names a broker outside",
    );
  else if (options.demo) {
    const fleet = child('fleet', 'apps/device/dist/main.js', {}, [
      'fleet',
      '--identities',
      fleetFolder(dataDir),
      '--interval',
      '10s',
    ]);
    stops.push(() => fleet.stop());
    await progress.step('Connecting the demo fleet', () => fleet.start());
  }

  const portalUrl = outside.PUBLIC_URL || `http://localhost:${ports.http}`;
  const caFile = join(dataDir, 'ca.pem');
  const summary = {
    graphqlUrl: `http://localhost:${ports.http}/graphql`,
    portalUrl,
    mqttUrl: outside.MQTT_URL || `mqtt://localhost:${ports.mqtt}`,
    mqttsUrl: outside.MQTT_URL || `mqtts://localhost:${ports.mqtts}`,
    caFile,
    accounts,
  };
  writePrivate(join(dataDir, 'demo.json'), JSON.stringify(summary, null, 2));
  progress.say(`\nThroughline is ready (${progress.seconds()} s).\n`);
  progress.say(
    table([
      ['Portal', portalUrl],
      ['GraphQL', summary.graphqlUrl],
      ...mqttRows(outside.MQTT_URL, summary),
      ['Payments', stripe.about],
      ['Logs', logs],
    ]),
  );
  progress.say(
    `\n${table(accounts.map((account) => [account.role, `${account.email}   ${account.password}`]))}\n\nCtrl-C stops everything.`,
  );
}

async function embeddedDatabase(dataDir: string, progress: Progress, stops: (() => Promise<void>)[]): Promise<string> {
  const server: EmbeddedPostgres = await progress.step('Starting PostgreSQL', () =>
    startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), database: 'throughline' }),
  );
  stops.push(() => server.stop());
  return server.url;
}

interface StripeSettings {
  readonly env: Environment;
  readonly about: string;
}

/** Stripe itself when there is a key; else the emulator, which keeps its state in the data folder. */
async function stripeSettings(
  outside: Outside,
  dataDir: string,
  httpPort: number,
  child: (name: string, path: string, env: Environment, args: string[]) => Child,
  progress: Progress,
  stops: (() => Promise<void>)[],
): Promise<StripeSettings> {
  if (outside.STRIPE_SECRET_KEY)
    return {
      env: given(outside, ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_API_BASE']),
      about: outside.STRIPE_API_BASE ?? 'Stripe',
    };
  const webhookSecret = keptSecret(join(dataDir, 'stripe-emulator.secret'));
  const emulator = child('stripe-emulator', 'test/stripe-emulator/dist/main.js', {}, [
    '--state-file',
    join(dataDir, 'stripe-emulator.json'),
    '--webhook-url',
    `http://127.0.0.1:${httpPort}/webhooks/stripe`,
    '--webhook-secret',
    webhookSecret,
    '--customers-pay-with',
    'pm_card_visa',
  ]);
  stops.push(() => emulator.stop());
  const ready = await progress.step("Starting the emulator of Stripe's server", () => emulator.start());
  return {
    env: {
      STRIPE_SECRET_KEY: 'sk_test_emulator',
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_API_BASE: String(ready.url),
    },
    about: 'an emulator of Stripe on this machine: no money moves (set STRIPE_SECRET_KEY to use Stripe)',
  };
}

function keptSecret(file: string): string {
  if (!existsSync(file)) writePrivate(file, `whsec_${randomBytes(24).toString('hex')}`);
  return readFileSync(file, 'utf8');
}

const given = (outside: Outside, names: readonly string[]): Environment =>
  Object.fromEntries(names.flatMap((name) => (outside[name] ? [[name, outside[name] ?? '']] : [])));

const mqttRows = (
  broker: string | undefined,
  { mqttUrl, mqttsUrl, caFile }: { mqttUrl: string; mqttsUrl: string; caFile: string },
): [string, string][] =>
  broker
    ? [['MQTT', `through the broker at ${broker}   CA: ${caFile}`]]
    : [
        ['MQTT over TLS', `${mqttsUrl}   CA: ${caFile}`],
        ['MQTT, this machine only', mqttUrl],
      ];
