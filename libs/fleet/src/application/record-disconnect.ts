import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import type { DisconnectReason } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { PresenceStore } from '../storage/presence.store.js';
import { PresenceChanges } from './presence-changes.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

export interface Disconnect {
  readonly thingName: string;
  readonly clientId: string;
  readonly gateway: string;
  readonly at: Date;
  readonly reason: DisconnectReason;
  /**
   * From `RecordConnect`. With it only that connection ends: the end of a connection that was taken over may be heard of
   * after the start of its successor, which has the same client id.
   */
  readonly sessionId?: string;
}

@Injectable()
export class RecordDisconnect {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly presences: PresenceStore,
    private readonly changes: PresenceChanges,
    private readonly index: RefreshDeviceIndex,
  ) {}

  /** Ends the open presence interval; when it has ended already nothing changes. Errors: NOT_FOUND for an unknown thing. */
  async run({ thingName, clientId, gateway, at, reason, sessionId }: Disconnect): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      const device = await this.devices.lock(em, { thingName });
      if (!device) throw notFound('device', thingName);
      const ended = sessionId
        ? await this.presences.endSession(em, sessionId, at, reason)
        : await this.presences.endClient(em, { deviceId: device.id, clientId, gateway }, at, reason);
      if (ended.length === 0) return;
      await this.devices.setSeen(em, [device.id], at);
      await this.index.connectivity(em, [device.id]);
      await this.changes.since(
        em,
        ended.map((e) => ({ deviceId: e.deviceId, from: e.to })),
      );
    });
  }
}
