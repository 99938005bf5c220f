import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { iso, ms, uuids } from './rows.js';

/** Event times of an asset whose messages or timeline changed; both ends inclusive, ms since the epoch. */
export interface DirtyRange {
  readonly assetId: string;
  readonly from: number;
  readonly to: number;
}

/** Marks taken at once for one asset; more wait for the next pass. */
const MAX_MARKS = 10_000;

/** What must be metered again. A mark is deleted in the transaction that recomputes. */
@Injectable()
export class DirtyStore {
  /** Marks of assets that are gone are left out. */
  async mark(em: EntityManager, ranges: readonly DirtyRange[]): Promise<void> {
    await em.execute(
      `insert into usage_dirty (asset_id, from_at, to_at)
       select r.asset_id, r.from_at, r.to_at
       from jsonb_to_recordset(?::jsonb) as r(asset_id uuid, from_at timestamptz, to_at timestamptz)
       join asset a on a.id = r.asset_id`,
      [JSON.stringify(ranges.map((r) => ({ asset_id: r.assetId, from_at: iso(r.from), to_at: iso(r.to) })))],
    );
  }

  /** Marks the whole life of every asset of a model, up to now: a meter is new. */
  async markModel(em: EntityManager, modelId: string, now: Date): Promise<void> {
    await em.execute(
      `insert into usage_dirty (asset_id, from_at, to_at)
       select id, in_service_since, ?::timestamptz from asset where model_id = ? and in_service_since < ?`,
      [now, modelId, now],
    );
  }

  /** Marked assets, the longest waiting first. */
  async assets(em: EntityManager, limit: number, except: readonly string[]): Promise<string[]> {
    const rows = await em.execute<{ asset_id: string }[]>(
      `select asset_id from usage_dirty where asset_id <> all(?::uuid[]) group by asset_id order by min(id) limit ?`,
      [uuids(except), limit],
    );
    return rows.map((row) => row.asset_id);
  }

  /** Takes the asset's marks; those another transaction holds are left to it. */
  async take(em: EntityManager, assetId: string): Promise<Interval[]> {
    const rows = await em.execute<{ from_ms: string; to_ms: string }[]>(
      `delete from usage_dirty where id in (
         select id from usage_dirty where asset_id = ? order by id limit ? for update skip locked)
       returning ${ms('from_at')} as from_ms,
         ${ms('to_at')} as to_ms`,
      [assetId, MAX_MARKS],
    );
    return rows.map((row) => ({ from: Number(row.from_ms), to: Number(row.to_ms) }));
  }

  /** One recomputation of an asset's usage at a time; waits for the other, and is let go with the transaction. */
  async lock(em: EntityManager, assetId: string): Promise<void> {
    await em.execute(`select pg_advisory_xact_lock(hashtextextended(?, 0))`, [`usage ${assetId}`]);
  }

  /** As `lock`, but answers false instead of waiting. */
  async tryLock(em: EntityManager, assetId: string): Promise<boolean> {
    const [row] = await em.execute<{ locked: boolean }[]>(
      `select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as locked`,
      [`usage ${assetId}`],
    );
    return row?.locked === true;
  }
}
