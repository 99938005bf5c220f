import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { DeviceState } from '../domain/device-state.js';
import type { DirectoryEntry } from '../domain/directory-entry.js';

interface Raw {
  id: string;
  thing_name: string;
  model_id: string;
  state: DeviceState;
  installations: { assetId: string; customerId: string; from: number; to: number | null }[];
}

@Injectable()
export class DirectoryStore {
  /** Entries of the things that exist, in one query. */
  async load(em: EntityManager, thingNames: readonly string[]): Promise<DirectoryEntry[]> {
    const rows = await em.execute<Raw[]>(
      `select d.id, d.thing_name, d.model_id, d.state, coalesce(i.list, '[]') as installations
       from device d left join lateral (
         select json_agg(json_build_object(
           'assetId', asset_id, 'customerId', customer_id,
           'from', (extract(epoch from from_at) * 1000)::bigint, 'to', (extract(epoch from to_at) * 1000)::bigint
         ) order by from_at) as list
         from installation where device_id = d.id) i on true
       where d.thing_name in (select jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(thingNames)],
    );
    return rows.map((r) => ({
      deviceId: r.id,
      thingName: r.thing_name,
      modelId: r.model_id,
      state: r.state,
      installations: r.installations,
    }));
  }
}
