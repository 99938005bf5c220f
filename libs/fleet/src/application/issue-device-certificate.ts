import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, newId, notFound } from '@throughline/kernel';
import { CONFIG, type Config, Database, type DataScope } from '@throughline/platform';
import type { Certificate } from '../domain/registry.js';
import { CertificateStore } from '../storage/certificate.store.js';
import { DeviceStore } from '../storage/device.store.js';
import { DeviceCa } from './device-ca.js';

/** What a device keeps, all PEM. The private key is given out here once and stored nowhere. */
export interface DeviceCredentials {
  readonly certificate: Certificate;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly caPem: string;
}

const MAX_ACTIVE = 10;

@Injectable()
export class IssueDeviceCertificate {
  constructor(
    private readonly database: Database,
    private readonly ca: DeviceCa,
    private readonly devices: DeviceStore,
    private readonly certificates: CertificateStore,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  /** Errors: NOT_FOUND; STATE_CONFLICT for a retired device; CONFLICT at more than 10 active certificates. */
  async run(scope: DataScope, { deviceId }: { deviceId: string }): Promise<DeviceCredentials> {
    const caPem = await this.ca.certificatePem();
    return this.database.transaction(scope, async (em) => {
      const device = await this.devices.lock(em, { id: deviceId });
      if (!device) throw notFound('device', deviceId);
      if (device.state === 'retired')
        throw new DomainError('STATE_CONFLICT', `device "${device.thingName}" is retired: it gets no certificate`);
      const active = (await this.certificates.ofDevices(em, [deviceId])).filter((c) => c.state === 'active');
      if (active.length >= MAX_ACTIVE)
        throw new DomainError(
          'CONFLICT',
          `device "${device.thingName}" has ${MAX_ACTIVE} active certificates: revoke one first`,
        );
      const issued = await this.ca.issueForDevice(device.thingName);
      const certificate: Certificate = {
        id: newId(this.clock.now().getTime()),
        deviceId,
        fingerprint: issued.fingerprint,
        serialNumber: issued.serialNumber,
        notBefore: issued.notBefore,
        notAfter: issued.notAfter,
        state: 'active',
        revokedAt: null,
      };
      await this.certificates.insert(em, certificate, device.customerId, this.clock.now());
      if (this.config.aws) await this.certificates.keepPem(em, certificate.id, issued.certificatePem);
      return { certificate, certificatePem: issued.certificatePem, privateKeyPem: issued.privateKeyPem, caPem };
    });
  }
}
