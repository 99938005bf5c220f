import { Injectable } from '@nestjs/common';
import type { IdentityContext } from '@throughline/identity';
import { DomainError, notFound } from '@throughline/kernel';
import { type DataScope, grouped, inOrder, loader } from '@throughline/platform';
import { Assets } from '../../application/assets.js';
import { DeviceGroups } from '../../application/device-groups.js';
import { Devices } from '../../application/devices.js';
import { Installations } from '../../application/installations.js';
import { Models } from '../../application/models.js';
import { Presence } from '../../application/presence.js';
import type { DeviceGroup } from '../../domain/device-group.js';
import type { Model } from '../../domain/model.js';
import type { Asset, Certificate, Device, Installation, PresenceInterval } from '../../domain/registry.js';

/** Batched reads of what fleet owns, for resolvers of this and of later libs. All keep to what the caller may see. */
@Injectable()
export class FleetLoaders {
  constructor(
    private readonly models: Models,
    private readonly assets: Assets,
    private readonly devices: Devices,
    private readonly installations: Installations,
    private readonly presences: Presence,
    private readonly groups: DeviceGroups,
  ) {}

  /** Rejects with NOT_FOUND. */
  model(context: IdentityContext, id: string): Promise<Model> {
    return loader<string, Model>(context, 'fleet.model', async (ids) =>
      found('model', ids, await this.models.many(ids)),
    ).load(id);
  }

  /** Rejects with NOT_FOUND. */
  asset(context: IdentityContext, id: string): Promise<Asset> {
    return loader<string, Asset>(context, 'fleet.asset', async (ids) =>
      found('asset', ids, await this.assets.many(dataOf(context), ids)),
    ).load(id);
  }

  /** Rejects with NOT_FOUND. */
  device(context: IdentityContext, id: string): Promise<Device> {
    return loader<string, Device>(context, 'fleet.device', async (ids) =>
      found('device', ids, await this.devices.many(dataOf(context), ids)),
    ).load(id);
  }

  /** The device that speaks for the asset now. */
  async deviceOfAsset(context: IdentityContext, assetId: string): Promise<Device | undefined> {
    const running = await loader<string, Installation | undefined>(context, 'fleet.installationOfAsset', async (ids) =>
      inOrder(
        ids,
        await this.installations.runningOfAssets(dataOf(context), ids),
        (i) => i.assetId,
        (i) => i,
      ),
    ).load(assetId);
    return running && this.device(context, running.deviceId);
  }

  /** The asset that the device speaks for now. */
  async assetOfDevice(context: IdentityContext, deviceId: string): Promise<Asset | undefined> {
    const running = await loader<string, Installation | undefined>(context, 'fleet.installationOfDevice', async (ids) =>
      inOrder(
        ids,
        await this.installations.runningOfDevices(dataOf(context), ids),
        (i) => i.deviceId,
        (i) => i,
      ),
    ).load(deviceId);
    return running && this.asset(context, running.assetId);
  }

  connected(context: IdentityContext, deviceId: string): Promise<boolean> {
    return loader<string, boolean>(context, 'fleet.connected', async (ids) => {
      const connected = await this.presences.connected(dataOf(context), ids);
      return ids.map((id) => connected.has(id));
    }).load(deviceId);
  }

  /** Newest first. */
  certificates(context: IdentityContext, deviceId: string): Promise<Certificate[]> {
    return loader<string, Certificate[]>(context, 'fleet.certificates', async (ids) =>
      grouped(ids, await this.devices.certificatesOf(dataOf(context), ids), (c) => c.deviceId),
    ).load(deviceId);
  }

  /** Newest first. */
  presence(context: IdentityContext, deviceId: string, first: number): Promise<PresenceInterval[]> {
    return loader<string, PresenceInterval[]>(context, `fleet.presence:${first}`, async (ids) =>
      grouped(ids, await this.presences.latestOfDevices(dataOf(context), ids, first), (p) => p.deviceId),
    ).load(deviceId);
  }

  /** Oldest first. */
  installationsOf(context: IdentityContext, deviceId: string): Promise<Installation[]> {
    return loader<string, Installation[]>(context, 'fleet.installations', async (ids) =>
      grouped(ids, await this.installations.ofDevices(dataOf(context), ids), (i) => i.deviceId),
    ).load(deviceId);
  }

  /** Static groups that the device is in, by name. */
  async staticGroups(context: IdentityContext, deviceId: string): Promise<DeviceGroup[]> {
    const rows = await loader<string, { group: DeviceGroup }[]>(context, 'fleet.staticGroups', async (ids) =>
      grouped(ids, await this.groups.ofDevices(dataOf(context), ids), (row) => row.deviceId),
    ).load(deviceId);
    return rows.map((row) => row.group);
  }

  /** Assets in service. */
  assetCount(context: IdentityContext, customerId: string): Promise<number> {
    return loader<string, number>(context, 'fleet.assetCount', async (ids) => {
      const counts = await this.assets.countByCustomer(dataOf(context), ids);
      return ids.map((id) => counts.get(id) ?? 0);
    }).load(customerId);
  }
}

const found = <T extends { id: string }>(what: string, ids: readonly string[], rows: readonly T[]): (T | Error)[] =>
  inOrder(
    ids,
    rows,
    (row) => row.id,
    (row, id) => row ?? notFound(what, id),
  );

function dataOf(context: IdentityContext): DataScope {
  if (!context.scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return context.scope.data;
}
