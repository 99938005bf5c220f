import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type PageRequest,
} from '@throughline/platform';
import type { Asset } from '../domain/registry.js';
import { type AssetFilter, AssetStore } from '../storage/asset.store.js';

const LIST = 'assets';

/** Assets one may see. */
@Injectable()
export class Assets {
  constructor(
    private readonly database: Database,
    private readonly assets: AssetStore,
  ) {}

  /** Those that exist and are visible, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<Asset[]> {
    return this.database.read(scope, (em) => this.assets.byIds(em, ids));
  }

  /** Errors: NOT_FOUND. */
  async get(scope: DataScope, id: string): Promise<Asset> {
    const [asset] = await this.many(scope, [id]);
    if (!asset) throw notFound('asset', id);
    return asset;
  }

  /** Errors: NOT_FOUND. */
  async bySerialNumber(scope: DataScope, modelId: string, serialNumber: string): Promise<Asset> {
    const asset = await this.database.read(scope, (em) => this.assets.bySerialNumber(em, modelId, serialNumber));
    if (!asset) throw notFound('asset with serial number', serialNumber);
    return asset;
  }

  /** All of a customer, by name. */
  async ofCustomer(scope: DataScope, customerId: string): Promise<Asset[]> {
    return this.database.read(scope, (em) => this.assets.ofCustomer(em, customerId));
  }

  /** A page of those that pass the filter, by name. */
  async page(scope: DataScope, filter: AssetFilter, page: PageRequest): Promise<Connection<Asset>> {
    const [key, id] = page.after === undefined ? [] : decodeCursor(LIST, page.after, ['string', 'string']);
    const after = key === undefined ? undefined : { key: String(key), id: String(id) };
    const { rows, total } = await this.database.read(scope, (em) =>
      this.assets.page(em, filter, page.first + 1, after),
    );
    return connectionOf(
      LIST,
      rows,
      page,
      total,
      (asset) => [asset.name, asset.id],
      (asset) => asset,
    );
  }

  /** Customer id → how many assets in service it has; customers with none are missing. */
  async countByCustomer(scope: DataScope, customerIds: readonly string[]): Promise<Map<string, number>> {
    return this.database.read(scope, (em) => this.assets.countByCustomer(em, customerIds));
  }
}
