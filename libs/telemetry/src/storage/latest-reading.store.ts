import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { MessageRow } from './message.store.js';

export interface LatestRow extends MessageRow {
  asset_id: string | null;
}

const columns = `l.device_id, l.asset_id, l.boot, l.seq::text as seq, (extract(epoch from l.ts) * 1000)::bigint::text as ts,
  (extract(epoch from l.stored_at) * 1000)::bigint::text as stored_at, l.schema_version, l."values"`;

/** The newest message of each device. */
@Injectable()
export class LatestReadingStore {
  /** Of each asset the newest of its devices. */
  async ofAssets(em: EntityManager, assetIds: readonly string[]): Promise<LatestRow[]> {
    if (assetIds.length === 0) return [];
    return em.execute<LatestRow[]>(
      `select distinct on (l.asset_id) ${columns}, a.model_id from latest_reading l join asset a on a.id = l.asset_id
       where l.asset_id = any(?::uuid[]) order by l.asset_id, l.ts desc`,
      [textArray(assetIds)],
    );
  }

  async ofDevices(em: EntityManager, deviceIds: readonly string[]): Promise<LatestRow[]> {
    if (deviceIds.length === 0) return [];
    return em.execute<LatestRow[]>(
      `select ${columns}, d.model_id from latest_reading l join device d on d.id = l.device_id where l.device_id = any(?::uuid[])`,
      [textArray(deviceIds)],
    );
  }
}

/** An array parameter as PostgreSQL's text of an array: the ORM would spread an array into a list. */
const textArray = (ids: readonly string[]): string => `{${ids.join(',')}}`;
