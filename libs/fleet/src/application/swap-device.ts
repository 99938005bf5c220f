import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, invalid, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkId, checkPast } from '../domain/checks.js';
import type { Installation } from '../domain/registry.js';
import { AssetStore } from '../storage/asset.store.js';
import { DeviceStore } from '../storage/device.store.js';
import { InstallationStore } from '../storage/installation.store.js';
import { DirectoryChanges } from './directory-changes.js';
import { Installing } from './installing.js';

export interface SwapDeviceInput {
  readonly assetId: string;
  /** The new controller. */
  readonly deviceId: string;
  /** Now when not given; may lie in the past, not in the future. */
  readonly at?: Date | null;
  /** The device is lent. */
  readonly loan?: boolean | null;
}

/** A controller swap: at one instant the asset's old device stops speaking for it and the new one begins. */
@Injectable()
export class SwapDevice {
  constructor(
    private readonly database: Database,
    private readonly devices: DeviceStore,
    private readonly assets: AssetStore,
    private readonly installations: InstallationStore,
    private readonly installing: Installing,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /** Errors: as of installing and ending; CONFLICT when the asset has no device or this one already. */
  async run(scope: DataScope, input: SwapDeviceInput): Promise<{ ended: Installation; started: Installation }> {
    const { assetId, deviceId } = input;
    const now = this.clock.now();
    const at = input.at ?? now;
    const faults: Fault[] = [];
    checkId(faults, 'assetId', assetId);
    checkId(faults, 'deviceId', deviceId);
    checkPast(faults, 'at', at, now);
    if (faults.length > 0) throw invalid(...faults);
    const result = await this.database.transaction(scope, async (em) => {
      const [running] = await this.installations.runningOfAssets(em, [assetId]);
      // Devices are locked before assets everywhere, and two devices in the order of their ids: no deadlock.
      const ids = [...new Set([deviceId, ...(running ? [running.deviceId] : [])])].sort();
      for (const id of ids) if (!(await this.devices.lock(em, { id }))) throw notFound('device', id);
      const asset = await this.assets.lock(em, assetId);
      if (!asset) throw notFound('asset', assetId);
      const devices = new Map((await this.devices.byIds(em, ids)).map((d) => [d.id, d]));
      const [still] = await this.installations.runningOfAssets(em, [assetId]);
      const oldDevice = still && devices.get(still.deviceId);
      const newDevice = devices.get(deviceId);
      if (!still || !oldDevice || !newDevice)
        throw new DomainError('CONFLICT', `asset "${asset.serialNumber}" has no device to swap: install one`);
      if (still.deviceId === deviceId)
        throw new DomainError('CONFLICT', `device "${newDevice.thingName}" is installed at this asset already`);
      const ended = await this.installing.end(em, oldDevice, still, at);
      return { ended, started: await this.installing.begin(em, newDevice, asset, at, input.loan ?? false) };
    });
    this.directory.announce([result.ended.deviceId, deviceId]);
    return result;
  }
}
