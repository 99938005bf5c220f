import { Injectable } from '@nestjs/common';
import { Database, defineJob, everyCustomer } from '@throughline/platform';
import { z } from 'zod';
import { DeviceIndexStore } from '../storage/device-index.store.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

const BATCH = 1_000;

/** Asked for by a migration that changes what the index holds. */
export const rebuildDeviceIndex = defineJob({
  name: 'fleet.rebuild-device-index',
  queue: 'slow',
  payload: z.object({}),
  attempts: 5,
  backoffMs: 5_000,
  timeoutMs: 30 * 60_000,
});

/** The search index made from what it is made of. A batch is one transaction that holds its devices; safe to run twice. */
@Injectable()
export class RebuildDeviceIndex {
  constructor(
    private readonly database: Database,
    private readonly index: DeviceIndexStore,
    private readonly refresh: RefreshDeviceIndex,
  ) {}

  /** Returns how many devices were indexed. */
  async run(): Promise<number> {
    let after: string | undefined;
    let count = 0;
    for (;;) {
      const ids = await this.database.transaction(everyCustomer, async (em) => {
        const batch = await this.index.deviceIds(em, after, BATCH);
        await this.index.hold(em, batch);
        await this.refresh.run(em, batch);
        return batch;
      });
      count += ids.length;
      after = ids.at(-1);
      if (ids.length < BATCH) return count;
    }
  }
}
