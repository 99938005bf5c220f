import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceCredentials } from '@throughline/fleet';

export interface Endpoint {
  readonly host: string;
  /** MQTT over TLS. */
  readonly port: number;
  readonly thingName: string;
  /** How the fleet simulator plays the device; other clients ignore it. */
  readonly sim?: { readonly seed: number; readonly profile: string };
}

/** The folder by which any MQTT client can be the device: `cert.pem`, `key.pem` (owner only), `ca.pem`, `endpoint.json`. */
export function writeIdentity(folder: string, credentials: DeviceCredentials, endpoint: Endpoint): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'key.pem'), credentials.privateKeyPem, { mode: 0o600 });
  writeFileSync(join(folder, 'ca.pem'), credentials.caPem);
  writeEndpoint(folder, endpoint, first);
  // Last: a folder with a certificate is whole.
  writeFileSync(join(folder, 'cert.pem'), credentials.certificatePem);
}

export const isIdentity = (folder: string): boolean => existsSync(join(folder, pairOf(folder).certFile));

interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
}

const first: Pair = { certFile: 'cert.pem', keyFile: 'key.pem' };

/** Files of key and certificate: a device that got new ones has named them in `endpoint.json`. */
function pairOf(folder: string): Pair {
  const file = join(folder, 'endpoint.json');
  if (!existsSync(file)) return first;
  try {
    const { certFile, keyFile } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return typeof certFile === 'string' && typeof keyFile === 'string' ? { certFile, keyFile } : first;
  } catch (error) {
    if (error instanceof SyntaxError) return first;
    throw error;
  }
}

/** Where to connect and which topics are the device's own. */
export function writeEndpoint(
  folder: string,
  { thingName, host, port, sim }: Endpoint,
  { certFile, keyFile } = pairOf(folder),
): void {
  const endpoint = {
    host,
    port,
    thingName,
    clientId: thingName,
    caFile: 'ca.pem',
    certFile,
    keyFile,
    topics: {
      telemetry: `dt/${thingName}/telemetry`,
      event: `dt/${thingName}/event`,
      committed: `cmd/${thingName}/telemetry/committed`,
    },
    ...(sim && { sim }),
  };
  const file = join(folder, 'endpoint.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(endpoint, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
