import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { DisconnectReason } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { PresenceStore } from '../storage/presence.store.js';
import { PresenceChanges } from './presence-changes.js';

/** Ends all open connections of a gateway and tells of it. */
@Injectable()
export class GatewayEnds {
  constructor(
    private readonly devices: DeviceStore,
    private readonly presences: PresenceStore,
    private readonly changes: PresenceChanges,
  ) {}

  async endAll(em: EntityManager, gateway: string, at: Date, reason: DisconnectReason): Promise<number> {
    const ended = await this.presences.endGateway(em, gateway, at, reason);
    if (ended.length === 0) return 0;
    await this.devices.setSeen(
      em,
      ended.map((e) => e.deviceId),
      at,
    );
    await this.changes.since(
      em,
      ended.map((e) => ({ deviceId: e.deviceId, from: e.to })),
    );
    return ended.length;
  }
}
