import { Injectable } from '@nestjs/common';
import { type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { checkText } from '../domain/checks.js';
import { DeviceStore } from '../storage/device.store.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

const MAX_VERSION = 100;

/** What a device says that it runs. */
@Injectable()
export class RecordFirmware {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly index: RefreshDeviceIndex,
  ) {}

  /** Saying the same again changes nothing. Errors: INVALID_INPUT; NOT_FOUND. */
  async run(deviceId: string, version: string): Promise<void> {
    const faults: Fault[] = [];
    checkText(faults, 'version', version, MAX_VERSION);
    if (faults.length > 0) throw invalid(...faults);
    await this.database.transaction(everyCustomer, async (em) => {
      const device = await this.devices.lock(em, { id: deviceId });
      if (!device) throw notFound('device', deviceId);
      if (device.firmwareVersion === version.trim()) return;
      await this.devices.setFirmware(em, deviceId, version.trim());
      await this.index.run(em, [deviceId]);
    });
  }
}
