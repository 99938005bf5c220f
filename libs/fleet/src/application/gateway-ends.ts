import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { DisconnectReason } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { PresenceStore } from '../storage/presence.store.js';
import { PresenceChanges } from './presence-changes.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

/** Ends all open connections of a gateway and tells of it. */
@Injectable()
export class GatewayEnds {
  constructor(
    private readonly devices: DeviceStore,
    private readonly presences: PresenceStore,
    private readonly changes: PresenceChanges,
    private readonly index: RefreshDeviceIndex,
  ) {}

  async endAll(em: EntityManager, gateway: string, at: Date, reason: DisconnectReason): Promise<number> {
    const ended = await this.presences.endGateway(em, gateway, at, reason);
    if (ended.length === 0) return 0;
    const deviceIds = ended.map((e) => e.deviceId);
    await this.devices.setSeen(em, deviceIds, at);
    await this.index.connectivity(em, deviceIds);
    await this.changes.since(
      em,
      ended.map((e) => ({ deviceId: e.deviceId, from: e.to })),
    );
    return ended.length;
  }
}
