import { Injectable } from '@nestjs/common';
import { Decimal, type Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { EvidenceReading, WindowEvidence } from '../domain/window.js';
import type { CurrentWindow, WindowChange } from '../domain/window-change.js';
import { iso, ms } from './rows.js';

interface WindowRow {
  hour_ms: string;
  version: number;
  quantity: string;
  evidence: WindowEvidence;
}

/** The windows of one asset and meter, as recomputing reads and writes them. */
@Injectable()
export class WindowStore {
  /** Current windows of hours in [from, to), by hour. */
  async current(em: EntityManager, assetId: string, meterId: string, { from, to }: Interval): Promise<CurrentWindow[]> {
    const rows = await em.execute<WindowRow[]>(
      `select ${ms('hour')} as hour_ms, version, quantity::text as quantity, evidence from usage_window
       where asset_id = ? and meter_id = ? and superseded_at is null and hour >= ? and hour < ? order by hour`,
      [assetId, meterId, iso(from), iso(to)],
    );
    return rows.map(toWindow);
  }

  /** The first current window of an hour not before `hour`. */
  async firstFrom(
    em: EntityManager,
    assetId: string,
    meterId: string,
    hour: number,
  ): Promise<CurrentWindow | undefined> {
    const rows = await em.execute<WindowRow[]>(
      `select ${ms('hour')} as hour_ms, version, quantity::text as quantity, evidence from usage_window
       where asset_id = ? and meter_id = ? and superseded_at is null and hour >= ? order by hour limit 1`,
      [assetId, meterId, iso(hour)],
    );
    return rows.map(toWindow)[0];
  }

  /** The last reading that counted before `hour`: what the next one is measured from. */
  async lastReading(
    em: EntityManager,
    assetId: string,
    meterId: string,
    hour: number,
  ): Promise<EvidenceReading | undefined> {
    const [row] = await em.execute<{ evidence: WindowEvidence }[]>(
      `select evidence from usage_window where asset_id = ? and meter_id = ? and superseded_at is null and hour < ?
       order by hour desc limit 1`,
      [assetId, meterId, iso(hour)],
    );
    return row?.evidence.to;
  }

  /** Hour → highest version ever stored. */
  async lastVersions(
    em: EntityManager,
    assetId: string,
    meterId: string,
    { from, to }: Interval,
  ): Promise<Map<number, number>> {
    const rows = await em.execute<{ hour_ms: string; version: number }[]>(
      `select ${ms('hour')} as hour_ms, max(version) as version from usage_window
       where asset_id = ? and meter_id = ? and hour >= ? and hour < ? group by hour`,
      [assetId, meterId, iso(from), iso(to)],
    );
    return new Map(rows.map((row) => [Number(row.hour_ms), row.version]));
  }

  async apply(
    em: EntityManager,
    asset: { id: string; customerId: string },
    meterId: string,
    { superseded, replaced, added }: WindowChange,
    now: Date,
  ): Promise<void> {
    if (superseded.length > 0)
      await em.execute(
        `update usage_window w set superseded_at = ?
         from jsonb_to_recordset(?::jsonb) as c(hour timestamptz, version int)
         where w.asset_id = ? and w.meter_id = ? and w.hour = c.hour and w.version = c.version`,
        [now.toISOString(), JSON.stringify(superseded.map(asJson)), asset.id, meterId],
      );
    if (replaced.length > 0)
      await em.execute(
        `update usage_window w set quantity = c.quantity, evidence = c.evidence, stored_at = ?
         from jsonb_to_recordset(?::jsonb) as c(hour timestamptz, version int, quantity numeric, evidence jsonb)
         where w.asset_id = ? and w.meter_id = ? and w.hour = c.hour and w.version = c.version`,
        [now.toISOString(), JSON.stringify(replaced.map(asJson)), asset.id, meterId],
      );
    if (added.length > 0)
      await em.execute(
        `insert into usage_window (asset_id, meter_id, customer_id, hour, version, quantity, quality, evidence, stored_at)
         select ?, ?, ?, c.hour, c.version, c.quantity, 'measured', c.evidence, ?
         from jsonb_to_recordset(?::jsonb) as c(hour timestamptz, version int, quantity numeric, evidence jsonb)`,
        [asset.id, meterId, asset.customerId, now.toISOString(), JSON.stringify(added.map(asJson))],
      );
  }
}

const asJson = ({ hour, version, quantity, evidence }: CurrentWindow): Record<string, unknown> => ({
  hour: iso(hour),
  version,
  quantity: quantity.toFixed(),
  evidence,
});

const toWindow = (row: WindowRow): CurrentWindow => ({
  hour: Number(row.hour_ms),
  version: row.version,
  quantity: new Decimal(row.quantity),
  evidence: row.evidence,
});
