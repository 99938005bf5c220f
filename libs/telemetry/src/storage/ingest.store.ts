import { Injectable } from '@nestjs/common';
import { type BulkConnection, copyIn } from '@throughline/platform';
import type { RefusalReason } from '../domain/refusal.js';
import { COPIED_COLUMNS } from './copy-rows.js';

export interface QuarantineRow {
  readonly id: string;
  readonly deviceId: string | null;
  readonly modelId: string | null;
  readonly customerId: string | null;
  readonly thingName: string;
  readonly topic: string;
  readonly receivedAt: number;
  readonly reason: RefusalReason;
  readonly rule: string;
  /** See `ruleKind`. */
  readonly ruleKind: string;
  readonly boot: number | null;
  readonly seq: number | null;
  readonly raw: Buffer;
  readonly bodyHash: string;
}

export interface EventRow {
  readonly id: string;
  readonly deviceId: string;
  readonly assetId: string | null;
  readonly customerId: string | null;
  readonly ts: number;
  readonly type: string;
  readonly code: string | null;
  /** JSON object in text. */
  readonly detail: string;
  readonly bodyHash: string;
}

export interface IdentityRow {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
}

export interface ProgressRow {
  readonly deviceId: string;
  readonly boot: number;
  readonly contiguous: number;
  readonly highest: number;
}

/** Prefix of a boot that is further than what a gateway has seen itself. */
export interface PassedPrefix {
  readonly deviceId: string;
  readonly boot: number;
  readonly contiguous: number;
}

/** A stretch of stored sequence numbers of a boot; `contiguous` is what was known of its prefix before. */
export interface StoredRange {
  readonly deviceId: string;
  readonly boot: number;
  readonly contiguous: number;
  readonly from: number;
  readonly to: number;
}

/** An event of the outbox, for a statement of its own. */
export interface OutboxEvent {
  readonly name: string;
  /** JSON. */
  readonly payload: string;
}

/** Known of a connection: whether rows may be copied straight into `message`. */
export interface PreparedConnection {
  readonly copiesMessages: boolean;
}

const AS_APP = "set local role throughline_app; select set_config('app.all', 'on', true)";

/**
 * The writes of ingest, on one connection that is kept: past the ORM, because a commit carries thousands of rows. New rows go
 * by COPY straight into their table, others by COPY into a temporary table of the connection and from there, where they meet
 * what is stored already. PostgreSQL refuses the former to those whom row-level security applies to: then all go the latter way.
 */
@Injectable()
export class IngestStore {
  /** Once a connection. */
  async prepare(connection: BulkConnection): Promise<PreparedConnection> {
    await connection.query(`set statement_timeout = '30s'; set idle_in_transaction_session_timeout = '30s';
      set synchronous_commit = on; set role throughline_app;
      create temporary table if not exists ingest_row (stored_at timestamptz, device_id uuid, boot int4, seq int8, ts timestamptz,
        asset_id uuid, customer_id uuid, schema_version int4, "values" float8[]) on commit delete rows;
      reset role`);
    const { rows } = await connection.query<{ active: boolean }>("select row_security_active('message') as active");
    return { copiesMessages: rows[0]?.active === false };
  }

  async begin(connection: BulkConnection): Promise<void> {
    await connection.query(`begin; ${AS_APP}`);
  }

  async commit(connection: BulkConnection): Promise<void> {
    await connection.query('commit');
  }

  async rollback(connection: BulkConnection): Promise<void> {
    await connection.query('rollback');
  }

  /** Begins a transaction with rows none of which is stored yet; fails with `unique_violation` when one is. */
  async beginWithNew(connection: BulkConnection, rows: Buffer): Promise<void> {
    await copyIn(connection, `begin; ${COPY_NEW}; ${AS_APP}`, rows);
  }

  /** A whole transaction of such rows and the event that tells of them, in one journey to the server. */
  async storeNew(connection: BulkConnection, rows: Buffer, event: OutboxEvent | undefined): Promise<void> {
    await copyIn(
      connection,
      `begin; ${COPY_NEW}; ${AS_APP}; ${event ? insertEvent(connection, event) : ''}; commit`,
      rows,
    );
  }

  /** How many of the rows were new. In the order of the key neighbours in its index come together, which saves a quarter of the time. */
  async insertMessages(connection: BulkConnection, rows: Buffer): Promise<number> {
    await copyIn(
      connection,
      `delete from ingest_row; copy ingest_row (${COPIED_COLUMNS}) from stdin (format binary)`,
      rows,
    );
    const { rowCount } = await connection.query({
      name: 'ingest-messages',
      text: `insert into message (${COPIED_COLUMNS}) select ${COPIED_COLUMNS} from ingest_row order by device_id, boot, seq, ctid
        on conflict (device_id, boot, seq) do nothing`,
    });
    return rowCount ?? 0;
  }

  /** Places of the copied rows whose identity is stored with another time or other values. A schema only ever grows at its end. */
  async conflicts(connection: BulkConnection): Promise<number[]> {
    const { rows } = await connection.query<{ n: number }>(`
      select r.n from (select *, (row_number() over (order by ctid) - 1)::int as n from ingest_row) r
        join message m using (device_id, boot, seq)
      where m.ts <> r.ts or case when m.schema_version = r.schema_version then m."values" <> r."values"
        else m."values"[1:least(cardinality(m."values"), cardinality(r."values"))]
          <> r."values"[1:least(cardinality(m."values"), cardinality(r."values"))] end
      order by r.n`);
    return rows.map((row) => row.n);
  }

  async insertQuarantined(connection: BulkConnection, rows: readonly QuarantineRow[]): Promise<void> {
    await connection.query(
      `insert into quarantined_message (id, device_id, customer_id, thing_name, topic, received_at, reason, rule, boot, seq, raw, body_hash, model_id, rule_kind)
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
         $8::text[], $9::int[], $10::bigint[], $11::bytea[], $12::text[], $13::uuid[], $14::text[])
       on conflict (thing_name, body_hash) do nothing`,
      [
        rows.map((r) => r.id),
        rows.map((r) => r.deviceId),
        rows.map((r) => r.customerId),
        rows.map((r) => r.thingName),
        rows.map((r) => storable(r.topic)),
        rows.map((r) => new Date(r.receivedAt)),
        rows.map((r) => r.reason),
        rows.map((r) => storable(r.rule)),
        rows.map((r) => r.boot),
        rows.map((r) => r.seq),
        rows.map((r) => r.raw),
        rows.map((r) => r.bodyHash),
        rows.map((r) => r.modelId),
        rows.map((r) => storable(r.ruleKind)),
      ],
    );
  }

  async insertEvents(connection: BulkConnection, rows: readonly EventRow[], storedAt: Date): Promise<void> {
    await connection.query(
      `insert into device_event (id, device_id, asset_id, customer_id, ts, stored_at, type, code, detail, body_hash)
       select id, device_id, asset_id, customer_id, ts, $1, type, code, detail, body_hash
       from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::text[], $8::text[], $9::jsonb[], $10::text[])
         as t (id, device_id, asset_id, customer_id, ts, type, code, detail, body_hash)
       on conflict (device_id, body_hash) do nothing`,
      [
        storedAt,
        rows.map((r) => r.id),
        rows.map((r) => r.deviceId),
        rows.map((r) => r.assetId),
        rows.map((r) => r.customerId),
        rows.map((r) => new Date(r.ts)),
        rows.map((r) => r.type),
        rows.map((r) => r.code),
        rows.map((r) => r.detail),
        rows.map((r) => r.bodyHash),
      ],
    );
  }

  /** An event of the outbox. Its row is what `Outbox` writes; here on a connection that is not the ORM's. */
  async publish(connection: BulkConnection, event: OutboxEvent): Promise<void> {
    await connection.query(insertEvent(connection, event));
  }

  /** Makes stored messages the newest reading of their devices, where they are. */
  async upsertLatest(connection: BulkConnection, rows: readonly IdentityRow[]): Promise<void> {
    await connection.query({
      name: 'ingest-latest',
      text: `insert into latest_reading as l (device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, "values")
        select m.device_id, m.asset_id, m.customer_id, m.boot, m.seq, m.ts, m.stored_at, m.schema_version, m."values"
        from unnest($1::uuid[], $2::int[], $3::bigint[]) as k (device_id, boot, seq) join message m using (device_id, boot, seq)
        on conflict (device_id) do update set asset_id = excluded.asset_id, customer_id = excluded.customer_id,
          boot = excluded.boot, seq = excluded.seq, ts = excluded.ts, stored_at = excluded.stored_at,
          schema_version = excluded.schema_version, "values" = excluded."values"
        where (excluded.ts, excluded.boot, excluded.seq) > (l.ts, l.boot, l.seq)`,
      values: [rows.map((r) => r.deviceId), rows.map((r) => r.boot), rows.map((r) => r.seq)],
    });
  }

  /** The prefix never goes back. Gives those boots that are further than `rows` says: lost numbers were passed. */
  async upsertProgress(connection: BulkConnection, rows: readonly ProgressRow[], at: Date): Promise<PassedPrefix[]> {
    const { rows: written } = await connection.query<{ device_id: string; boot: number; contiguous_seq: string }>({
      name: 'ingest-progress',
      text: `insert into boot_progress as p (device_id, boot, contiguous_seq, highest_seq, updated_at)
        select *, $1::timestamptz from unnest($2::uuid[], $3::int[], $4::bigint[], $5::bigint[])
        on conflict (device_id, boot) do update set contiguous_seq = greatest(p.contiguous_seq, excluded.contiguous_seq),
          highest_seq = greatest(p.highest_seq, excluded.highest_seq), updated_at = excluded.updated_at
        returning device_id, boot, contiguous_seq`,
      values: [
        at,
        rows.map((r) => r.deviceId),
        rows.map((r) => r.boot),
        rows.map((r) => r.contiguous),
        rows.map((r) => r.highest),
      ],
    });
    const ours = new Map(rows.map((r) => [`${r.deviceId} ${r.boot}`, r.contiguous]));
    return written
      .map((row) => ({ deviceId: row.device_id, boot: row.boot, contiguous: Number(row.contiguous_seq) }))
      .filter((row) => row.contiguous > (ours.get(`${row.deviceId} ${row.boot}`) ?? 0));
  }

  /** What is stored of boots above the prefix known of them, as ranges; at least one row a boot. */
  async storedRanges(
    connection: BulkConnection,
    boots: readonly { deviceId: string; boot: number }[],
  ): Promise<StoredRange[]> {
    const { rows } = await connection.query<
      Record<'device_id' | 'contiguous' | 'lo' | 'hi', string> & { boot: number }
    >({
      name: 'ingest-ranges',
      text: `with k as (
          select k.device_id, k.boot, coalesce(p.contiguous_seq, 0) as contiguous
          from unnest($1::uuid[], $2::int[]) as k (device_id, boot) left join boot_progress p using (device_id, boot)),
        numbered as (
          select k.device_id, k.boot, m.seq, m.seq - row_number() over (partition by k.device_id, k.boot order by m.seq) as island
          from k join message m on m.device_id = k.device_id and m.boot = k.boot and m.seq > k.contiguous)
        select k.device_id, k.boot, k.contiguous, coalesce(min(n.seq), k.contiguous) as lo, coalesce(max(n.seq), k.contiguous) as hi
        from k left join numbered n using (device_id, boot)
        group by k.device_id, k.boot, k.contiguous, n.island order by k.device_id, k.boot, lo`,
      values: [boots.map((b) => b.deviceId), boots.map((b) => b.boot)],
    });
    return rows.map((row) => ({
      deviceId: row.device_id,
      boot: row.boot,
      contiguous: Number(row.contiguous),
      from: Number(row.lo),
      to: Number(row.hi),
    }));
  }

  /**
   * Latest readings are written up to a quarter second after their message. After a crash this catches up: each device's
   * highest identity is looked at again.
   */
  async healLatest(connection: BulkConnection): Promise<void> {
    await connection.query(`insert into latest_reading as l (device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, "values")
      select m.* from device d cross join lateral (
        select device_id, asset_id, customer_id, boot, seq, ts, stored_at, schema_version, "values" from message
        where device_id = d.id order by boot desc, seq desc limit 1) m
      on conflict (device_id) do update set asset_id = excluded.asset_id, customer_id = excluded.customer_id,
        boot = excluded.boot, seq = excluded.seq, ts = excluded.ts, stored_at = excluded.stored_at,
        schema_version = excluded.schema_version, "values" = excluded."values"
      where (excluded.ts, excluded.boot, excluded.seq) > (l.ts, l.boot, l.seq)`);
  }
}

const COPY_NEW = `copy message (${COPIED_COLUMNS}) from stdin (format binary)`;

const insertEvent = (connection: BulkConnection, { name, payload }: OutboxEvent): string =>
  `insert into outbox (kind, name, payload) values ('event', ${connection.escapeLiteral(name)}, ${connection.escapeLiteral(payload)})`;

/** PostgreSQL's text has no NUL. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD');
