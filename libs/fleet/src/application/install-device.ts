import { Injectable } from '@nestjs/common';
import { Clock, type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkId, checkPast } from '../domain/checks.js';
import type { Installation } from '../domain/registry.js';
import { AssetStore } from '../storage/asset.store.js';
import { DeviceStore } from '../storage/device.store.js';
import { DirectoryChanges } from './directory-changes.js';
import { Installing } from './installing.js';

export interface InstallDeviceInput {
  readonly deviceId: string;
  readonly assetId: string;
  /** Now when not given; may lie in the past, not in the future. */
  readonly at?: Date | null;
  /** The device is lent. */
  readonly loan?: boolean | null;
}

@Injectable()
export class InstallDevice {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly assets: AssetStore,
    private readonly installing: Installing,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /**
   * The device speaks for the asset from `at` on. Errors: INVALID_INPUT; NOT_FOUND; CONFLICT when one of the two is in
   * another installation then, or their models differ; STATE_CONFLICT for a retired or quarantined device.
   */
  async run(scope: DataScope, input: InstallDeviceInput): Promise<Installation> {
    const { deviceId, assetId } = input;
    const now = this.clock.now();
    const at = input.at ?? now;
    const faults: Fault[] = [];
    checkId(faults, 'deviceId', deviceId);
    checkId(faults, 'assetId', assetId);
    checkPast(faults, 'at', at, now);
    if (faults.length > 0) throw invalid(...faults);
    const installation = await this.database.transaction(scope, async (em) => {
      const device = await this.devices.lock(em, { id: deviceId });
      if (!device) throw notFound('device', deviceId);
      const asset = await this.assets.lock(em, assetId);
      if (!asset) throw notFound('asset', assetId);
      return this.installing.begin(em, device, asset, at, input.loan ?? false);
    });
    this.directory.announce([deviceId]);
    return installation;
  }
}
