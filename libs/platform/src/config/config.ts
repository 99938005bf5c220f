import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Fault, invalid } from '@throughline/kernel';
import { z } from 'zod';

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)),
      `must be a URL starting with ${protocols.map((p) => `${p}://`).join(' or ')}`,
    );

const port = z
  .string()
  .regex(/^\d+$/, 'must be a port number from 0 to 65535')
  .transform(Number)
  .refine((n) => n <= 65535, 'must be a port number from 0 to 65535');

const file = z.string().refine((path) => existsSync(path), 'must be a file that exists');

const onOff = z.enum(['on', 'off'], 'must be "on" or "off"').transform((text) => text === 'on');

/** Every setting, its rule and its default. `.env.example` documents the same list. */
const settings = z
  .object({
    NODE_ENV: z
      .enum(['development', 'test', 'production'], 'must be "development", "test" or "production"')
      .default('development'),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be a pino level, such as "info"')
      .default('info'),
    DATABASE_URL: url('postgres', 'postgresql'),
    REDIS_URL: url('redis', 'rediss').optional(),
    MQTT_URL: url('mqtt', 'mqtts').optional(),
    MQTT_CERT_FILE: file.optional(),
    MQTT_KEY_FILE: file.optional(),
    MQTT_CA_FILE: file.optional(),
    AWS_IOT_ENDPOINT: z
      .string()
      .regex(/^[a-z0-9.-]+$/, 'must be a host name, such as "a1b2c3-ats.iot.eu-central-1.amazonaws.com"')
      .optional(),
    AWS_REGION: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, such as "eu-central-1"')
      .optional(),
    AWS_ACCESS_KEY_ID: z.string().optional(),
    AWS_SECRET_ACCESS_KEY: z.string().optional(),
    AWS_IOT_DEVICE_POLICY: z
      .string()
      .regex(/^[\w+=,.@-]{1,128}$/, 'must be the name of a policy of AWS IoT')
      .default('throughline-device'),
    PUBLIC_URL: url('http', 'https').optional(),
    HTTP_HOST: z.string().min(1, 'must be an address to listen on').default('127.0.0.1'),
    HTTP_PORT: port.default(3000),
    MQTT_PORT: port.default(1883),
    MQTTS_PORT: port.default(8883),
    HEALTH_PORT: port.default(0),
    MQTT_PLAIN: onOff.default(true),
    DATA_DIR: z.string().min(1, 'must name a folder').default('.data'),
    INSTALLATION_KEY: z
      .string()
      .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64')
      .optional(),
    STRIPE_SECRET_KEY: z
      .string()
      .regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a Stripe secret key, such as "sk_test_…"')
      .optional(),
    STRIPE_WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_\w+$/, 'must be a Stripe signing secret, such as "whsec_…"')
      .optional(),
    STRIPE_API_BASE: url('http', 'https').optional(),
  })
  .superRefine((s, context) => {
    if (s.STRIPE_SECRET_KEY && !s.STRIPE_WEBHOOK_SECRET)
      context.addIssue({
        code: 'custom',
        path: ['STRIPE_WEBHOOK_SECRET'],
        message: 'must be set when STRIPE_SECRET_KEY is',
      });
    const needs = (name: string, given: unknown, other: string, wanted: unknown): void => {
      if (given && !wanted) context.addIssue({ code: 'custom', path: [other], message: `must be set when ${name} is` });
    };
    needs('MQTT_CERT_FILE', s.MQTT_CERT_FILE, 'MQTT_KEY_FILE', s.MQTT_KEY_FILE);
    needs('MQTT_KEY_FILE', s.MQTT_KEY_FILE, 'MQTT_CERT_FILE', s.MQTT_CERT_FILE);
    needs(
      'AWS_ACCESS_KEY_ID',
      s.AWS_IOT_ENDPOINT && s.AWS_ACCESS_KEY_ID,
      'AWS_SECRET_ACCESS_KEY',
      s.AWS_SECRET_ACCESS_KEY,
    );
    needs('AWS_IOT_ENDPOINT', s.AWS_IOT_ENDPOINT, 'AWS_REGION', s.AWS_REGION);
    // AWS IoT knows the gateway by its certificate; another broker in its place (MQTT_URL) may do without.
    if (!s.MQTT_URL) needs('AWS_IOT_ENDPOINT', s.AWS_IOT_ENDPOINT, 'MQTT_CERT_FILE', s.MQTT_CERT_FILE);
    if (s.NODE_ENV === 'production' && !s.INSTALLATION_KEY)
      context.addIssue({
        code: 'custom',
        path: ['INSTALLATION_KEY'],
        message: 'must be set in production (32 bytes in base64)',
      });
    if (s.NODE_ENV === 'production' && !s.STRIPE_SECRET_KEY)
      context.addIssue({ code: 'custom', path: ['STRIPE_SECRET_KEY'], message: 'must be set in production' });
    if (s.NODE_ENV === 'production' && s.STRIPE_API_BASE)
      context.addIssue({
        code: 'custom',
        path: ['STRIPE_API_BASE'],
        message: 'must not be set in production: Stripe itself is used',
      });
  });

export interface MqttClientTls {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly caFile: string | undefined;
}

export interface AwsConfig {
  readonly region: string;
  /** Host of the account's data endpoint (ATS): MQTT and the data plane's HTTPS. */
  readonly endpoint: string;
  /** Undefined: where the AWS SDK finds them (environment, profile, role of the machine). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Name of AWS IoT's policy for devices. */
  readonly devicePolicy: string;
}

/** The settings of this installation, read once. Ports of 0 mean "any free one". */
export interface Config {
  readonly production: boolean;
  readonly logLevel: string;
  readonly databaseUrl: string;
  /** Job queues live in Redis when set, else in PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly mqtt: {
    /** An outside broker; when set the gateway is its client instead of being the broker. */
    readonly url: string | undefined;
    /** What the gateway shows the outside broker, and whom it trusts beside the usual authorities: paths of PEM files. */
    readonly clientTls: MqttClientTls | undefined;
    readonly plainPort: number;
    readonly tlsPort: number;
    /** Unencrypted MQTT on loopback, for trying things; never in production. */
    readonly plain: boolean;
  };
  readonly http: {
    /** Address to listen on. */
    readonly host: string;
    readonly port: number;
    readonly publicUrl: string | undefined;
    readonly healthPort: number;
  };
  /** AWS IoT Core answers the devices instead of the gateway when set. */
  readonly aws: AwsConfig | undefined;
  readonly dataDir: string;
  /** Key under which secrets are sealed in the database. */
  readonly installationKey: Buffer;
  readonly stripe:
    | { readonly secretKey: string; readonly webhookSecret: string; readonly apiBase: string | undefined }
    | undefined;
}

export const CONFIG = Symbol('CONFIG');

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; throws one error that lists every fault with name, value and rule. */
// biome-ignore lint/style/noProcessEnv: the one place that reads the environment
export function loadConfig(env: Environment = process.env): Config {
  const given = Object.fromEntries(
    Object.keys(settings.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]),
  );
  const result = settings.safeParse(given);
  if (!result.success) throw invalid(...result.error.issues.map((issue) => faultOf(issue, env)));
  const s = result.data;
  const dataDir = resolve(s.DATA_DIR);
  return {
    production: s.NODE_ENV === 'production',
    logLevel: s.LOG_LEVEL,
    databaseUrl: s.DATABASE_URL,
    redisUrl: s.REDIS_URL,
    mqtt: {
      url: s.MQTT_URL ?? (s.AWS_IOT_ENDPOINT && `mqtts://${s.AWS_IOT_ENDPOINT}:8883`),
      clientTls:
        s.MQTT_CERT_FILE || s.MQTT_CA_FILE
          ? { certFile: s.MQTT_CERT_FILE, keyFile: s.MQTT_KEY_FILE, caFile: s.MQTT_CA_FILE }
          : undefined,
      plainPort: s.MQTT_PORT,
      tlsPort: s.MQTTS_PORT,
      plain: s.MQTT_PLAIN && s.NODE_ENV !== 'production',
    },
    http: { host: s.HTTP_HOST, port: s.HTTP_PORT, publicUrl: s.PUBLIC_URL, healthPort: s.HEALTH_PORT },
    aws:
      s.AWS_IOT_ENDPOINT && s.AWS_REGION
        ? {
            region: s.AWS_REGION,
            endpoint: s.AWS_IOT_ENDPOINT,
            credentials:
              s.AWS_ACCESS_KEY_ID && s.AWS_SECRET_ACCESS_KEY
                ? { accessKeyId: s.AWS_ACCESS_KEY_ID, secretAccessKey: s.AWS_SECRET_ACCESS_KEY }
                : undefined,
            devicePolicy: s.AWS_IOT_DEVICE_POLICY,
          }
        : undefined,
    dataDir,
    installationKey: s.INSTALLATION_KEY ? Buffer.from(s.INSTALLATION_KEY, 'base64') : localKey(dataDir),
    stripe:
      s.STRIPE_SECRET_KEY && s.STRIPE_WEBHOOK_SECRET
        ? { secretKey: s.STRIPE_SECRET_KEY, webhookSecret: s.STRIPE_WEBHOOK_SECRET, apiBase: s.STRIPE_API_BASE }
        : undefined,
  };
}

const secretSettings = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'INSTALLATION_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
]);

function faultOf(issue: z.core.$ZodIssue, env: Environment): Fault {
  const field = String(issue.path[0] ?? 'environment');
  const value = env[field];
  if (value === undefined || value === '')
    return { field, value: undefined, rule: issue.code === 'custom' ? issue.message : 'must be set' };
  return { field, value: secretSettings.has(field) ? `${value.slice(0, 8)}…` : value, rule: issue.message };
}

/** Outside production the key is a file made at first start, readable by its owner only. */
function localKey(dataDir: string): Buffer {
  const file = join(dataDir, 'installation.key');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    // `wx`: of two processes that start at once one wins, and both read what it wrote.
    try {
      writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return Buffer.from(readFileSync(file, 'utf8'), 'base64');
}
