import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { DeviceEvent } from '@throughline/schema/telemetry';
import { DeviceEventStore } from '../storage/device-event.store.js';

/** What devices said besides measurements. */
@Injectable()
export class DeviceEvents {
  constructor(private readonly store: DeviceEventStore) {}

  /** The newest `first` of an asset, newest first. */
  async ofAsset(em: EntityManager, assetId: string, first: number): Promise<DeviceEvent[]> {
    return this.store.newest(em, assetId, first);
  }
}
