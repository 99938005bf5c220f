import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { asDate, uuids } from '../rows.js';

export interface DueCertificate {
  readonly id: string;
  readonly deviceId: string;
  readonly thingName: string;
  readonly fingerprint: string;
  readonly notAfter: Date;
}

interface Raw {
  id: string;
  device_id: string;
  thing_name: string;
  fingerprint: string;
  not_after: string;
}

/** Which certificate follows which. */
@Injectable()
export class RotationStore {
  async setReplaced(em: EntityManager, id: string, replacesId: string): Promise<void> {
    await em.execute('update certificate set replaces_id = ? where id = ?', [replacesId, id]);
  }

  /** Id of the certificate that an active one replaces. */
  async replacedBy(em: EntityManager, fingerprint: string): Promise<string | undefined> {
    const [row] = await em.execute<{ replaces_id: string | null }[]>(
      `select replaces_id from certificate where fingerprint = ? and state = 'active'`,
      [fingerprint],
    );
    return row?.replaces_id ?? undefined;
  }

  /** Whether what the certificate replaces is active still. */
  async hasOpen(em: EntityManager, fingerprint: string): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `select 1 from certificate n join certificate o on o.id = n.replaces_id
       where n.fingerprint = ? and n.state = 'active' and o.state = 'active'`,
      [fingerprint],
    );
    return rows.length > 0;
  }

  /** Revokes what the certificate replaces, and others that were made to replace it and not used; gives the devices. */
  async confirm(em: EntityManager, fingerprint: string, at: Date): Promise<string[]> {
    const rows = await em.execute<{ device_id: string }[]>(
      `update certificate c set state = 'revoked', revoked_at = ?
       from certificate n where n.fingerprint = ? and n.state = 'active' and n.replaces_id is not null
         and c.device_id = n.device_id and c.id <> n.id and c.state = 'active'
         and (c.id = n.replaces_id or c.replaces_id = n.replaces_id)
       returning c.device_id`,
      [at, fingerprint],
    );
    return [...new Set(rows.map((r) => r.device_id))];
  }

  /** The newest active certificate of each of the devices. */
  async newestActive(em: EntityManager, deviceIds: readonly string[]): Promise<DueCertificate[]> {
    const rows = await em.execute<Raw[]>(
      `select distinct on (c.device_id) c.id, c.device_id, d.thing_name, c.fingerprint, c.not_after
       from certificate c join device d on d.id = c.device_id
       where c.device_id = any(?::uuid[]) and c.state = 'active' and d.state <> 'retired'
       order by c.device_id, c.not_before desc, c.id desc`,
      [uuids(deviceIds)],
    );
    return rows.map(fromRaw);
  }

  /** Newest active certificates with two thirds of their life behind them, not asked for since `askedBefore`. */
  async due(em: EntityManager, now: Date, askedBefore: Date, limit: number): Promise<DueCertificate[]> {
    const rows = await em.execute<Raw[]>(
      `select c.id, c.device_id, d.thing_name, c.fingerprint, c.not_after
       from certificate c join device d on d.id = c.device_id
       where c.state = 'active' and d.state <> 'retired' and c.not_after > ?
         and c.not_before + (c.not_after - c.not_before) * 2 / 3 <= ?
         and (c.rotation_asked_at is null or c.rotation_asked_at < ?)
         and not exists (select 1 from certificate n where n.device_id = c.device_id and n.state = 'active'
           and (n.not_before, n.id) > (c.not_before, c.id))
       order by c.not_after limit ? for update of c skip locked`,
      [now, now, askedBefore, limit],
    );
    return rows.map(fromRaw);
  }

  async setAsked(em: EntityManager, ids: readonly string[], at: Date): Promise<void> {
    await em.execute('update certificate set rotation_asked_at = ? where id = any(?::uuid[])', [at, uuids(ids)]);
  }
}

const fromRaw = (row: Raw): DueCertificate => ({
  id: row.id,
  deviceId: row.device_id,
  thingName: row.thing_name,
  fingerprint: row.fingerprint,
  notAfter: asDate(row.not_after),
});
