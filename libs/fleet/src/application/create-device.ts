import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { isModelName } from '../domain/model.js';
import type { Device } from '../domain/registry.js';
import { checkedThingName } from '../domain/thing-name.js';
import { DeviceStore } from '../storage/device.store.js';
import { ModelStore } from '../storage/model.store.js';
import { DirectoryChanges } from './directory-changes.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

@Injectable()
export class CreateDevice {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly models: ModelStore,
    private readonly directory: DirectoryChanges,
    private readonly index: RefreshDeviceIndex,
    private readonly clock: Clock,
  ) {}

  /**
   * Registers a device as manufactured, without certificate and asset.
   * Errors: INVALID_INPUT for the thing name; NOT_FOUND for the model; CONFLICT when the thing name is taken.
   */
  async run(scope: DataScope, input: { modelName: string; thingName: string }): Promise<Device> {
    const thingName = checkedThingName(input.thingName);
    const now = this.clock.now();
    const device = await this.database.transaction(scope, async (em) => {
      const model = isModelName(input.modelName) && (await this.models.byName(em, input.modelName));
      if (!model) throw notFound('model', input.modelName);
      const made: Device = {
        id: newId(now.getTime()),
        thingName,
        modelId: model.id,
        customerId: null,
        state: 'manufactured',
        createdAt: now,
        lastSeenAt: null,
        tags: {},
        firmwareVersion: null,
      };
      if (!(await this.devices.insert(em, made)))
        throw new DomainError('CONFLICT', `a device with thing name "${thingName}" is registered already`);
      await this.index.run(em, [made.id]);
      return made;
    });
    this.directory.announce([device.id]);
    return device;
  }
}
