import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
  writeEndpoint(folder, endpoint);
  // Last: a folder with a certificate is whole.
  writeFileSync(join(folder, 'cert.pem'), credentials.certificatePem);
}

export const isIdentity = (folder: string): boolean => existsSync(join(folder, 'cert.pem'));

/** Where to connect and which topics are the device's own. */
export function writeEndpoint(folder: string, { thingName, host, port, sim }: Endpoint): void {
  const endpoint = {
    host,
    port,
    thingName,
    clientId: thingName,
    caFile: 'ca.pem',
    certFile: 'cert.pem',
    keyFile: 'key.pem',
    topics: {
      telemetry: `dt/${thingName}/telemetry`,
      event: `dt/${thingName}/event`,
      committed: `cmd/${thingName}/telemetry/committed`,
    },
    ...(sim && { sim }),
  };
  writeFileSync(join(folder, 'endpoint.json'), `${JSON.stringify(endpoint, null, 2)}\n`);
}
