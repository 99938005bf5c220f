import { Injectable } from '@nestjs/common';
import { newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { PresenceInterval as PresenceRow } from '@throughline/schema/fleet';
import type { DisconnectReason, PresenceInterval } from '../domain/registry.js';
import { asMs, plain, uuids } from './rows.js';

/** A connection that was open and has been ended by a statement; ms since the epoch. */
export interface EndedPresence {
  readonly id: string;
  readonly deviceId: string;
  readonly from: number;
  readonly to: number;
}

export interface NewPresence {
  readonly id: string;
  readonly sessionId: string;
  readonly deviceId: string;
  readonly customerId: string | null;
  readonly clientId: string;
  readonly gateway: string;
  readonly remoteAddress: string | null;
  readonly connectedAt: Date;
}

interface RawEnded {
  id: string;
  device_id: string;
  connected_at: string;
  disconnected_at: string;
}

@Injectable()
export class PresenceStore {
  async insert(em: EntityManager, row: NewPresence): Promise<void> {
    await this.insertAll(em, [row]);
  }

  async insertAll(em: EntityManager, rows: readonly NewPresence[]): Promise<void> {
    if (rows.length > 0)
      await em.insertMany(
        PresenceRow,
        rows.map((row) => ({ ...row })),
      );
  }

  /** Ends the connections of sessions; an end before its start becomes its start. */
  async endSessions(
    em: EntityManager,
    ends: readonly { sessionId: string; at: Date; reason: DisconnectReason }[],
  ): Promise<EndedPresence[]> {
    const rows = await em.execute<RawEnded[]>(
      `update presence_interval p set disconnected_at = greatest(p.connected_at, e.at), reason = e.reason
       from jsonb_to_recordset(?::jsonb) as e("sessionId" uuid, at timestamptz, reason text)
       where p.session_id = e."sessionId" and p.disconnected_at is null
       returning p.id, p.device_id, p.connected_at, p.disconnected_at`,
      [JSON.stringify(ends)],
    );
    return rows.map(toEnded);
  }

  /** Ends what is open of clients that are here anew: their former connections were taken over. */
  async takeOver(
    em: EntityManager,
    clients: readonly { deviceId: string; clientId: string; at: Date }[],
  ): Promise<void> {
    await em.execute(
      `update presence_interval p set disconnected_at = greatest(p.connected_at, c.at), reason = 'taken_over'
       from jsonb_to_recordset(?::jsonb) as c("deviceId" uuid, "clientId" text, at timestamptz)
       where p.disconnected_at is null and p.device_id = c."deviceId" and p.client_id = c."clientId"`,
      [JSON.stringify(clients)],
    );
  }

  /** Ends what is open on a gateway at the time it was last alive. */
  async endGateway(em: EntityManager, gateway: string, at: Date, reason: DisconnectReason): Promise<EndedPresence[]> {
    return this.end(em, at, reason, 'gateway = ?', [gateway]);
  }

  /**
   * From `at` on, the device's open connections belong to another customer (null: to nobody): what was before stays the
   * old one's. A connection that began later than `at` changes hands whole.
   */
  async handOver(em: EntityManager, deviceId: string, customerId: string | null, at: Date): Promise<void> {
    const open = await em.find(PresenceRow, { deviceId, disconnectedAt: null }, plain);
    for (const row of open) {
      if ((row.customerId ?? null) === customerId) continue;
      if (row.connectedAt >= at) {
        await em.execute('update presence_interval set customer_id = ? where id = ?', [customerId, row.id]);
        continue;
      }
      await this.end(em, at, 'installation_changed', 'id = ?', [row.id]);
      await this.insert(em, {
        id: newId(at.getTime()),
        sessionId: row.sessionId,
        deviceId,
        customerId,
        clientId: row.clientId,
        gateway: row.gateway,
        remoteAddress: row.remoteAddress ?? null,
        connectedAt: at,
      });
    }
  }

  /** Newest first, at most `first` a device. */
  async latestOfDevices(em: EntityManager, deviceIds: readonly string[], first: number): Promise<PresenceInterval[]> {
    const rows = await em.execute<{ id: string }[]>(
      `select p.id from unnest(?::uuid[]) as d(id) cross join lateral (
         select id, connected_at from presence_interval where device_id = d.id order by connected_at desc limit ?) p`,
      [uuids(deviceIds), first],
    );
    const found = await em.find(
      PresenceRow,
      { id: { $in: rows.map((r) => r.id) } },
      { orderBy: { connectedAt: 'desc', id: 'desc' }, ...plain },
    );
    return found.map(toPresence);
  }

  /** Those of the device that touch [from, to), oldest first. */
  async ofDevice(em: EntityManager, deviceId: string, from: Date, to: Date): Promise<PresenceInterval[]> {
    const rows = await em.find(
      PresenceRow,
      { deviceId, connectedAt: { $lt: to }, $or: [{ disconnectedAt: null }, { disconnectedAt: { $gt: from } }] },
      { orderBy: { connectedAt: 'asc', id: 'asc' }, ...plain },
    );
    return rows.map(toPresence);
  }

  /** Those of the devices that touch [from, to), oldest first. */
  async ofDevices(em: EntityManager, deviceIds: readonly string[], from: Date, to: Date): Promise<PresenceInterval[]> {
    const rows = await em.find(
      PresenceRow,
      {
        deviceId: { $in: [...deviceIds] },
        connectedAt: { $lt: to },
        $or: [{ disconnectedAt: null }, { disconnectedAt: { $gt: from } }],
      },
      { orderBy: { connectedAt: 'asc', id: 'asc' }, ...plain },
    );
    return rows.map(toPresence);
  }

  /** The devices among these that are connected now. */
  async connected(em: EntityManager, deviceIds: readonly string[]): Promise<Set<string>> {
    const rows = await em.execute<{ device_id: string }[]>(
      'select distinct device_id from presence_interval where disconnected_at is null and device_id = any(?::uuid[])',
      [uuids(deviceIds)],
    );
    return new Set(rows.map((r) => r.device_id));
  }

  private async end(
    em: EntityManager,
    at: Date,
    reason: DisconnectReason,
    which: string,
    values: string[],
  ): Promise<EndedPresence[]> {
    const rows = await em.execute<RawEnded[]>(
      `update presence_interval set disconnected_at = greatest(connected_at, ?::timestamptz), reason = ?
       where disconnected_at is null and ${which} returning id, device_id, connected_at, disconnected_at`,
      [at, reason, ...values],
    );
    return rows.map(toEnded);
  }
}

const toEnded = (row: RawEnded): EndedPresence => ({
  id: row.id,
  deviceId: row.device_id,
  from: asMs(row.connected_at),
  to: asMs(row.disconnected_at),
});

const toPresence = (row: PresenceRow): PresenceInterval => ({
  id: row.id,
  deviceId: row.deviceId,
  clientId: row.clientId,
  gateway: row.gateway,
  remoteAddress: row.remoteAddress ?? null,
  connectedAt: row.connectedAt,
  disconnectedAt: row.disconnectedAt ?? null,
  reason: row.reason ?? null,
});
