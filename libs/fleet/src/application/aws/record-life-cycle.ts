import { Injectable } from '@nestjs/common';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { changedBy, type LifeCycleEvent, sessionIdOf } from '../../domain/aws/life-cycle.js';
import { AwsPresenceStore } from '../../storage/aws-presence.store.js';
import { DeviceStore } from '../../storage/device.store.js';
import { Connections } from '../connections.js';
import { PresenceChanges } from '../presence-changes.js';

/** AWS IoT saw a client connect or disconnect. */
@Injectable()
export class RecordLifeCycle {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly presences: AwsPresenceStore,
    private readonly connections: Connections,
    private readonly changes: PresenceChanges,
    private readonly logger: Logger,
  ) {}

  /** Committed when it resolves. Events may come in any order and more than once; a client that is no device is left out. */
  async run(event: LifeCycleEvent): Promise<void> {
    const { clientId, timestamp, ipAddress } = event;
    await this.database.transaction(everyCustomer, async (em) => {
      const thingName = await this.presences.thingOfClient(em, clientId);
      const device = thingName === undefined ? undefined : await this.devices.lock(em, { thingName });
      if (!device) {
        this.logger.debug({ clientId }, 'a client that is no device connected or disconnected');
        return;
      }
      const client = { deviceId: device.id, clientId };
      const sessionId = sessionIdOf(event);
      const known = await this.presences.sessions(em, client, sessionId, timestamp);
      const changed = changedBy(known, event);
      if (changed.length === 0) return;
      for (const session of changed)
        await this.presences.save(
          em,
          device,
          clientId,
          session,
          session.sessionId === sessionId ? (ipAddress ?? null) : null,
        );
      const at = new Date(timestamp);
      if (event.eventType === 'connected') await this.connections.began(em, [{ device, at }]);
      else await this.connections.ended(em, [{ device, at }]);
      const since = Math.min(timestamp, ...changed.map(({ from, to }) => to ?? from));
      await this.changes.since(em, [{ deviceId: device.id, from: since }]);
    });
  }
}
