import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkPast } from '../domain/checks.js';
import type { Asset } from '../domain/registry.js';
import { AssetStore } from '../storage/asset.store.js';
import { InstallationStore } from '../storage/installation.store.js';

@Injectable()
export class RetireAsset {
  constructor(
    private readonly database: Database,
    private readonly assets: AssetStore,
    private readonly installations: InstallationStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a machine out of service for good, at `at` (now when not given; not in the future). Its history stays.
   * Errors: INVALID_INPUT; NOT_FOUND; STATE_CONFLICT when it is retired already; CONFLICT while a device is installed at it.
   */
  async run(scope: DataScope, input: { assetId: string; at?: Date | null }): Promise<Asset> {
    const now = this.clock.now();
    const at = input.at ?? now;
    const faults: Fault[] = [];
    checkPast(faults, 'at', at, now);
    if (faults.length > 0) throw invalid(...faults);
    return this.database.transaction(scope, async (em) => {
      const asset = await this.assets.lock(em, input.assetId);
      if (!asset) throw notFound('asset', input.assetId);
      if (asset.retiredAt) throw new DomainError('STATE_CONFLICT', `asset "${asset.serialNumber}" is retired already`);
      if ((await this.installations.runningOfAssets(em, [asset.id])).length > 0)
        throw new DomainError('CONFLICT', `asset "${asset.serialNumber}" has a device: end its installation first`);
      await this.assets.retire(em, asset.id, at);
      return { ...asset, retiredAt: at };
    });
  }
}
