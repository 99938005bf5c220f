import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { DeviceGroup as GroupRow } from '@throughline/schema/fleet';
import type { DeviceGroup } from '../domain/device-group.js';
import { plain, uuids } from './rows.js';

@Injectable()
export class DeviceGroupStore {
  /** By name. */
  async all(em: EntityManager): Promise<DeviceGroup[]> {
    return (await em.find(GroupRow, {}, { orderBy: { name: 'asc' }, ...plain })).map(toGroup);
  }

  async byId(em: EntityManager, id: string): Promise<DeviceGroup | undefined> {
    const row = isId(id) ? await em.findOne(GroupRow, { id }, plain) : null;
    return row ? toGroup(row) : undefined;
  }

  async byName(em: EntityManager, name: string): Promise<DeviceGroup | undefined> {
    const row = await em.findOne(GroupRow, { name }, plain);
    return row ? toGroup(row) : undefined;
  }

  /** Holds the group until the transaction ends: changes of its members take turns. */
  async lock(em: EntityManager, id: string): Promise<DeviceGroup | undefined> {
    if (!isId(id)) return undefined;
    await em.execute('select id from device_group where id = ? for update', [id]);
    return this.byId(em, id);
  }

  /** False when the name is taken. */
  async insert(em: EntityManager, group: DeviceGroup): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into device_group (id, name, kind, description, query, created_at) values (?, ?, ?, ?, ?, ?)
       on conflict (name) do nothing returning id`,
      [group.id, group.name, group.kind, group.description, group.query, group.createdAt],
    );
    return rows.length === 1;
  }

  async update(em: EntityManager, { id, name, description, query }: DeviceGroup): Promise<void> {
    await em.execute('update device_group set name = ?, description = ?, query = ? where id = ?', [
      name,
      description,
      query,
      id,
    ]);
  }

  async delete(em: EntityManager, id: string): Promise<void> {
    await em.execute('delete from device_group where id = ?', [id]);
  }

  /** Returns how many were not members before. */
  async add(em: EntityManager, groupId: string, deviceIds: readonly string[], at: Date): Promise<number> {
    const rows = await em.execute<unknown[]>(
      `insert into device_group_member (group_id, device_id, added_at) select ?, id, ? from unnest(?::uuid[]) as d(id)
       on conflict do nothing returning device_id`,
      [groupId, at, uuids(deviceIds)],
    );
    return rows.length;
  }

  /** Returns how many were members before. */
  async remove(em: EntityManager, groupId: string, deviceIds: readonly string[]): Promise<number> {
    const rows = await em.execute<unknown[]>(
      'delete from device_group_member where group_id = ? and device_id = any(?::uuid[]) returning device_id',
      [groupId, uuids(deviceIds)],
    );
    return rows.length;
  }

  /** Static groups that the devices are in, by name. */
  async ofDevices(
    em: EntityManager,
    deviceIds: readonly string[],
  ): Promise<{ deviceId: string; group: DeviceGroup }[]> {
    const rows = await em.execute<{ group_id: string; device_id: string }[]>(
      `select m.group_id, m.device_id from device_group_member m join device_group g on g.id = m.group_id
       where m.device_id = any(?::uuid[]) order by g.name`,
      [uuids(deviceIds)],
    );
    const where = { id: { $in: [...new Set(rows.map((r) => r.group_id))] } };
    const groups = new Map((await em.find(GroupRow, where, plain)).map((row) => [row.id, toGroup(row)]));
    return rows.flatMap(({ group_id, device_id: deviceId }) => {
      const group = groups.get(group_id);
      return group ? [{ deviceId, group }] : [];
    });
  }

  async count(em: EntityManager): Promise<number> {
    return em.count(GroupRow, {});
  }

  async countMembers(em: EntityManager, groupId: string): Promise<number> {
    const [row] = await em.execute<{ n: number }[]>(
      'select count(*)::int as n from device_group_member where group_id = ?',
      [groupId],
    );
    return row?.n ?? 0;
  }
}

const toGroup = (row: GroupRow): DeviceGroup => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  description: row.description,
  query: row.query ?? null,
  createdAt: row.createdAt,
});
