import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { placeGaps } from './gap.store.js';

export interface MovedRange {
  readonly assetId: string;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
}

/** The owner that a message of `m` has by its device's installations. */
const owners = `left join installation i on i.device_id = m.device_id and m.ts >= i.from_at and (i.to_at is null or m.ts < i.to_at)`;

@Injectable()
export class AttributionStore {
  /** Moves messages of the device since `from` (ms) to the asset they belong to; returns what each asset lost or won. */
  async correct(em: EntityManager, deviceId: string, from: number): Promise<MovedRange[]> {
    const since = new Date(from).toISOString();
    const rows = await em.execute<{ asset_id: string; first: number; last: number; n: number }[]>(
      `with wrong as (
         select m.device_id, m.boot, m.seq, m.ts, m.asset_id as old_asset, i.asset_id, i.customer_id from message m ${owners}
         where m.device_id = ? and m.ts >= ?
           and (m.asset_id is distinct from i.asset_id or m.customer_id is distinct from i.customer_id)),
       moved as (
         update message m set asset_id = w.asset_id, customer_id = w.customer_id from wrong w
         where m.device_id = w.device_id and m.boot = w.boot and m.seq = w.seq
         returning w.ts, w.old_asset, w.asset_id as new_asset)
       select asset_id, (extract(epoch from min(ts)) * 1000)::float8 as first, (extract(epoch from max(ts)) * 1000)::float8 as last,
         count(*)::int as n
       from (select old_asset as asset_id, ts from moved union all select new_asset, ts from moved) x
       where asset_id is not null group by asset_id`,
      [deviceId, since],
    );
    await em.execute(
      `update latest_reading m set asset_id = i.asset_id, customer_id = i.customer_id
       from latest_reading l left join installation i on i.device_id = l.device_id and l.ts >= i.from_at and (i.to_at is null or l.ts < i.to_at)
       where m.device_id = l.device_id and l.device_id = ?
         and (l.asset_id is distinct from i.asset_id or l.customer_id is distinct from i.customer_id)`,
      [deviceId],
    );
    await em.execute(
      `update device_event e set asset_id = w.asset_id, customer_id = w.customer_id
       from (select m.id, i.asset_id, i.customer_id from device_event m ${owners} where m.device_id = ? and m.ts >= ?) w
       where e.id = w.id and (e.asset_id is distinct from w.asset_id or e.customer_id is distinct from w.customer_id)`,
      [deviceId, since],
    );
    await placeGaps(em, deviceId);
    return rows.map((row) => ({ assetId: row.asset_id, from: row.first, to: row.last, messages: row.n }));
  }
}
