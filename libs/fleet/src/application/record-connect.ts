import { Injectable } from '@nestjs/common';
import { newId, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
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

@Injectable()
export class RecordConnect {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly presences: PresenceStore,
    private readonly changes: PresenceChanges,
    private readonly connections: Connections,
  ) {}

  /**
   * Opens a presence interval; one that is open for the same client ends with "taken_over". A claimed device becomes active.
   * The `sessionId` names this connection when it ends. Errors: NOT_FOUND for an unknown thing.
   */
  async run(connect: Connect): Promise<{ sessionId: string; deviceId: string }> {
    const { thingName, clientId, gateway, remoteAddress, at } = connect;
    return this.database.transaction(everyCustomer, async (em) => {
      const device = await this.devices.lock(em, { thingName });
      if (!device) throw notFound('device', thingName);
      await this.presences.endClient(em, { deviceId: device.id, clientId }, at, 'taken_over');
      const id = newId(at.getTime());
      const { customerId } = device;
      await this.presences.insert(em, {
        id,
        sessionId: id,
        deviceId: device.id,
        customerId,
        clientId,
        gateway,
        remoteAddress,
        connectedAt: at,
      });
      await this.connections.began(em, device, at);
      await this.changes.since(em, [{ deviceId: device.id, from: at.getTime() }]);
      return { sessionId: id, deviceId: device.id };
    });
  }
}
