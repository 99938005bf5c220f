import { Injectable } from '@nestjs/common';
import type { DataScope, EntityManager } from '@throughline/platform';
import type { DeviceOrder } from '../domain/device-order.js';
import type { Query } from '../domain/query/tree.js';
import { queryCondition, type Sql } from './query-sql.js';
import { uuids } from './rows.js';

/** Where a row stands in an order: its value there and, among equal values, its thing name. */
export interface DevicePlace {
  readonly deviceId: string;
  readonly thingName: string;
  readonly key: string | number;
}

const columns: Readonly<Record<DeviceOrder['by'], string>> = {
  thingName: 'thing_name',
  lastSeenAt: 'connectivity_ms',
  firmware: 'firmware_key',
  state: 'state',
  model: 'model',
};

interface Raw {
  device_id: string;
  thing_name: string;
  key: string;
}

/** How many devices of a list are alike. */
export interface TargetPart {
  readonly modelId: string;
  readonly state: string;
  readonly connected: boolean;
  readonly firmwareVersion: string | null;
  readonly count: number;
}
const MAX_PARTS = 500;

/** Which devices: those that match at a time, of those that one may see. */
export interface Wanted {
  readonly query: Query;
  /** Ms since the epoch. */
  readonly now: number;
  readonly scope: DataScope;
}

function condition({ query, now, scope }: Wanted): Sql {
  const matching = queryCondition(query, now);
  const parts = [matching.text];
  const values = [...matching.values];
  // Row-level security says the same, but the planner does not see there that these are few.
  if (scope.kind === 'customers') {
    parts.push('d.customer_id = any(?::uuid[])');
    values.push(uuids(scope.ids));
  }
  return { text: parts.join(' and '), values };
}

/** Without parallel workers: they take longer to start than most searches take, and many search at once. Until the commit. */
const alone = (em: EntityManager): Promise<unknown> =>
  em.execute("select set_config('max_parallel_workers_per_gather', '0', true)");

/** Devices that match a query. */
@Injectable()
export class DeviceSearchStore {
  /** At most `limit` of them in an order, after a place in it. */
  async page(
    em: EntityManager,
    wanted: Wanted,
    { by, descending }: DeviceOrder,
    limit: number,
    after?: Pick<DevicePlace, 'key' | 'thingName'>,
  ): Promise<DevicePlace[]> {
    const { text, values } = condition(wanted);
    const column = columns[by];
    const type = by === 'lastSeenAt' ? 'bigint' : 'text';
    const direction = descending ? 'desc' : 'asc';
    // Equal thing names do not exist, so by thing name the pair says no more than the name.
    const beyond = after ? ` and (d.${column}, d.thing_name) ${descending ? '<' : '>'} (?::${type}, ?::text)` : '';
    await alone(em);
    const rows = await em.execute<Raw[]>(
      `select d.device_id, d.thing_name, d.${column}::text as key from device_index d where ${text}${beyond}
       order by d.${column} ${direction}, d.thing_name ${direction} limit ?`,
      [...values, ...(after ? [after.key, after.thingName] : []), limit],
    );
    return rows.map((r) => ({
      deviceId: r.device_id,
      thingName: r.thing_name,
      key: by === 'lastSeenAt' ? Number(r.key) : r.key,
    }));
  }

  /** How many match, counted up to `cap` and one more. */
  async count(em: EntityManager, wanted: Wanted, cap: number): Promise<number> {
    const { text, values } = condition(wanted);
    await alone(em);
    const [row] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from (select 1 from device_index d where ${text} limit ?) c`,
      [...values, cap + 1],
    );
    return row?.n ?? 0;
  }

  /** At most `limit` that match, in no order. */
  async all(em: EntityManager, wanted: Wanted, limit: number): Promise<{ deviceId: string; thingName: string }[]> {
    const { text, values } = condition(wanted);
    const rows = await em.execute<Omit<Raw, 'key'>[]>(
      `select d.device_id, d.thing_name from device_index d where ${text} limit ?`,
      [...values, limit],
    );
    return rows.map((r) => ({ deviceId: r.device_id, thingName: r.thing_name }));
  }

  /** How many of the devices are alike, the most first. */
  async parts(em: EntityManager, deviceIds: readonly string[]): Promise<TargetPart[]> {
    const rows = await em.execute<
      { model_id: string; state: string; connected: boolean; firmware_version: string | null; n: number }[]
    >(
      `select d.model_id, d.state, i.connected, d.firmware_version, count(*)::int as n
       from device d join device_index i on i.device_id = d.id where d.id = any(?::uuid[])
       group by 1, 2, 3, 4 order by n desc, 1, 2, 3, 4 limit ?`,
      [uuids(deviceIds), MAX_PARTS],
    );
    return rows.map((row) => ({
      modelId: row.model_id,
      state: row.state,
      connected: row.connected,
      firmwareVersion: row.firmware_version,
      count: row.n,
    }));
  }

  /** Thing name → device id, of those that exist. */
  async byThingNames(em: EntityManager, thingNames: readonly string[]): Promise<Map<string, string>> {
    const rows = await em.execute<{ id: string; thing_name: string }[]>(
      'select id, thing_name from device where thing_name in (select jsonb_array_elements_text(?::jsonb))',
      [JSON.stringify(thingNames)],
    );
    return new Map(rows.map((r) => [r.thing_name, r.id]));
  }
}
