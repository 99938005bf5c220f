import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import type { Device } from '../../domain/registry.js';
import { CertificateStore } from '../../storage/certificate.store.js';
import { DeviceStore } from '../../storage/device.store.js';
import { RefreshDeviceIndex } from '../refresh-device-index.js';

export interface ThingToMake {
  readonly thingName: string;
  readonly modelId: string;
  readonly certificate: {
    readonly fingerprint: string;
    readonly serialNumber: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
  };
  /** Whether a device's certificates came from the same place as this one, so that they were this board's earlier tries. */
  readonly sameSource: (deviceId: string) => Promise<boolean>;
}

/** The device that a board becomes, with its certificate, in the transaction of the caller. */
@Injectable()
export class MakeThing {
  constructor(
    private readonly devices: DeviceStore,
    private readonly index: RefreshDeviceIndex,
    private readonly certificates: CertificateStore,
    private readonly clock: Clock,
  ) {}

  /**
   * A new device, or one that waits for its board: registered before, never connected, and without a certificate from
   * elsewhere. No board can take over a device that has ever spoken. Refusals: ThingAlreadyExists.
   */
  async run(em: EntityManager, wanted: ThingToMake): Promise<Device> {
    const device = await this.deviceFor(em, wanted);
    const now = this.clock.now();
    const { fingerprint, serialNumber, notBefore, notAfter } = wanted.certificate;
    await this.certificates.insert(
      em,
      {
        id: newId(now.getTime()),
        deviceId: device.id,
        fingerprint,
        serialNumber,
        notBefore,
        notAfter,
        state: 'active',
        revokedAt: null,
      },
      device.customerId,
      now,
    );
    return device;
  }

  private async deviceFor(em: EntityManager, wanted: ThingToMake): Promise<Device> {
    const { thingName, modelId } = wanted;
    const now = this.clock.now();
    const made: Device = {
      id: newId(now.getTime()),
      thingName,
      modelId,
      customerId: null,
      state: 'manufactured',
      createdAt: now,
      lastSeenAt: null,
      tags: {},
      firmwareVersion: null,
    };
    if (await this.devices.insert(em, made)) {
      await this.index.run(em, [made.id]);
      return made;
    }
    const existing = await this.devices.lock(em, { thingName });
    if (!existing) throw exists(thingName, 'cannot be read');
    const { state, lastSeenAt } = existing;
    if (existing.modelId !== modelId) throw exists(thingName, 'is of another model');
    if (lastSeenAt || (state !== 'manufactured' && state !== 'claimed'))
      throw exists(thingName, lastSeenAt ? 'has connected before' : `is ${state}`);
    const certificates = await this.certificates.ofDevices(em, [existing.id]);
    if (certificates.length > 0 && !(await wanted.sameSource(existing.id)))
      throw exists(thingName, 'has had a certificate');
    for (const { id } of certificates) await this.certificates.revoke(em, id, now);
    return existing;
  }
}

const exists = (thingName: string, why: string): ProvisioningRefusal =>
  new ProvisioningRefusal('ThingAlreadyExists', `thing "${thingName}" ${why}`);
