import { Injectable } from '@nestjs/common';
import { type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { Device } from '../domain/registry.js';
import { checkTags, type Tags } from '../domain/tags.js';
import { DeviceStore } from '../storage/device.store.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

@Injectable()
export class SetDeviceTags {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly index: RefreshDeviceIndex,
  ) {}

  /** Sets tags and removes those that are null; others stay. Errors: INVALID_INPUT; NOT_FOUND. */
  async run(
    scope: DataScope,
    { deviceId, tags }: { deviceId: string; tags: Readonly<Record<string, string | null>> },
  ): Promise<Device> {
    return this.database.transaction(scope, async (em) => {
      const device = await this.devices.lock(em, { id: deviceId });
      if (!device) throw notFound('device', deviceId);
      const all = Object.entries({ ...device.tags, ...tags }).filter(([, value]) => value !== null);
      const next = Object.fromEntries(all) as Tags;
      const faults: Fault[] = [];
      checkTags(faults, 'tags', next);
      if (faults.length > 0) throw invalid(...faults);
      await this.devices.setTags(em, deviceId, next);
      await this.index.run(em, [deviceId]);
      return { ...device, tags: next };
    });
  }
}
