import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { DeviceBulk } from '@throughline/schema/fleet';
import type { DeviceState } from '../domain/device-state.js';
import type { Tags } from '../domain/tags.js';
import { plain, uuids } from './rows.js';

export interface BulkItem {
  readonly n: number;
  readonly deviceId: string;
}

export interface BulkOutcome extends BulkItem {
  /** Why not; null when it is done. */
  readonly reason: string | null;
}

export interface BulkFailure {
  readonly deviceId: string;
  readonly thingName: string;
  readonly reason: string;
}

@Injectable()
export class DeviceBulkStore {
  async add(em: EntityManager, bulk: DeviceBulk, deviceIds: readonly string[]): Promise<void> {
    await em.insert(DeviceBulk, bulk);
    await em.execute(
      `insert into device_bulk_item (bulk_id, n, device_id)
       select ?, t.n - 1, t.id from unnest(?::uuid[]) with ordinality as t(id, n)`,
      [bulk.id, uuids(deviceIds)],
    );
  }

  async find(em: EntityManager, id: string): Promise<DeviceBulk | null> {
    return em.findOne(DeviceBulk, { id }, plain);
  }

  /** As `find`; whoever does a part of it waits for the part before. */
  async lock(em: EntityManager, id: string): Promise<DeviceBulk | null> {
    await em.execute('select 1 from device_bulk where id = ? for update', [id]);
    return this.find(em, id);
  }

  async open(em: EntityManager, id: string, limit: number): Promise<BulkItem[]> {
    return em.execute<BulkItem[]>(
      `select n, device_id as "deviceId" from device_bulk_item where bulk_id = ? and outcome is null order by n limit ?`,
      [id, limit],
    );
  }

  async setStates(em: EntityManager, states: readonly { id: string; state: DeviceState }[]): Promise<void> {
    await em.execute(
      'update device d set state = n.state from jsonb_to_recordset(?::jsonb) as n(id uuid, state text) where d.id = n.id',
      [JSON.stringify(states)],
    );
  }

  async setTags(em: EntityManager, tags: readonly { id: string; tags: Tags }[]): Promise<void> {
    await em.execute(
      'update device d set tags = n.tags from jsonb_to_recordset(?::jsonb) as n(id uuid, tags jsonb) where d.id = n.id',
      [JSON.stringify(tags)],
    );
  }

  async settle(em: EntityManager, id: string, outcomes: readonly BulkOutcome[]): Promise<void> {
    await em.execute(
      `update device_bulk_item i set outcome = case when o.reason is null then 'done' else 'failed' end, reason = o.reason
       from jsonb_to_recordset(?::jsonb) as o(n int, reason text) where i.bulk_id = ? and i.n = o.n`,
      [JSON.stringify(outcomes.map(({ n, reason }) => ({ n, reason: reason?.slice(0, 300) ?? null }))), id],
    );
    const failed = outcomes.filter(({ reason }) => reason !== null).length;
    await em.execute('update device_bulk set done = done + ?, failed = failed + ? where id = ?', [
      outcomes.length - failed,
      failed,
      id,
    ]);
  }

  async finish(em: EntityManager, id: string, at: Date): Promise<void> {
    await em.execute('update device_bulk set finished_at = ? where id = ? and finished_at is null', [at, id]);
  }

  /** In the order of the list. */
  async failures(em: EntityManager, id: string, limit: number): Promise<BulkFailure[]> {
    return em.execute<BulkFailure[]>(
      `select i.device_id as "deviceId", d.thing_name as "thingName", i.reason from device_bulk_item i
       join device d on d.id = i.device_id where i.bulk_id = ? and i.outcome = 'failed' order by i.n limit ?`,
      [id, limit],
    );
  }

  async deleteBefore(em: EntityManager, before: Date): Promise<void> {
    await em.execute(
      'delete from device_bulk_item where bulk_id in (select id from device_bulk where created_at < ? and finished_at is not null)',
      [before],
    );
    await em.execute('delete from device_bulk where created_at < ? and finished_at is not null', [before]);
  }
}
