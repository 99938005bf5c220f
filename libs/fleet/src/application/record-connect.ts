import { Injectable } from '@nestjs/common';
import { newId, notFound } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, Gather } from '@throughline/platform';
import { DeviceStore } from '../storage/device.store.js';
import { PresenceStore } from '../storage/presence.store.js';
import { Connections } from './connections.js';
import { PresenceChanges } from './presence-changes.js';

export interface Connect {
  readonly thingName: string;
  readonly clientId: string;
  /** Name of the gateway process; the same after its restart. */
  readonly gateway: string;
  readonly remoteAddress: string | null;
  readonly at: Date;
}

export interface Connected {
  /** Names this connection when it ends. */
  readonly sessionId: string;
  readonly deviceId: string;
}

/** Connections of one transaction, when a whole fleet comes back at once. */
const BATCH = 500;

@Injectable()
export class RecordConnect {
  private readonly gathered = new Gather<Connect, Connected>(
    { limit: BATCH, key: ({ thingName, clientId }) => `${thingName} ${clientId}` },
    (connects) => this.database.transaction(everyCustomer, (em) => this.all(em, connects)),
  );

  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly presences: PresenceStore,
    private readonly changes: PresenceChanges,
    private readonly connections: Connections,
  ) {}

  /**
   * Opens a presence interval; one that is open for the same client ends with "taken_over". A claimed device becomes active.
   * Errors: NOT_FOUND for an unknown thing.
   */
  async run(connect: Connect): Promise<Connected> {
    return this.gathered.run(connect);
  }

  private async all(em: EntityManager, connects: readonly Connect[]): Promise<(Connected | Error)[]> {
    const names = connects.map((c) => c.thingName);
    const devices = new Map((await this.devices.lockThings(em, names)).map((device) => [device.thingName, device]));
    const sessions = connects.map((connect) => {
      const device = devices.get(connect.thingName);
      return device && { ...connect, device, deviceId: device.id, sessionId: newId(connect.at.getTime()) };
    });
    const known = sessions.filter((session) => session !== undefined);
    await this.presences.takeOver(em, known);
    await this.presences.insertAll(
      em,
      known.map(({ sessionId, deviceId, device, clientId, gateway, remoteAddress, at }) => ({
        id: sessionId,
        sessionId,
        deviceId,
        customerId: device.customerId,
        clientId,
        gateway,
        remoteAddress,
        connectedAt: at,
      })),
    );
    await this.connections.began(
      em,
      known.map(({ device, at }) => ({ device, at })),
    );
    await this.changes.since(
      em,
      known.map(({ deviceId, at }) => ({ deviceId, from: at.getTime() })),
    );
    return sessions.map((session, i) => session ?? notFound('device', connects[i]?.thingName ?? ''));
  }
}
