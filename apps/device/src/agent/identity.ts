import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface DeviceTopics {
  readonly telemetry: string;
  readonly event: string;
  readonly committed: string;
  readonly resend: string;
}

/** Who a device is and where it connects. Without `tls` it speaks plain MQTT with its thing name as user name. */
export interface DeviceIdentity {
  readonly thingName: string;
  readonly clientId: string;
  readonly host: string;
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly topics: DeviceTopics;
  /** How the fleet simulator plays this device. */
  readonly sim?: { readonly seed?: number; readonly profile?: string };
}

/** The topics of a thing. */
export function topicsOf(thingName: string): DeviceTopics {
  return {
    telemetry: `dt/${thingName}/telemetry`,
    event: `dt/${thingName}/event`,
    committed: `cmd/${thingName}/telemetry/committed`,
    resend: `cmd/${thingName}/telemetry/resend`,
  };
}

/** An identity for plain MQTT on loopback, or for TLS with PEM texts at hand. */
export function makeIdentity(
  thingName: string,
  at: { host: string; port: number; clientId?: string; tls?: DeviceIdentity['tls']; sim?: DeviceIdentity['sim'] },
): DeviceIdentity {
  return { clientId: thingName, ...at, thingName, topics: topicsOf(thingName) };
}

function field<T>(file: string, value: unknown, name: string, test: (value: unknown) => value is T): T {
  if (!test(value)) throw new Error(`${file}: ${name} is ${JSON.stringify(value) ?? 'missing'}`);
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * Reads an identity folder: `endpoint.json` and the PEM files that it names (`cert.pem`, `key.pem`, `ca.pem`).
 * An `endpoint.json` with `"tls": false` needs no PEM files.
 * @throws Error naming file and field.
 */
export async function loadIdentity(folder: string): Promise<DeviceIdentity> {
  const file = join(folder, 'endpoint.json');
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  const json = field(file, parsed, 'content', isObject);
  const thingName = field(file, json.thingName, 'thingName', isText);
  const pem = (key: string, fallback: string) =>
    readFile(join(folder, isText(json[key]) ? json[key] : fallback), 'utf8');
  const tls =
    json.tls === false
      ? undefined
      : {
          cert: await pem('certFile', 'cert.pem'),
          key: await pem('keyFile', 'key.pem'),
          ca: await pem('caFile', 'ca.pem'),
        };
  const sim = isObject(json.sim) ? json.sim : {};
  return {
    thingName,
    clientId: isText(json.clientId) ? json.clientId : thingName,
    host: field(file, json.host, 'host', isText),
    port: field(file, json.port, 'port', isPort),
    tls,
    topics: { ...topicsOf(thingName), ...(isObject(json.topics) ? json.topics : {}) },
    sim: {
      ...(Number.isSafeInteger(sim.seed) && { seed: Number(sim.seed) }),
      ...(isText(sim.profile) && { profile: sim.profile }),
    },
  };
}
