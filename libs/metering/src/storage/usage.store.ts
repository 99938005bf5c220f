import { Injectable } from '@nestjs/common';
import { type Interval, Quantity } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { EvidencedWindow, Quality, WindowEvidence } from '../domain/window.js';
import { currentAt, currentAtValues, iso, ms, uuids } from './rows.js';

/** Windows of assets whose hour begins in the interval; of all meters, or of those named. */
export interface UsageQuery {
  readonly assetIds: readonly string[];
  readonly interval: Interval;
  /** Names; a name may stand for meters of several models. */
  readonly meters?: readonly string[];
  /** The versions that were current at this stored time; without it, today's. */
  readonly storedBefore?: Date;
}

/** Place of a window in the order (asset, meter, hour). */
export interface WindowKey {
  readonly assetId: string;
  readonly meter: string;
  readonly hour: number;
}

export interface UsageSum {
  readonly assetId: string;
  readonly meterId: string;
  readonly quantity: Quantity;
  readonly windows: number;
  readonly estimated: number;
  readonly edited: number;
  readonly messages: number;
}

interface WindowRow {
  asset_id: string;
  name: string;
  unit: string;
  hour_ms: string;
  version: number;
  quantity: string;
  quality: Quality;
  evidence: WindowEvidence;
}

/** Reads windows for rating, statements and pages. */
@Injectable()
export class UsageStore {
  /** Ordered by asset, meter, hour; at most `limit`, after a key, when given. */
  async windows(
    em: EntityManager,
    query: UsageQuery,
    page?: { after?: WindowKey; limit: number },
  ): Promise<EvidencedWindow[]> {
    const { sql, values } = matching(query);
    const after = page?.after;
    const rows = await em.execute<WindowRow[]>(
      `select w.asset_id, m.name, m.unit, ${ms('w.hour')} as hour_ms, w.version, trim_scale(w.quantity)::text as quantity,
         w.quality, w.evidence
       from usage_window w join meter m on m.id = w.meter_id where ${sql}
       ${after ? 'and (w.asset_id, m.name, w.hour) > (?::uuid, ?, ?::timestamptz)' : ''}
       order by w.asset_id, m.name, w.hour ${page ? 'limit ?' : ''}`,
      [...values, ...(after ? [after.assetId, after.meter, iso(after.hour)] : []), ...(page ? [page.limit] : [])],
    );
    return rows.map((row) => ({
      assetId: row.asset_id,
      meter: row.name,
      hour: Number(row.hour_ms),
      version: row.version,
      quantity: Quantity.of(row.quantity, row.unit),
      quality: row.quality,
      messages: row.evidence.messages,
      evidence: row.evidence,
    }));
  }

  /** Whether a version of a window was stored or superseded at or after an instant. */
  async changedSince(
    em: EntityManager,
    { assetIds, interval }: Pick<UsageQuery, 'assetIds' | 'interval'>,
    since: Date,
  ): Promise<boolean> {
    const [row] = await em.execute<{ changed: boolean }[]>(
      `select exists (select 1 from usage_window where asset_id = any(?::uuid[]) and hour >= ? and hour < ?
         and (stored_at >= ? or superseded_at >= ?)) as changed`,
      [uuids(assetIds), iso(interval.from), iso(interval.to), since.toISOString(), since.toISOString()],
    );
    return row?.changed ?? false;
  }

  /** Sums by asset and meter, added up by the database. */
  async sums(em: EntityManager, query: UsageQuery): Promise<UsageSum[]> {
    const { sql, values } = matching(query);
    const rows = await em.execute<
      {
        asset_id: string;
        meter_id: string;
        unit: string;
        quantity: string;
        windows: number;
        estimated: number;
        edited: number;
        messages: number;
      }[]
    >(
      `select w.asset_id, w.meter_id, m.unit, trim_scale(sum(w.quantity))::text as quantity, count(*)::int as windows,
         count(*) filter (where w.quality = 'estimated')::int as estimated,
         count(*) filter (where w.quality = 'edited')::int as edited,
         sum((w.evidence->>'messages')::int)::int as messages
       from usage_window w join meter m on m.id = w.meter_id where ${sql}
       group by w.asset_id, w.meter_id, m.unit, m.name order by w.asset_id, m.name`,
      values,
    );
    return rows.map((row) => ({
      assetId: row.asset_id,
      meterId: row.meter_id,
      quantity: Quantity.of(row.quantity, row.unit),
      windows: row.windows,
      estimated: row.estimated,
      edited: row.edited,
      messages: row.messages,
    }));
  }
}

function matching({ assetIds, interval, meters, storedBefore }: UsageQuery): { sql: string; values: unknown[] } {
  return {
    sql: `w.asset_id = any(?::uuid[]) and w.hour >= ? and w.hour < ? and ${currentAt(storedBefore)}
      ${meters ? 'and m.name in (select jsonb_array_elements_text(?::jsonb))' : ''}`,
    values: [
      uuids(assetIds),
      iso(interval.from),
      iso(interval.to),
      ...currentAtValues(storedBefore),
      ...(meters ? [JSON.stringify(meters)] : []),
    ],
  };
}
