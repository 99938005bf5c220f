import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { BootGaps, Gap } from '../domain/boot-gaps.js';
import { type NumberRange, rangesOf } from '../domain/number-ranges.js';

/** Messages read at once; what lies above is read next time. */
const MAX_READ = 100_000;
/** Clocks of gateways and worker may differ by so much, and a prefix is written so much after its messages. */
const SLACK_MS = 10_000;

export interface BootKey {
  readonly deviceId: string;
  readonly boot: number;
}

/** What a missing range has lived through; a piece of it has the same. Times in ms. */
export interface GapHistory {
  readonly reason: 'unanswered' | 'told' | null;
  readonly foundAt: number;
  readonly asked: number;
  readonly firstAskedAt: number | null;
  readonly askAt: number | null;
  readonly lostAt: number | null;
}

export interface StoredBoot extends BootGaps<GapHistory> {
  readonly thingName: string;
  readonly highest: number;
}

export interface StoredNumbers {
  readonly ranges: readonly NumberRange[];
  /** Up to here every stored number was read. */
  readonly readTo: number;
}

interface GapRow {
  from_seq: string;
  to_seq: string;
  state: Gap['state'];
  reason: GapHistory['reason'];
  found_at: number;
  asked: number;
  first_asked_at: number | null;
  ask_at: number | null;
  lost_at: number | null;
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8 as ${column}`;

/** Missing ranges of boots, beside how far each boot is stored. */
@Injectable()
export class GapStore {
  /** Boots of which something came since they were looked at and that have, or may have, numbers missing. */
  async toLookAt(em: EntityManager, limit: number): Promise<BootKey[]> {
    const rows = await em.execute<{ device_id: string; boot: number }[]>(
      `select device_id, boot from boot_progress p where boot > 0
         and (looked_at is null or updated_at > looked_at - make_interval(secs => ?))
         and (contiguous_seq < highest_seq or exists (
           select 1 from missing_range r where r.device_id = p.device_id and r.boot = p.boot))
       order by looked_at nulls first limit ?`,
      [SLACK_MS / 1000, limit],
    );
    return rows.map((row) => ({ deviceId: row.device_id, boot: row.boot }));
  }

  /** One writer of a boot's gaps at a time; waits for the one before. */
  async lock(em: EntityManager, { deviceId, boot }: BootKey): Promise<void> {
    await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`telemetry.gaps ${deviceId} ${boot}`]);
  }

  async load(em: EntityManager, { deviceId, boot }: BootKey): Promise<StoredBoot | undefined> {
    const [progress] = await em.execute<{ thing_name: string; contiguous: number; highest: number; checked: number }[]>(
      `select d.thing_name, coalesce(contiguous_seq, 0)::float8 as contiguous, coalesce(highest_seq, 0)::float8 as highest,
         coalesce(checked_seq, 0)::float8 as checked
       from device d left join boot_progress p on p.device_id = d.id and p.boot = ? where d.id = ?`,
      [boot, deviceId],
    );
    if (!progress) return undefined;
    const rows = await em.execute<GapRow[]>(
      `select from_seq, to_seq, state, reason, asked, ${['found_at', 'first_asked_at', 'ask_at', 'lost_at'].map(ms).join(', ')}
       from missing_range where device_id = ? and boot = ? order by from_seq`,
      [deviceId, boot],
    );
    const { thing_name: thingName, ...rest } = progress;
    return { thingName, ...rest, gaps: rows.map(gapOf) };
  }

  /** Stored numbers within ranges that do not overlap. */
  async storedIn(em: EntityManager, key: BootKey, ranges: readonly NumberRange[]): Promise<StoredNumbers> {
    if (ranges.length === 0) return { ranges: [], readTo: Number.MAX_SAFE_INTEGER };
    const rows = await em.execute<{ seq: string }[]>(
      `select m.seq from unnest(?::bigint[], ?::bigint[]) as w (low, high)
         join message m on m.device_id = ? and m.boot = ? and m.seq between w.low and w.high
       order by m.seq limit ?`,
      [numbers(ranges.map(([from]) => from)), numbers(ranges.map(([, to]) => to)), key.deviceId, key.boot, MAX_READ],
    );
    const seqs = rows.map((row) => Number(row.seq));
    const readTo = seqs.length < MAX_READ ? Number.MAX_SAFE_INTEGER : (seqs.at(-1) ?? 0);
    return { ranges: rangesOf(seqs), readTo };
  }

  /** Makes the rows of a boot what `after` says. New gaps have the history `fresh`. */
  async save(
    em: EntityManager,
    key: BootKey,
    before: StoredBoot,
    after: BootGaps<GapHistory>,
    fresh: GapHistory,
    lookedAt: Date,
  ): Promise<void> {
    const same = new Set(after.gaps.map(keyOf));
    const known = new Set(before.gaps.map(keyOf));
    const gone = before.gaps.filter((gap) => !same.has(keyOf(gap)));
    const added = after.gaps.filter((gap) => !known.has(keyOf(gap)));
    if (gone.length > 0)
      await em.execute('delete from missing_range where device_id = ? and boot = ? and from_seq = any(?::bigint[])', [
        key.deviceId,
        key.boot,
        numbers(gone.map((gap) => gap.from)),
      ]);
    for (const gap of added) await this.add(em, key, gap, gap.history ?? fresh);
    if (gone.length + added.length > 0 || after.gaps.length > 0) await this.place(em, key);
    // The prefix may have gone on meanwhile, by what a gateway stored.
    await em.execute(
      `update boot_progress set contiguous_seq = greatest(contiguous_seq, ?), checked_seq = greatest(checked_seq, ?),
         looked_at = ? where device_id = ? and boot = ?`,
      [after.contiguous, after.checked, lookedAt, key.deviceId, key.boot],
    );
  }

  private async add(em: EntityManager, key: BootKey, gap: Gap<GapHistory>, history: GapHistory): Promise<void> {
    await em.execute(
      `insert into missing_range (device_id, boot, from_seq, to_seq, state, reason, found_at, asked, first_asked_at, ask_at, lost_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[key.deviceId, key.boot, gap.from, gap.to, gap.state, history.reason],
        ...[
          date(history.foundAt),
          history.asked,
          date(history.firstAskedAt),
          date(history.askAt),
          date(history.lostAt),
        ],
      ],
    );
  }

  /** Between which messages, and for which asset, each gap of a boot lies. */
  private async place(em: EntityManager, { deviceId, boot }: BootKey): Promise<void> {
    await em.execute(`${placed} where k.device_id = ? and k.boot = ? ${ifMoved}`, [deviceId, boot]);
  }
}

const placed = `update missing_range r set after_at = k.after_at, before_at = k.before_at, asset_id = k.asset_id, customer_id = k.customer_id
  from (select k.device_id, k.boot, k.from_seq, before.ts as after_at, next.ts as before_at, next.asset_id, next.customer_id
    from missing_range k
    left join lateral (select ts from message m where m.device_id = k.device_id and m.boot = k.boot and m.seq < k.from_seq
      order by m.seq desc limit 1) before on true
    left join lateral (select ts, asset_id, customer_id from message m where m.device_id = k.device_id and m.boot = k.boot
      and m.seq > k.to_seq order by m.seq limit 1) next on true) k`;
const ifMoved = `and r.device_id = k.device_id and r.boot = k.boot and r.from_seq = k.from_seq
  and (r.after_at, r.before_at, r.asset_id, r.customer_id) is distinct from (k.after_at, k.before_at, k.asset_id, k.customer_id)`;

/** Sets right where the gaps of a device lie, after its messages were given to others. */
export const placeGaps = async (em: EntityManager, deviceId: string): Promise<void> => {
  await em.execute(`${placed} where k.device_id = ? ${ifMoved}`, [deviceId]);
};

const gapOf = (row: GapRow): Gap<GapHistory> => ({
  from: Number(row.from_seq),
  to: Number(row.to_seq),
  state: row.state,
  history: {
    reason: row.reason,
    foundAt: row.found_at,
    asked: row.asked,
    firstAskedAt: row.first_asked_at,
    askAt: row.ask_at,
    lostAt: row.lost_at,
  },
});

const keyOf = (gap: Gap): string => `${gap.from} ${gap.to} ${gap.state}`;
const date = (at: number | null): Date | null => (at === null ? null : new Date(at));
/** An array parameter as PostgreSQL's text of an array: the ORM would spread an array into a list. */
const numbers = (list: readonly number[]): string => `{${list.join(',')}}`;
