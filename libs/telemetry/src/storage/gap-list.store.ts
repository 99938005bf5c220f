import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';

/** A missing range of an asset. Times in ms; `after` and `before`: event times of the stored messages around it. */
export interface AssetGap {
  readonly thingName: string;
  readonly boot: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly after: number | null;
  readonly before: number;
  readonly state: 'missing' | 'lost';
  readonly reason: 'unanswered' | 'told' | null;
  readonly asked: number;
  readonly foundAt: number;
}

/** Missing ranges as people look at them. A range counts in the period of the stored message after it. */
@Injectable()
export class GapListStore {
  /** The newest `limit` of an asset. */
  async ofAsset(em: EntityManager, assetId: string, { from, to }: Interval, limit: number): Promise<AssetGap[]> {
    return em.execute<AssetGap[]>(
      `select d.thing_name as "thingName", r.boot, r.from_seq::float8 as "fromSeq", r.to_seq::float8 as "toSeq",
         (extract(epoch from r.after_at) * 1000)::float8 as after, (extract(epoch from r.before_at) * 1000)::float8 as before,
         r.state, r.reason, r.asked, (extract(epoch from r.found_at) * 1000)::float8 as "foundAt"
       from missing_range r join device d on d.id = r.device_id
       where r.asset_id = ? and r.before_at >= ? and r.before_at < ?
       order by r.before_at desc, r.device_id, r.boot desc, r.from_seq desc limit ?`,
      [assetId, new Date(from), new Date(to), limit],
    );
  }

  /** Numbers given up. */
  async lost(em: EntityManager, assetId: string, { from, to }: Interval): Promise<number> {
    const [row] = await em.execute<{ n: number | null }[]>(
      `select sum(to_seq - from_seq + 1)::float8 as n from missing_range
       where asset_id = ? and before_at >= ? and before_at < ? and state = 'lost'`,
      [assetId, new Date(from), new Date(to)],
    );
    return row?.n ?? 0;
  }
}
