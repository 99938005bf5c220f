import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { Device as DeviceRow } from '@throughline/schema/fleet';
import type { DeviceState } from '../domain/device-state.js';
import type { Device } from '../domain/registry.js';
import { containing, type PageOf } from './page.js';
import { asDate, plain, uuids } from './rows.js';

/** Which devices; fields that are missing do not narrow the list. `search` looks into the thing name. */
export interface DeviceFilter {
  readonly search?: string | undefined;
  readonly connected?: boolean | undefined;
  readonly modelId?: string | undefined;
}

interface Raw {
  id: string;
  thing_name: string;
  model_id: string;
  customer_id: string | null;
  state: DeviceState;
  created_at: string;
  last_seen_at: string | null;
  tags: Record<string, string>;
  firmware_version: string | null;
}

@Injectable()
export class DeviceStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Device[]> {
    return (await em.find(DeviceRow, { id: { $in: ids.filter(isId) } }, plain)).map(toDevice);
  }

  async byThingName(em: EntityManager, thingName: string): Promise<Device | undefined> {
    const row = await em.findOne(DeviceRow, { thingName }, plain);
    return row ? toDevice(row) : undefined;
  }

  async byThingNames(em: EntityManager, thingNames: readonly string[]): Promise<Device[]> {
    return (await em.find(DeviceRow, { thingName: { $in: [...thingNames] } }, plain)).map(toDevice);
  }

  /** By thing name. */
  async page(em: EntityManager, filter: DeviceFilter, limit: number, afterThingName?: string): Promise<PageOf<Device>> {
    const conditions = ['true'];
    const values: unknown[] = [];
    const when = (sql: string, ...given: unknown[]): void => {
      conditions.push(sql);
      values.push(...given);
    };
    if (filter.search) when('thing_name ilike ?', containing(filter.search));
    if (filter.modelId) when('model_id = ?', filter.modelId);
    if (filter.connected !== undefined) when(`${filter.connected ? '' : 'not '}${hasOpenPresence}`);
    const [count] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from device d where ${conditions.join(' and ')}`,
      values,
    );
    if (afterThingName !== undefined) when('thing_name > ?', afterThingName);
    const rows = await em.execute<Raw[]>(
      `select * from device d where ${conditions.join(' and ')} order by thing_name limit ?`,
      [...values, limit],
    );
    return { rows: rows.map(fromRaw), total: count?.n ?? 0 };
  }

  /** False when the thing name is taken. */
  async insert(em: EntityManager, device: Device): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into device (id, thing_name, model_id, customer_id, state, created_at, last_seen_at, tags)
       values (?, ?, ?, ?, ?, ?, ?, ?::jsonb) on conflict (thing_name) do nothing returning id`,
      [
        device.id,
        device.thingName,
        device.modelId,
        device.customerId,
        device.state,
        device.createdAt,
        device.lastSeenAt,
        JSON.stringify(device.tags),
      ],
    );
    return rows.length === 1;
  }

  /** Holds the device until the transaction ends: changes of its state, installations and presence take turns. */
  async lock(em: EntityManager, by: { id: string } | { thingName: string }): Promise<Device | undefined> {
    if ('id' in by && !isId(by.id)) return undefined;
    const [column, value] = 'id' in by ? ['id', by.id] : ['thing_name', by.thingName];
    const [row] = await em.execute<Raw[]>(`select * from device where ${column} = ? for update`, [value]);
    return row && fromRaw(row);
  }

  /** In the order of their ids, so that two transactions do not wait for each other. */
  async lockThings(em: EntityManager, thingNames: readonly string[]): Promise<Device[]> {
    const rows = await em.execute<Raw[]>(
      'select * from device where thing_name in (select jsonb_array_elements_text(?::jsonb)) order by id for update',
      [JSON.stringify(thingNames)],
    );
    return rows.map(fromRaw);
  }

  /** As `lockThings`, by id. */
  async lockIds(em: EntityManager, ids: readonly string[]): Promise<Device[]> {
    const rows = await em.execute<Raw[]>('select * from device where id = any(?::uuid[]) order by id for update', [
      uuids(ids),
    ]);
    return rows.map(fromRaw);
  }

  /** Keeps its customer as it is until the transaction ends; others may do so too. */
  async hold(em: EntityManager, id: string): Promise<Device | undefined> {
    const [row] = await em.execute<Raw[]>('select * from device where id = ? for share', [id]);
    return row && fromRaw(row);
  }

  async setState(em: EntityManager, id: string, state: DeviceState): Promise<void> {
    await em.execute('update device set state = ? where id = ?', [state, id]);
  }

  async activate(em: EntityManager, ids: readonly string[]): Promise<void> {
    await em.execute("update device set state = 'active' where id = any(?::uuid[])", [uuids(ids)]);
  }

  async setTags(em: EntityManager, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await em.execute('update device set tags = ?::jsonb where id = ?', [JSON.stringify(tags), id]);
  }

  async setFirmware(em: EntityManager, id: string, version: string): Promise<void> {
    await em.execute('update device set firmware_version = ? where id = ?', [version, id]);
  }

  /** Device, certificates, shadows and pending job executions are seen by the customer it is installed at. */
  async setCustomer(em: EntityManager, id: string, customerId: string | null): Promise<void> {
    await em.execute('update device set customer_id = ? where id = ?', [customerId, id]);
    await em.execute('update certificate set customer_id = ? where device_id = ?', [customerId, id]);
    await em.execute('update shadow set customer_id = ? where device_id = ?', [customerId, id]);
    await em.execute(
      "update iot_job_execution set customer_id = ? where device_id = ? and status in ('QUEUED', 'IN_PROGRESS')",
      [customerId, id],
    );
  }

  async setSeen(em: EntityManager, ids: readonly string[], at: Date): Promise<void> {
    await this.setSeenEach(
      em,
      ids.map((id) => ({ id, at })),
    );
  }

  async setSeenEach(em: EntityManager, seen: readonly { id: string; at: Date }[]): Promise<void> {
    await em.execute(
      `update device d set last_seen_at = greatest(d.last_seen_at, s.at)
       from (select id, max(at) as at from jsonb_to_recordset(?::jsonb) as r(id uuid, at timestamptz) group by id) s
       where d.id = s.id`,
      [JSON.stringify(seen)],
    );
  }
}

const hasOpenPresence =
  'exists (select 1 from presence_interval p where p.device_id = d.id and p.disconnected_at is null)';

const toDevice = (row: DeviceRow): Device => ({
  id: row.id,
  thingName: row.thingName,
  modelId: row.modelId,
  customerId: row.customerId ?? null,
  state: row.state,
  createdAt: row.createdAt,
  lastSeenAt: row.lastSeenAt ?? null,
  tags: row.tags,
  firmwareVersion: row.firmwareVersion ?? null,
});

const fromRaw = (row: Raw): Device => ({
  id: row.id,
  thingName: row.thing_name,
  modelId: row.model_id,
  customerId: row.customer_id,
  state: row.state,
  createdAt: asDate(row.created_at),
  lastSeenAt: row.last_seen_at === null ? null : asDate(row.last_seen_at),
  tags: row.tags,
  firmwareVersion: row.firmware_version,
});
