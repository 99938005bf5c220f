import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId } from '@throughline/kernel';
import { type EntityManager, Outbox } from '@throughline/platform';
import { checkMove, type DeviceState } from '../domain/device-state.js';
import type { Asset, Device, Installation } from '../domain/registry.js';
import { DeviceStore } from '../storage/device.store.js';
import { InstallationStore } from '../storage/installation.store.js';
import { PresenceStore } from '../storage/presence.store.js';
import { deviceInstalled, deviceStateChanged, installationEnded } from './events.js';
import { RefreshDeviceIndex } from './refresh-device-index.js';

/** The two halves that installing, ending and swapping are made of. Device and asset are locked by the caller. */
@Injectable()
export class Installing {
  constructor(
    private readonly devices: DeviceStore,
    private readonly installations: InstallationStore,
    private readonly presences: PresenceStore,
    private readonly outbox: Outbox,
    private readonly index: RefreshDeviceIndex,
    private readonly clock: Clock,
  ) {}

  /** From `at` on the device speaks for the asset; device, certificates and open connections are its customer's. */
  async begin(em: EntityManager, device: Device, asset: Asset, at: Date, loan = false): Promise<Installation> {
    this.checkFit(device, asset);
    const { customerId } = asset;
    const installation: Installation = {
      id: newId(this.clock.now().getTime()),
      deviceId: device.id,
      assetId: asset.id,
      customerId,
      from: at,
      to: null,
      loan,
    };
    await this.installations.insert(em, installation);
    await this.devices.setCustomer(em, device.id, customerId);
    await this.presences.handOver(em, device.id, customerId, at);
    if (device.state === 'manufactured') await this.claim(em, device);
    const { id: installationId, deviceId, assetId } = installation;
    await this.outbox.publish(em, deviceInstalled, {
      installationId,
      deviceId,
      assetId,
      customerId,
      from: at.getTime(),
    });
    await this.index.run(em, [deviceId]);
    return installation;
  }

  /** From `at` on the device speaks for no asset. Errors: CONFLICT when `at` is not after the beginning. */
  async end(em: EntityManager, device: Device, running: Installation, at: Date): Promise<Installation> {
    if (at <= running.from)
      throw new DomainError(
        'CONFLICT',
        `the installation began at ${running.from.toISOString()}: it cannot end at ${at.toISOString()}`,
      );
    await this.installations.end(em, running.id, at);
    await this.devices.setCustomer(em, device.id, null);
    await this.presences.handOver(em, device.id, null, at);
    const { id: installationId, deviceId, assetId, customerId } = running;
    const payload = { installationId, deviceId, assetId, customerId, from: running.from.getTime(), to: at.getTime() };
    await this.outbox.publish(em, installationEnded, payload);
    await this.index.run(em, [deviceId]);
    return { ...running, to: at };
  }

  private checkFit(device: Device, asset: Asset): void {
    const who = `device "${device.thingName}"`;
    if (device.state === 'retired' || device.state === 'quarantined')
      throw new DomainError('STATE_CONFLICT', `${who} is ${device.state}: it cannot be installed`);
    if (asset.retiredAt) throw new DomainError('STATE_CONFLICT', `asset "${asset.serialNumber}" is retired`);
    if (device.modelId !== asset.modelId)
      throw new DomainError('CONFLICT', `${who} is of another model than asset "${asset.serialNumber}"`);
  }

  /** Bound to a customer for the first time; one that is connected already is active at once. */
  private async claim(em: EntityManager, device: Device): Promise<void> {
    const connected = (await this.presences.connected(em, [device.id])).has(device.id);
    const steps: DeviceState[] = connected ? ['claimed', 'active'] : ['claimed'];
    let from = device.state;
    for (const to of steps) {
      checkMove(device.thingName, from, to);
      await this.devices.setState(em, device.id, to);
      await this.outbox.publish(em, deviceStateChanged, { deviceId: device.id, thingName: device.thingName, from, to });
      from = to;
    }
  }
}
