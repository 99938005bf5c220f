import { Injectable } from '@nestjs/common';
import { Database, everyCustomer } from '@throughline/platform';
import { DeviceIndexStore } from '../../storage/device-index.store.js';
import { ShadowStore } from '../../storage/shadow.store.js';
import { RefreshDeviceIndex } from '../refresh-device-index.js';

const BATCH = 500;
/** Shadows of one run; the rest waits for the next. */
const MOST = 10_000;

/**
 * Brings what shadows say into the search index, behind the updates: a device that reports every second must not wait for it. What
 * is still to be done is known from the rows themselves, so nothing is missed whatever dies.
 */
@Injectable()
export class IndexShadows {
  constructor(
    private readonly database: Database,
    private readonly shadows: ShadowStore,
    private readonly index: DeviceIndexStore,
    private readonly refresh: RefreshDeviceIndex,
  ) {}

  /** Gives how many shadows were taken. */
  async run(signal?: AbortSignal): Promise<number> {
    for (let taken = 0; ; ) {
      const count = await this.database.transaction(everyCustomer, async (em) => {
        const waiting = await this.shadows.notIndexed(em, BATCH);
        const deviceIds = waiting.map(({ deviceId }) => deviceId);
        await this.index.hold(em, deviceIds);
        await this.refresh.run(em, deviceIds);
        await this.shadows.indexed(em, waiting);
        return waiting.length;
      });
      taken += count;
      if (count < BATCH || taken >= MOST || signal?.aborted) return taken;
    }
  }
}
