import { Injectable } from '@nestjs/common';
import { type EntityManager, Outbox } from '@throughline/platform';
import type { Device } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { deviceStateChanged } from './events.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

export interface Seen {
  readonly device: Pick<Device, 'id' | 'thingName' | 'state'>;
  readonly at: Date;
}

/** What connections mean for their devices, whoever saw them. The devices are locked by the caller. */
@Injectable()
export class Connections {
  constructor(
    private readonly devices: DeviceStore,
    private readonly outbox: Outbox,
    private readonly index: RefreshDeviceIndex,
  ) {}

  /** They were seen at those times; claimed ones that connect for the first time are active. */
  async began(em: EntityManager, seen: readonly Seen[]): Promise<void> {
    await this.seen(em, seen);
    const claimed = new Map(seen.filter((s) => s.device.state === 'claimed').map(({ device }) => [device.id, device]));
    if (claimed.size === 0) return;
    const ids = [...claimed.keys()];
    await this.devices.activate(em, ids);
    const news = [...claimed.values()].map(({ id: deviceId, thingName }) => ({ deviceId, thingName }));
    await this.outbox.publishAll(
      em,
      deviceStateChanged,
      news.map((device) => ({ ...device, from: 'claimed', to: 'active' })),
    );
    await this.index.run(em, ids);
  }

  async ended(em: EntityManager, seen: readonly Seen[]): Promise<void> {
    await this.seen(em, seen);
  }

  private async seen(em: EntityManager, seen: readonly Seen[]): Promise<void> {
    if (seen.length === 0) return;
    await this.devices.setSeenEach(
      em,
      seen.map(({ device, at }) => ({ id: device.id, at })),
    );
    await this.index.connectivity(
      em,
      seen.map(({ device }) => device.id),
    );
  }
}
