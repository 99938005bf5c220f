import { Injectable } from '@nestjs/common';
import { type EntityManager, Outbox } from '@throughline/platform';
import type { Device } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { deviceStateChanged } from './events.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

/** What a connection means for its device, whoever saw it. The device is locked by the caller. */
@Injectable()
export class Connections {
  constructor(
    private readonly devices: DeviceStore,
    private readonly outbox: Outbox,
    private readonly index: RefreshDeviceIndex,
  ) {}

  /** It was seen at that time; a claimed device that connects for the first time is active. */
  async began(em: EntityManager, { id: deviceId, thingName, state }: Device, at: Date): Promise<void> {
    await this.devices.setSeen(em, [deviceId], at);
    if (state !== 'claimed') return this.index.connectivity(em, [deviceId]);
    await this.devices.setState(em, deviceId, 'active');
    await this.outbox.publish(em, deviceStateChanged, { deviceId, thingName, from: 'claimed', to: 'active' });
    await this.index.run(em, [deviceId]);
  }

  async ended(em: EntityManager, { id }: Device, at: Date): Promise<void> {
    await this.devices.setSeen(em, [id], at);
    await this.index.connectivity(em, [id]);
  }
}
