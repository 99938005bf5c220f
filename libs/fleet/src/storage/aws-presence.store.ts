import { Injectable } from '@nestjs/common';
import { newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { ClientSession } from '../domain/aws/life-cycle.js';
import type { Device, DisconnectReason } from '../domain/registry.js';
import { asMs } from './rows.js';

/** The gateway of connections to AWS IoT, and of those whose beginning was not heard of. */
const GATEWAY = 'aws-iot';
const UNBEGUN = 'aws-iot (beginning unknown)';

interface Raw {
  session_id: string;
  connected_at: string;
  disconnected_at: string | null;
  reason: DisconnectReason | null;
  gateway: string;
}

/** Presence intervals as AWS IoT's life-cycle events tell of them. Its session may have several rows: the latest one stands for it. */
@Injectable()
export class AwsPresenceStore {
  /** Of a client: the session of that id, and those that last or did not end before `at` (ms). */
  async sessions(
    em: EntityManager,
    client: { deviceId: string; clientId: string },
    sessionId: string,
    at: number,
  ): Promise<ClientSession[]> {
    const rows = await em.execute<Raw[]>(
      `select distinct on (session_id) session_id, connected_at, disconnected_at, reason, gateway from presence_interval
       where device_id = ? and client_id = ? and gateway in (?, ?)
         and (session_id = ? or disconnected_at is null or disconnected_at >= ?)
       order by session_id, connected_at desc`,
      [client.deviceId, client.clientId, GATEWAY, UNBEGUN, sessionId, new Date(at)],
    );
    return rows.map((row) => ({
      sessionId: row.session_id,
      from: asMs(row.connected_at),
      began: row.gateway === GATEWAY,
      to: row.disconnected_at === null ? null : asMs(row.disconnected_at),
      reason: row.reason,
    }));
  }

  async save(
    em: EntityManager,
    device: Device,
    clientId: string,
    { sessionId, from, began, to, reason }: ClientSession,
    remoteAddress: string | null,
  ): Promise<void> {
    const [connectedAt, disconnectedAt] = [new Date(from), to === null ? null : new Date(to)];
    const gateway = began ? GATEWAY : UNBEGUN;
    const updated = await em.execute<unknown[]>(
      `update presence_interval set connected_at = ?, disconnected_at = ?, reason = ?, gateway = ?,
         remote_address = coalesce(?, remote_address)
       where id = (select id from presence_interval where session_id = ? order by connected_at desc limit 1) returning id`,
      [connectedAt, disconnectedAt, reason, gateway, remoteAddress, sessionId],
    );
    if (updated.length > 0) return;
    await em.execute(
      `insert into presence_interval (id, session_id, device_id, customer_id, client_id, gateway, remote_address, connected_at, disconnected_at, reason)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        newId(from),
        sessionId,
        device.id,
        device.customerId,
        clientId,
        gateway,
        remoteAddress,
        connectedAt,
        disconnectedAt,
        reason,
      ],
    );
  }

  /** The thing whose client id this is: `{thing}` or `{thing}-{suffix}`, the longest such name. */
  async thingOfClient(em: EntityManager, clientId: string): Promise<string | undefined> {
    const names = [clientId];
    for (let i = clientId.indexOf('-'); i > 0; i = clientId.indexOf('-', i + 1)) names.push(clientId.slice(0, i));
    const [row] = await em.execute<{ thing_name: string }[]>(
      `select thing_name from device where thing_name in (${names.map(() => '?').join(', ')})
       order by length(thing_name) desc limit 1`,
      names,
    );
    return row?.thing_name;
  }
}
