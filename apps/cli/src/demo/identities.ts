import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { type Device, IssueDeviceCertificate } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { isIdentity, writeEndpoint, writeIdentity } from '../commands/identity-folder.js';

/** Where the simulated fleet finds its identities. */
export const fleetFolder = (dataDir: string): string => join(dataDir, 'demo', 'identities');

export interface DemoDevice extends Pick<Device, 'id' | 'thingName'> {
  /** How it is simulated; a device without one is played by a replay. */
  readonly sim?: { readonly seed: number; readonly profile: string };
}

/**
 * An identity folder a device: of simulated ones where the fleet looks, of others where `throughline replay` does. The address
 * is written anew, since ports may change.
 */
export async function prepareIdentities(
  app: INestApplicationContext,
  devices: readonly DemoDevice[],
  dataDir: string,
  port: number,
): Promise<void> {
  for (const { id, thingName, sim } of devices) {
    const out = sim ? join(fleetFolder(dataDir), thingName) : join(dataDir, 'identities', thingName);
    const endpoint = { host: 'localhost', port, thingName, ...(sim && { sim }) };
    if (isIdentity(out)) {
      writeEndpoint(out, endpoint);
      continue;
    }
    writeIdentity(out, await app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: id }), endpoint);
  }
}
