import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { Asset as AssetRow } from '@throughline/schema/fleet';
import type { Asset } from '../domain/registry.js';
import { type After, containing, type PageOf } from './page.js';
import { plain, uuids } from './rows.js';

/** Which assets; fields that are missing do not narrow the list. `search` looks into name, serial number, location. */
export interface AssetFilter {
  readonly search?: string | undefined;
  readonly customerId?: string | undefined;
  readonly siteId?: string | undefined;
  readonly modelId?: string | undefined;
}

@Injectable()
export class AssetStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Asset[]> {
    return (await em.find(AssetRow, { id: { $in: ids.filter(isId) } }, plain)).map(toAsset);
  }

  async ofCustomer(em: EntityManager, customerId: string): Promise<Asset[]> {
    return (await em.find(AssetRow, { customerId }, { orderBy: { name: 'asc', id: 'asc' }, ...plain })).map(toAsset);
  }

  async bySerialNumber(em: EntityManager, modelId: string, serialNumber: string): Promise<Asset | undefined> {
    const row = await em.findOne(AssetRow, { modelId, serialNumber }, plain);
    return row ? toAsset(row) : undefined;
  }

  /** By name, then id. */
  async page(em: EntityManager, filter: AssetFilter, limit: number, after?: After): Promise<PageOf<Asset>> {
    const where = {
      ...(filter.customerId && { customerId: filter.customerId }),
      ...(filter.siteId && { siteId: filter.siteId }),
      ...(filter.modelId && { modelId: filter.modelId }),
      ...(filter.search && {
        $or: ['name', 'serialNumber', 'location'].map((field) => ({
          [field]: { $ilike: containing(filter.search ?? '') },
        })),
      }),
    };
    const beyond = after && { $or: [{ name: { $gt: after.key } }, { name: after.key, id: { $gt: after.id } }] };
    const total = await em.count(AssetRow, where);
    const rows = await em.find(AssetRow, beyond ? { $and: [where, beyond] } : where, {
      orderBy: { name: 'asc', id: 'asc' },
      limit,
      ...plain,
    });
    return { rows: rows.map(toAsset), total };
  }

  /** Customer id → number of assets; customers with none are missing. */
  async countByCustomer(em: EntityManager, customerIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await em.execute<{ customer_id: string; n: number }[]>(
      'select customer_id, count(*)::int as n from asset where customer_id = any(?::uuid[]) and retired_at is null group by 1',
      [uuids(customerIds)],
    );
    return new Map(rows.map((r) => [r.customer_id, r.n]));
  }

  async insert(em: EntityManager, asset: Asset): Promise<void> {
    await em.insert(AssetRow, { ...asset });
  }

  async retire(em: EntityManager, id: string, at: Date): Promise<void> {
    await em.execute('update asset set retired_at = ? where id = ?', [at, id]);
  }

  /** Holds the asset until the transaction ends, so that two installations of it take turns. */
  async lock(em: EntityManager, id: string): Promise<Asset | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await em.execute<{ id: string }[]>('select id from asset where id = ? for update', [id]);
    return row && (await this.byIds(em, [row.id]))[0];
  }
}

const toAsset = (row: AssetRow): Asset => ({
  id: row.id,
  customerId: row.customerId,
  siteId: row.siteId,
  modelId: row.modelId,
  serialNumber: row.serialNumber,
  name: row.name,
  location: row.location,
  inServiceSince: row.inServiceSince,
  retiredAt: row.retiredAt ?? null,
});
