import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { type DeviceFacts, termsOf } from '../domain/query/facts.js';
import { versionKey } from '../domain/query/values.js';
import { DeviceDocumentStore } from './device-documents.store.js';
import { uuids } from './rows.js';

interface RawFacts {
  id: string;
  customer_id: string | null;
  thing_name: string;
  model: string;
  state: string;
  firmware: string | null;
  customer_name: string | null;
  site_name: string | null;
  asset_name: string | null;
  asset_serial_number: string | null;
  asset_location: string | null;
  loan: boolean | null;
  aws_error: string | null;
  connected: boolean;
  connectivity_ms: string | null;
  tags: Record<string, string>;
}

/** Facts of a device and whose they are. */
export interface OwnedFacts {
  readonly deviceId: string;
  readonly customerId: string | null;
  readonly facts: DeviceFacts;
}

/** The search index: a row of `device_index` a device, a row of `device_term` for each thing it can be found by. */
@Injectable()
export class DeviceIndexStore {
  constructor(private readonly documents: DeviceDocumentStore) {}

  /** What is known of the devices now, from the tables that own it. */
  async facts(em: EntityManager, deviceIds: readonly string[]): Promise<OwnedFacts[]> {
    const rows = await em.execute<RawFacts[]>(
      `select d.id, d.customer_id, d.thing_name, m.name as model, d.state, d.firmware_version as firmware, o.name as customer_name,
         s.name as site_name, a.name as asset_name, a.serial_number as asset_serial_number, a.location as asset_location, i.loan, d.aws_error,
         exists (select 1 from presence_interval p where p.device_id = d.id and p.disconnected_at is null) as connected,
         (extract(epoch from d.last_seen_at) * 1000)::bigint as connectivity_ms, d.tags
       from device d join model m on m.id = d.model_id
         left join installation i on i.device_id = d.id and i.to_at is null
         left join asset a on a.id = i.asset_id left join site s on s.id = a.site_id
         left join organisation o on o.id = i.customer_id
       where d.id = any(?::uuid[])`,
      [uuids(deviceIds)],
    );
    const shadows = await this.documents.of(em, deviceIds);
    return rows.map((r) => ({
      deviceId: r.id,
      customerId: r.customer_id,
      facts: {
        thingName: r.thing_name,
        model: r.model,
        state: r.state,
        firmware: r.firmware,
        customerName: r.customer_name,
        siteName: r.site_name,
        assetName: r.asset_name,
        assetSerialNumber: r.asset_serial_number,
        assetLocation: r.asset_location,
        loan: r.loan,
        awsProblem: r.aws_error,
        connected: r.connected,
        connectivityAt: r.connectivity_ms === null ? null : Number(r.connectivity_ms),
        tags: r.tags,
        shadows: shadows.get(r.id) ?? {},
      },
    }));
  }

  /** Makes the index say of these devices what their facts are; terms that stay are left alone. */
  async write(em: EntityManager, devices: readonly OwnedFacts[]): Promise<void> {
    const rows = devices.map(({ deviceId, customerId, facts }) => ({
      device_id: deviceId,
      customer_id: customerId,
      thing_name: facts.thingName,
      model: facts.model,
      state: facts.state,
      firmware_key: versionKey(facts.firmware ?? ''),
      connected: facts.connected,
      connectivity_ms: facts.connectivityAt ?? -1,
    }));
    await em.execute(
      `insert into device_index (device_id, customer_id, thing_name, model, state, firmware_key, connected, connectivity_ms)
       select * from jsonb_to_recordset(?::jsonb) as r(device_id uuid, customer_id uuid, thing_name text, model text, state text,
         firmware_key text, connected boolean, connectivity_ms bigint)
       on conflict (device_id) do update set customer_id = excluded.customer_id, thing_name = excluded.thing_name,
         model = excluded.model, state = excluded.state, firmware_key = excluded.firmware_key,
         connected = excluded.connected, connectivity_ms = excluded.connectivity_ms`,
      [JSON.stringify(rows)],
    );
    const terms = devices.map(({ deviceId, customerId, facts }) => ({
      device_id: deviceId,
      customer_id: customerId,
      terms: termsOf(facts),
    }));
    const given = `(select r.device_id, r.customer_id, e.term from jsonb_to_recordset(?::jsonb)
        as r(device_id uuid, customer_id uuid, terms jsonb), jsonb_array_elements_text(r.terms) as e(term))`;
    const text = JSON.stringify(terms);
    await em.execute(
      `delete from device_term t where t.device_id = any(?::uuid[])
         and not exists (select 1 from ${given} g where g.device_id = t.device_id and g.term = t.term)`,
      [uuids(devices.map((d) => d.deviceId)), text],
    );
    await em.execute(
      `insert into device_term (device_id, term, customer_id) select g.device_id, g.term, g.customer_id from ${given} g
       on conflict (device_id, term) do update set customer_id = excluded.customer_id
         where device_term.customer_id is distinct from excluded.customer_id`,
      [text],
    );
  }

  /** As `write` for what presence changes alone, in one statement. */
  async writeConnectivity(em: EntityManager, deviceIds: readonly string[]): Promise<void> {
    await em.execute(
      `update device_index i set connected = exists (
           select 1 from presence_interval p where p.device_id = d.id and p.disconnected_at is null),
         connectivity_ms = coalesce((extract(epoch from d.last_seen_at) * 1000)::bigint, -1)
       from device d where d.id = i.device_id and i.device_id = any(?::uuid[])`,
      [uuids(deviceIds)],
    );
  }

  /** Holds the devices until the transaction ends, so that a change of one waits, and is in the index in the end. */
  async hold(em: EntityManager, deviceIds: readonly string[]): Promise<void> {
    await em.execute('select id from device where id = any(?::uuid[]) order by id for update', [uuids(deviceIds)]);
  }

  /** Ids of devices after one, in their order. */
  async deviceIds(em: EntityManager, after: string | undefined, limit: number): Promise<string[]> {
    const rows = await em.execute<{ id: string }[]>(
      `select id from device ${after === undefined ? '' : 'where id > ?'} order by id limit ?`,
      after === undefined ? [limit] : [after, limit],
    );
    return rows.map((r) => r.id);
  }
}
