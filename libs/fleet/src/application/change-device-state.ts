import { Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope, Outbox } from '@throughline/platform';
import { checkMove, type DeviceState, deviceStates } from '../domain/device-state.js';
import type { Device } from '../domain/registry.js';
import { CertificateStore } from '../storage/certificate.store.js';
import { DeviceStore } from '../storage/device.store.js';
import { InstallationStore } from '../storage/installation.store.js';
import { DirectoryChanges } from './directory-changes.js';
import { deviceStateChanged } from './events.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

@Injectable()
export class ChangeDeviceState {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly installations: InstallationStore,
    private readonly certificates: CertificateStore,
    private readonly outbox: Outbox,
    private readonly directory: DirectoryChanges,
    private readonly index: RefreshDeviceIndex,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves a device to another state of its life. Retiring revokes its certificates for good. `from`: refuse unless it is in it.
   * Errors: NOT_FOUND; STATE_CONFLICT for a move the table does not have; CONFLICT for retiring an installed device.
   */
  async run(
    scope: DataScope,
    { deviceId, to, from }: { deviceId: string; to: DeviceState; from?: DeviceState },
  ): Promise<Device> {
    if (!deviceStates.includes(to))
      throw invalid({ field: 'to', value: to, rule: `must be one of ${deviceStates.join(', ')}` });
    const changed = await this.database.transaction(scope, async (em) => {
      const device = await this.devices.lock(em, { id: deviceId });
      if (!device) throw notFound('device', deviceId);
      const { thingName } = device;
      if (from !== undefined && device.state !== from)
        throw new DomainError('STATE_CONFLICT', `device "${thingName}" is ${device.state}, not ${from}`);
      checkMove(thingName, device.state, to);
      if (to === 'retired') {
        if ((await this.installations.runningOfDevices(em, [deviceId])).length > 0)
          throw new DomainError(
            'CONFLICT',
            `device "${thingName}" is installed: end its installation before it retires`,
          );
        for (const certificate of await this.certificates.ofDevices(em, [deviceId]))
          await this.certificates.revoke(em, certificate.id, this.clock.now());
      }
      await this.devices.setState(em, deviceId, to);
      await this.outbox.publish(em, deviceStateChanged, { deviceId, thingName, from: device.state, to });
      await this.index.run(em, [deviceId]);
      return { ...device, state: to };
    });
    this.directory.announce([deviceId]);
    return changed;
  }
}
