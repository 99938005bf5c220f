import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';

/** A row of `message` as PostgreSQL gives it. */
export interface MessageRow {
  device_id: string;
  boot: number;
  seq: string;
  ts: string;
  stored_at: string;
  schema_version: number;
  model_id: string;
  values: number[];
}

/** Place of a message in an asset's order: event time, then identity. */
export interface MessagePosition {
  readonly ts: number;
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
}

const columns = `m.device_id, m.boot, m.seq::text as seq, (extract(epoch from m.ts) * 1000)::bigint::text as ts,
  (extract(epoch from m.stored_at) * 1000)::bigint::text as stored_at, m.schema_version, a.model_id, m.values`;

/** Queries over committed messages of assets; rows come in the order (ts, device, boot, seq). */
@Injectable()
export class MessageStore {
  /** At most `limit` messages with event time in [from, to), after a position. */
  async page(
    em: EntityManager,
    assetId: string,
    { from, to }: Interval,
    options: { after?: MessagePosition; storedBefore?: Date; limit: number },
  ): Promise<MessageRow[]> {
    const { after, storedBefore, limit } = options;
    return em.execute<MessageRow[]>(
      `select ${columns} from message m join asset a on a.id = m.asset_id
       where m.asset_id = ? and m.ts >= ? and m.ts < ?
       ${storedBefore ? 'and m.stored_at < ?' : ''}
       ${after ? 'and (m.ts, m.device_id, m.boot, m.seq) > (?::timestamptz, ?::uuid, ?::int, ?::bigint)' : ''}
       order by m.ts, m.device_id, m.boot, m.seq limit ?`,
      [
        assetId,
        iso(after ? Math.max(from, after.ts) : from),
        iso(to),
        ...(storedBefore ? [storedBefore.toISOString()] : []),
        ...(after ? [iso(after.ts), after.deviceId, after.boot, after.seq] : []),
        limit,
      ],
    );
  }

  /** The newest message with event time before `instant`. */
  async lastBefore(em: EntityManager, assetId: string, instant: number, storedBefore?: Date): Promise<MessageRow[]> {
    return em.execute<MessageRow[]>(
      `select ${columns} from message m join asset a on a.id = m.asset_id
       where m.asset_id = ? and m.ts < ? ${storedBefore ? 'and m.stored_at < ?' : ''}
       order by m.ts desc, m.device_id desc, m.boot desc, m.seq desc limit 1`,
      [assetId, iso(instant), ...(storedBefore ? [storedBefore.toISOString()] : [])],
    );
  }

  async count(em: EntityManager, assetId: string, { from, to }: Interval, storedBefore?: Date): Promise<number> {
    const [row] = await em.execute<{ n: string }[]>(
      `select count(*) as n from message where asset_id = ? and ts >= ? and ts < ? ${storedBefore ? 'and stored_at < ?' : ''}`,
      [assetId, iso(from), iso(to), ...(storedBefore ? [storedBefore.toISOString()] : [])],
    );
    return Number(row?.n ?? 0);
  }

  async hasBoot(
    em: EntityManager,
    assetId: string,
    { from, to }: Interval,
    boot: number,
    storedBefore?: Date,
  ): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `select 1 from message where asset_id = ? and ts >= ? and ts < ? and boot = ?
       ${storedBefore ? 'and stored_at < ?' : ''} limit 1`,
      [assetId, iso(from), iso(to), boot, ...(storedBefore ? [storedBefore.toISOString()] : [])],
    );
    return rows.length > 0;
  }

  /**
   * Numbers missing below messages of [from, to): each hole counts for the message after it, so that the parts of a period
   * add up to the whole. Devices without `boot` and `seq` cannot show a hole.
   */
  async missing(em: EntityManager, assetId: string, { from, to }: Interval, storedBefore?: Date): Promise<number> {
    const known = storedBefore ? 'and m.stored_at < ?' : '';
    const before = storedBefore ? [storedBefore.toISOString()] : [];
    const [row] = await em.execute<{ n: string | null }[]>(
      `with span as (
         select m.device_id, m.boot, min(m.seq) as low, max(m.seq) as high from message m
         where m.asset_id = ? and m.ts >= ? and m.ts < ? and m.boot > 0 ${known} group by m.device_id, m.boot),
       chain as (
         select m.asset_id, m.ts, m.seq, lag(m.seq) over (partition by m.device_id, m.boot order by m.seq) as previous
         from span s join message m on m.device_id = s.device_id and m.boot = s.boot and m.seq <= s.high and m.seq >= coalesce(
           (select max(p.seq) from message p where p.device_id = s.device_id and p.boot = s.boot and p.seq < s.low), s.low) ${known})
       select sum(greatest(seq - coalesce(previous, 0) - 1, 0)) as n from chain where asset_id = ? and ts >= ? and ts < ?`,
      [assetId, iso(from), iso(to), ...before, ...before, assetId, iso(from), iso(to)],
    );
    return Number(row?.n ?? 0);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
