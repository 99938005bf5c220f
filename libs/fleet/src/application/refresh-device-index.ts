import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { DeviceIndexStore } from '../storage/device-index.store.js';

/** Devices of one statement; more are taken in parts. */
const BATCH = 1_000;

/** Keeps the search index true. To be called in the transaction that changes what a device can be found by. */
@Injectable()
export class RefreshDeviceIndex {
  constructor(private readonly index: DeviceIndexStore) {}

  /** After a change of device, installation, asset, tags, firmware or shadow. */
  async run(em: EntityManager, deviceIds: readonly string[]): Promise<void> {
    // In one order everywhere, so that two transactions do not wait for each other.
    const ids = [...new Set(deviceIds)].sort();
    for (let i = 0; i < ids.length; i += BATCH) {
      const facts = await this.index.facts(em, ids.slice(i, i + BATCH));
      await this.index.write(em, facts);
    }
  }

  /** After connects and disconnects, which change nothing else: one statement. */
  async connectivity(em: EntityManager, deviceIds: readonly string[]): Promise<void> {
    await this.index.writeConnectivity(em, [...new Set(deviceIds)].sort());
  }
}
