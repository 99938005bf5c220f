import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, Gather } from '@throughline/platform';
import type { DisconnectReason } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { PresenceStore } from '../storage/presence.store.js';
import { PresenceChanges } from './presence-changes.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

export interface Disconnect {
  readonly thingName: string;
  readonly at: Date;
  readonly reason: DisconnectReason;
  /**
   * From `RecordConnect`: only that connection ends. The end of a connection that was taken over may be heard of after the start of
   * its successor, which has the same client id.
   */
  readonly sessionId: string;
}

/** Ends of one transaction, when a network goes away with its devices. */
const BATCH = 500;

@Injectable()
export class RecordDisconnect {
  private readonly gathered = new Gather<Disconnect, void>(
    { limit: BATCH, key: ({ sessionId }) => sessionId },
    (ends) => this.database.transaction(everyCustomer, (em) => this.all(em, ends)),
  );

  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly presences: PresenceStore,
    private readonly changes: PresenceChanges,
    private readonly index: RefreshDeviceIndex,
  ) {}

  /** Ends the open presence interval; when it has ended already nothing changes. Errors: NOT_FOUND for an unknown thing. */
  async run(end: Disconnect): Promise<void> {
    return this.gathered.run(end);
  }

  private async all(em: EntityManager, ends: readonly Disconnect[]): Promise<(undefined | Error)[]> {
    const devices = await this.devices.lockThings(
      em,
      ends.map((end) => end.thingName),
    );
    const known = new Set(devices.map((device) => device.thingName));
    const ended = await this.presences.endSessions(
      em,
      ends.filter((end) => known.has(end.thingName)),
    );
    if (ended.length > 0) {
      await this.devices.setSeenEach(
        em,
        ended.map(({ deviceId: id, to }) => ({ id, at: new Date(to) })),
      );
      await this.index.connectivity(
        em,
        ended.map((e) => e.deviceId),
      );
      await this.changes.since(
        em,
        ended.map((e) => ({ deviceId: e.deviceId, from: e.to })),
      );
    }
    return ends.map(({ thingName }) => (known.has(thingName) ? undefined : notFound('device', thingName)));
  }
}
