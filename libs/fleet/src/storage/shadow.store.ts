import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { ShadowAuthor, ShadowChange } from '../domain/shadow/author.js';
import { isObject, type JsonObject, own } from '../domain/shadow/json.js';
import type { ShadowSection } from '../domain/shadow/merge.js';
import type { Shadow } from '../domain/shadow/shadow.js';
import { asDate, uuids } from './rows.js';

/** A row of a shadow, also of one that was deleted and only counts on. */
export interface ShadowRow {
  readonly deviceId: string;
  readonly name: string;
  /** Of the device. */
  readonly customerId: string | null;
  readonly shadow: Shadow;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

interface Key {
  readonly deviceId: string;
  readonly name: string;
}

interface Raw {
  device_id: string;
  name: string;
  customer_id: string | null;
  desired: JsonObject | null;
  reported: JsonObject | null;
  metadata: JsonObject;
  version: string;
  updated_at: string;
  deleted_at: string | null;
}

interface RawChange {
  id: string;
  version: string;
  desired: JsonObject | null;
  author_kind: ShadowAuthor['kind'];
  author_id: string;
  author_name: string;
  at: string;
}

/** Changes kept a shadow; older ones are forgotten. */
export const HISTORY_KEPT = 500;
const FORGET_BATCH = 100;

@Injectable()
export class ShadowStore {
  async find(em: EntityManager, { deviceId, name }: Key): Promise<ShadowRow | undefined> {
    const [row] = await em.execute<Raw[]>('select * from shadow where device_id = ? and name = ?', [deviceId, name]);
    return row && fromRaw(row);
  }

  /** Holds the shadow until the transaction ends: its updates take turns. */
  async lock(em: EntityManager, { deviceId, name }: Key): Promise<ShadowRow | undefined> {
    const [row] = await em.execute<Raw[]>('select * from shadow where device_id = ? and name = ? for update', [
      deviceId,
      name,
    ]);
    return row && fromRaw(row);
  }

  /** As `lock`, of many, in one order everywhere: two transactions do not wait for each other. */
  async lockAll(em: EntityManager, keys: readonly Key[]): Promise<ShadowRow[]> {
    const rows = await em.execute<Raw[]>(
      `select s.* from shadow s join jsonb_to_recordset(?::jsonb) as k("deviceId" uuid, name text)
         on s.device_id = k."deviceId" and s.name = k.name order by s.device_id, s.name for update of s`,
      [JSON.stringify(keys)],
    );
    return rows.map(fromRaw);
  }

  /** Makes the row that an update locks, as one that was deleted and has counted nothing. Of two at once one makes it. */
  async prepare(em: EntityManager, { deviceId, name }: Key, customerId: string | null, at: Date): Promise<void> {
    await em.execute(
      `insert into shadow (device_id, name, customer_id, metadata, version, updated_at, deleted_at)
       values (?, ?, ?, '{}', 0, ?, ?) on conflict do nothing`,
      [deviceId, name, customerId, at, at],
    );
  }

  async save(em: EntityManager, key: Key, shadow: Shadow, at: Date): Promise<void> {
    await this.saveAll(em, [{ ...key, shadow }], at);
  }

  async saveAll(em: EntityManager, shadows: readonly (Key & { shadow: Shadow })[], at: Date): Promise<void> {
    if (shadows.length === 0) return;
    const rows = shadows.map(({ deviceId, name, shadow: { desired, reported, version } }) => ({
      device_id: deviceId,
      name,
      version,
      desired: desired?.state,
      reported: reported?.state,
      metadata: {
        ...(desired ? { desired: desired.metadata } : {}),
        ...(reported ? { reported: reported.metadata } : {}),
      },
    }));
    await em.execute(
      `update shadow s set desired = r.desired, reported = r.reported, metadata = r.metadata, version = r.version, updated_at = ?,
         deleted_at = null
       from jsonb_to_recordset(?::jsonb)
         as r(device_id uuid, name text, desired jsonb, reported jsonb, metadata jsonb, version bigint)
       where s.device_id = r.device_id and s.name = r.name`,
      [at, JSON.stringify(rows)],
    );
  }

  /** Leaves the version, to go on from. */
  async remove(em: EntityManager, { deviceId, name }: Key, at: Date): Promise<void> {
    await em.execute(
      `update shadow set desired = null, reported = null, metadata = '{}', updated_at = ?, deleted_at = ?, indexed_version = -1
       where device_id = ? and name = ?`,
      [at, at, deviceId, name],
    );
  }

  /** Shadows whose present version the search index lacks, with their versions; oldest devices first. */
  async notIndexed(em: EntityManager, limit: number): Promise<{ deviceId: string; name: string; version: number }[]> {
    const rows = await em.execute<{ device_id: string; name: string; version: string }[]>(
      'select device_id, name, version from shadow where version <> indexed_version order by device_id limit ?',
      [limit],
    );
    return rows.map((row) => ({ deviceId: row.device_id, name: row.name, version: Number(row.version) }));
  }

  /** Marks the versions as indexed; a shadow that went on meanwhile stays to be indexed. */
  async indexed(
    em: EntityManager,
    versions: readonly { deviceId: string; name: string; version: number }[],
  ): Promise<void> {
    await this.lockAll(em, versions);
    await em.execute(
      `update shadow s set indexed_version = v.version from jsonb_to_recordset(?::jsonb) as v("deviceId" uuid, name text, version bigint)
       where s.device_id = v."deviceId" and s.name = v.name`,
      [JSON.stringify(versions)],
    );
  }

  /** Forgets what was deleted before `before`; what somebody holds is left for the next time. */
  async forgetDeleted(em: EntityManager, deviceId: string, before: Date): Promise<void> {
    await em.execute(
      `delete from shadow where device_id = ? and name in (
         select name from shadow where device_id = ? and deleted_at < ? limit ? for update skip locked)`,
      [deviceId, deviceId, before, FORGET_BATCH],
    );
  }

  /** Those that exist, by name, the classic one first: at most `first` a device, after a name. */
  async ofDevices(
    em: EntityManager,
    deviceIds: readonly string[],
    first: number,
    afterName?: string,
  ): Promise<ShadowRow[]> {
    const rows = await em.execute<Raw[]>(
      `select s.* from unnest(?::uuid[]) as d(id) cross join lateral (
         select * from shadow where device_id = d.id and deleted_at is null and (?::text is null or name > ? collate "C")
         order by name collate "C" limit ?) s`,
      [uuids(deviceIds), afterName ?? null, afterName ?? null, first],
    );
    return rows.map(fromRaw);
  }

  /** How many exist, of the devices that have any. */
  async counts(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await em.execute<{ device_id: string; n: number }[]>(
      `select device_id, count(*)::int as n from shadow where device_id = any(?::uuid[]) and deleted_at is null group by 1`,
      [uuids(deviceIds)],
    );
    return new Map(rows.map((row) => [row.device_id, row.n]));
  }

  /** Remembers a change of what is desired and forgets the oldest beyond those kept. */
  async record(em: EntityManager, row: Key & { customerId: string | null }, change: Omit<ShadowChange, 'id'>) {
    const { deviceId, name, customerId } = row;
    const { version, desired, author, at } = change;
    await em.execute(
      `insert into shadow_history (device_id, name, customer_id, version, desired, author_kind, author_id, author_name, at)
       values (?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?)`,
      [deviceId, name, customerId, version, text(desired), author.kind, author.id, author.name, at],
    );
    await em.execute(
      `delete from shadow_history where id in (
         select id from shadow_history where device_id = ? and name = ? order by id desc offset ? limit ?)`,
      [deviceId, name, HISTORY_KEPT, FORGET_BATCH],
    );
  }

  /** The author of a version's change that was recorded as another's. */
  async setAuthor(
    em: EntityManager,
    { deviceId, name }: Key,
    version: number,
    formerId: string,
    { kind, id, name: authorName }: ShadowAuthor,
  ): Promise<void> {
    await em.execute(
      `update shadow_history set author_kind = ?, author_id = ?, author_name = ?
       where device_id = ? and name = ? and version = ? and author_id = ?`,
      [kind, id, authorName, deviceId, name, version, formerId],
    );
  }

  /** Newest first, from before a change on. */
  async history(em: EntityManager, { deviceId, name }: Key, first: number, beforeId?: string) {
    const [count] = await em.execute<{ n: number }[]>(
      'select count(*)::int as n from shadow_history where device_id = ? and name = ?',
      [deviceId, name],
    );
    const rows = await em.execute<RawChange[]>(
      `select id, version, desired, author_kind, author_id, author_name, at from shadow_history
       where device_id = ? and name = ? ${beforeId === undefined ? '' : 'and id < ?'}
       order by id desc limit ?`,
      [deviceId, name, ...(beforeId === undefined ? [] : [beforeId]), first],
    );
    return { rows: rows.map(toChange), total: count?.n ?? 0 };
  }
}

const text = (value: JsonObject | null | undefined): string | null => (value ? JSON.stringify(value) : null);

const fromRaw = (row: Raw): ShadowRow => {
  const desired = section(row.desired, row.metadata, 'desired');
  const reported = section(row.reported, row.metadata, 'reported');
  return {
    deviceId: row.device_id,
    name: row.name,
    customerId: row.customer_id,
    shadow: { ...(desired ? { desired } : {}), ...(reported ? { reported } : {}), version: Number(row.version) },
    updatedAt: asDate(row.updated_at),
    deletedAt: row.deleted_at === null ? null : asDate(row.deleted_at),
  };
};

function section(state: JsonObject | null, times: JsonObject, name: string): ShadowSection | undefined {
  const metadata = own(times, name);
  return state === null ? undefined : { state, metadata: isObject(metadata) ? metadata : {} };
}

const toChange = (row: RawChange): ShadowChange => ({
  id: row.id,
  version: Number(row.version),
  desired: row.desired,
  author: { kind: row.author_kind, id: row.author_id, name: row.author_name },
  at: asDate(row.at),
});
