import { Injectable } from '@nestjs/common';
import { HOUR_MS, type Interval, newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { Category, Evidence, TimelineInterval } from '../domain/category.js';
import type { StoredEntry, TimelineChange } from '../domain/timeline-change.js';
import { iso, uuids } from './rows.js';

interface EntryRow {
  id: string;
  asset_id: string;
  from_ms: string;
  to_ms: string;
  category: Category;
  fraction: string | null;
  source: string;
  detail: string;
  evidence: Evidence;
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint::text`;
const columns = `id, asset_id, ${ms('from_at')} as from_ms, ${ms('to_at')} as to_ms, category,
  trim_scale(fraction)::text as fraction, source, detail, evidence`;

/** The belief at a stored time; without one, today's. */
const believed = (asOf: Date | undefined): string =>
  asOf ? 'recorded_at <= ? and (superseded_at is null or superseded_at > ?)' : 'superseded_at is null';

const asOfValues = (asOf: Date | undefined): string[] => (asOf ? [asOf.toISOString(), asOf.toISOString()] : []);

/** Stored entries never cross a UTC hour, so an entry that touches a range begins at most an hour before it. */
const touching = 'from_at >= ? and from_at < ? and to_at > ?';
const touchingValues = ({ from, to }: Interval): string[] => [iso(from - HOUR_MS), iso(to), iso(from)];

/** What we believe of assets' time. Only time that messages reach has entries; the rest is of unknown category. */
@Injectable()
export class TimelineStore {
  /** Entries that touch the range, unclipped, by asset and start; at most `limit`, when given. */
  async entries(
    em: EntityManager,
    assetIds: readonly string[],
    range: Interval,
    asOf?: Date,
    limit?: number,
  ): Promise<StoredEntry[]> {
    const rows = await em.execute<EntryRow[]>(
      `select ${columns} from timeline_entry
       where asset_id = any(?::uuid[]) and ${touching} and ${believed(asOf)} order by asset_id, from_at ${limit ? 'limit ?' : ''}`,
      [uuids(assetIds), ...touchingValues(range), ...asOfValues(asOf), ...(limit ? [limit] : [])],
    );
    return rows.map(toEntry);
  }

  /** Asset, category, fraction → milliseconds within the range; added up by the database, for long lists. */
  async categoryTimes(
    em: EntityManager,
    assetIds: readonly string[],
    range: Interval,
    asOf?: Date,
  ): Promise<{ assetId: string; category: Category; ms: number }[]> {
    const rows = await em.execute<{ asset_id: string; category: Category; ms: string }[]>(
      `select asset_id, category,
         (sum(extract(epoch from least(to_at, ?::timestamptz) - greatest(from_at, ?::timestamptz))) * 1000)::bigint::text as ms
       from timeline_entry where asset_id = any(?::uuid[]) and ${touching} and ${believed(asOf)} group by 1, 2`,
      [iso(range.to), iso(range.from), uuids(assetIds), ...touchingValues(range), ...asOfValues(asOf)],
    );
    return rows.map((row) => ({ assetId: row.asset_id, category: row.category, ms: Number(row.ms) }));
  }

  /**
   * For each asset the newest entry that begins at or before an instant, with the start of the unbroken run of entries of
   * its kind, looked for through its last `RUN` entries.
   */
  async newest(
    em: EntityManager,
    assetIds: readonly string[],
    at: number,
  ): Promise<(StoredEntry & { since: number })[]> {
    const rows = await em.execute<(EntryRow & { since_ms: string })[]>(
      `select l.*, l.since_ms from unnest(?::uuid[]) as a(id) cross join lateral (
         select r.*, ${ms(`(select max(s.from_at) from (
             select from_at, from_at is distinct from lag(to_at) over w or category is distinct from lag(category) over w
               or detail is distinct from lag(detail) over w as starts
             from (select from_at, to_at, category, detail from timeline_entry
               where asset_id = a.id and superseded_at is null and from_at <= ? order by from_at desc limit ${RUN}) n
             window w as (order by from_at)) s where s.starts)`)} as since_ms
         from (select ${columns} from timeline_entry
           where asset_id = a.id and superseded_at is null and from_at <= ? order by from_at desc limit 1) r) l`,
      [uuids(assetIds), iso(at), iso(at)],
    );
    return rows.map((row) => ({ ...toEntry(row), since: Number(row.since_ms) }));
  }

  /** Whether an entry of the range was recorded or superseded at or after an instant. */
  async changedSince(em: EntityManager, assetIds: readonly string[], range: Interval, since: Date): Promise<boolean> {
    const [row] = await em.execute<{ changed: boolean }[]>(
      `select exists (select 1 from timeline_entry where asset_id = any(?::uuid[]) and ${touching}
         and (recorded_at >= ? or superseded_at >= ?)) as changed`,
      [uuids(assetIds), ...touchingValues(range), since.toISOString(), since.toISOString()],
    );
    return row?.changed ?? false;
  }

  /** Assets whose last known state ran out within the range: nothing was heard from them since. */
  async fellSilent(em: EntityManager, { from, to }: Interval): Promise<string[]> {
    const rows = await em.execute<{ asset_id: string }[]>(
      `select distinct asset_id from timeline_entry e where superseded_at is null and to_at >= ? and to_at < ?
       and not exists (select 1 from timeline_entry n where n.asset_id = e.asset_id and n.superseded_at is null and n.from_at >= e.to_at)`,
      [iso(from), iso(to)],
    );
    return rows.map((row) => row.asset_id);
  }

  async apply(
    em: EntityManager,
    asset: { id: string; customerId: string },
    { superseded, added, grown }: TimelineChange,
    now: Date,
  ): Promise<void> {
    if (superseded.length > 0)
      await em.execute('update timeline_entry set superseded_at = ? where id = any(?::uuid[])', [
        now.toISOString(),
        uuids(superseded.map((entry) => entry.id)),
      ]);
    if (grown.length > 0)
      await em.execute(
        `update timeline_entry e set to_at = g.to_at, evidence = g.evidence
         from jsonb_to_recordset(?::jsonb) as g(id uuid, to_at timestamptz, evidence jsonb) where e.id = g.id`,
        [JSON.stringify(grown.map((entry) => ({ id: entry.id, to_at: iso(entry.to), evidence: entry.evidence })))],
      );
    if (added.length > 0)
      await em.execute(
        `insert into timeline_entry
           (id, asset_id, customer_id, from_at, to_at, category, fraction, source, detail, evidence, recorded_at)
         select id, ?, ?, from_at, to_at, category, fraction, source, detail, evidence, ?
         from jsonb_to_recordset(?::jsonb) as n(id uuid, from_at timestamptz, to_at timestamptz, category text,
           fraction numeric, source text, detail text, evidence jsonb)`,
        [asset.id, asset.customerId, now.toISOString(), JSON.stringify(added.map(asJson))],
      );
  }
}

/** A week of hours at least, when nothing changes. */
const RUN = 200;

const asJson = (entry: TimelineInterval): Record<string, unknown> => ({
  id: newId(),
  from_at: iso(entry.from),
  to_at: iso(entry.to),
  category: entry.category,
  fraction: entry.fraction ?? null,
  source: entry.source,
  detail: entry.detail,
  evidence: entry.evidence,
});

const toEntry = (row: EntryRow): StoredEntry => ({
  id: row.id,
  assetId: row.asset_id,
  from: Number(row.from_ms),
  to: Number(row.to_ms),
  category: row.category,
  ...(row.fraction === null ? {} : { fraction: row.fraction }),
  source: row.source,
  detail: row.detail,
  evidence: row.evidence,
});
