import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkId, checkPast } from '../domain/checks.js';
import type { Installation } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { InstallationStore } from '../storage/installation.store.js';
import { DirectoryChanges } from './directory-changes.js';
import { Installing } from './installing.js';

@Injectable()
export class EndInstallation {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly installations: InstallationStore,
    private readonly installing: Installing,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the device's running installation at `at` (now when not given; not in the future).
   * Errors: INVALID_INPUT; NOT_FOUND; CONFLICT when none runs or it began at or after `at`.
   */
  async run(scope: DataScope, input: { deviceId: string; at?: Date | null }): Promise<Installation> {
    const { deviceId } = input;
    const now = this.clock.now();
    const at = input.at ?? now;
    const faults: Fault[] = [];
    checkId(faults, 'deviceId', deviceId);
    checkPast(faults, 'at', at, now);
    if (faults.length > 0) throw invalid(...faults);
    const ended = await this.database.transaction(scope, async (em) => {
      const device = await this.devices.lock(em, { id: deviceId });
      if (!device) throw notFound('device', deviceId);
      const [running] = await this.installations.runningOfDevices(em, [deviceId]);
      if (!running) throw new DomainError('CONFLICT', `device "${device.thingName}" is not installed`);
      return this.installing.end(em, device, running, at);
    });
    this.directory.announce([deviceId]);
    return ended;
  }
}
