import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { Installation } from '../domain/registry.js';
import { InstallationStore } from '../storage/installation.store.js';

/** Which device spoke for which asset when. */
@Injectable()
export class Installations {
  constructor(
    private readonly database: Database,
    private readonly installations: InstallationStore,
  ) {}

  /** Those of an asset that touch the interval (ms since the epoch), oldest first. */
  async ofAsset(scope: DataScope, assetId: string, interval: Interval): Promise<Installation[]> {
    return this.ofAssets(scope, [assetId], interval);
  }

  async ofAssets(scope: DataScope, assetIds: readonly string[], { from, to }: Interval): Promise<Installation[]> {
    return this.database.read(scope, (em) => this.installations.ofAssets(em, assetIds, new Date(from), new Date(to)));
  }

  /** The whole history of the devices, oldest first. */
  async ofDevices(scope: DataScope, deviceIds: readonly string[]): Promise<Installation[]> {
    return this.database.read(scope, (em) => this.installations.ofDevices(em, deviceIds));
  }

  /** The running ones of the assets: at most one each. */
  async runningOfAssets(scope: DataScope, assetIds: readonly string[]): Promise<Installation[]> {
    return this.database.read(scope, (em) => this.installations.runningOfAssets(em, assetIds));
  }

  /** The running ones of the devices: at most one each. */
  async runningOfDevices(scope: DataScope, deviceIds: readonly string[]): Promise<Installation[]> {
    return this.database.read(scope, (em) => this.installations.runningOfDevices(em, deviceIds));
  }
}
