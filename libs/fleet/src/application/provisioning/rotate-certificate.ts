import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import type { Certificate, Device } from '../../domain/registry.js';
import { CertificateStore } from '../../storage/certificate.store.js';
import { DeviceStore } from '../../storage/device.store.js';
import { type IssuedCertificate, IssuedCertificateStore } from '../../storage/provisioning/issued-certificate.store.js';
import { RotationStore } from '../../storage/provisioning/rotation.store.js';
import { DeviceCa } from '../device-ca.js';
import type { Requester } from '../device-service.js';
import type { CertificateAnswer } from './create-certificate.js';
import { OwnershipTokens } from './ownership-tokens.js';
import { readCsr } from './read-csr.js';
import { RecordAttempt } from './record-attempt.js';

type DeviceRequester = Extract<Requester, { kind: 'device' }>;

const MAX_ACTIVE = 10;

/** A device's next certificate, asked for while it is connected with the one before. */
@Injectable()
export class RotateCertificate {
  constructor(
    private readonly database: Database,
    private readonly ca: DeviceCa,
    private readonly devices: DeviceStore,
    private readonly certificates: CertificateStore,
    private readonly issued: IssuedCertificateStore,
    private readonly rotations: RotationStore,
    private readonly tokens: OwnershipTokens,
    private readonly attempts: RecordAttempt,
    private readonly clock: Clock,
  ) {}

  /**
   * The new certificate is good at once; the old one ends when the new one has connected. The same key again gives the same
   * certificate. Refusals: InvalidCertificateSigningRequest, InvalidRequest, KeyInUse, ConflictingState, LimitExceeded.
   */
  async run({ deviceId, thingName, clientId, fingerprint }: DeviceRequester, csr: unknown): Promise<CertificateAnswer> {
    const attempt = { operation: 'rotate', clientId, thingName } as const;
    return this.attempts.keepingRefusals(
      () => attempt,
      async () => {
        const { publicKey, keyHash } = await readCsr(csr);
        if (fingerprint === undefined)
          throw new ProvisioningRefusal(
            'InvalidRequest',
            'connect over TLS with the certificate that shall be replaced',
          );
        await this.ca.certificatePem();
        const issued = await this.database.transaction(everyCustomer, async (em) => {
          const device = await this.devices.lock(em, { id: deviceId });
          const old = await this.certificates.byFingerprint(em, fingerprint);
          if (!device || old?.deviceId !== deviceId || old.state !== 'active')
            throw new ProvisioningRefusal('ConflictingState', 'the certificate of this connection has ended');
          const known = await this.issued.lockByKey(em, keyHash);
          if (known) return this.again(em, known, device, old);
          await this.checkCount(em, device);
          const made = await this.ca.certifyDevice(publicKey, thingName);
          const row = await this.insert(em, device, old, clientId, made);
          await this.attempts.accepted(em, { ...attempt, fingerprint: row.fingerprint });
          return row;
        });
        return {
          certificateId: issued.fingerprint,
          certificatePem: issued.certificatePem,
          certificateOwnershipToken: await this.tokens.of(issued),
        };
      },
    );
  }

  private async checkCount(em: EntityManager, { id }: Device): Promise<void> {
    const active = (await this.certificates.ofDevices(em, [id])).filter((c) => c.state === 'active');
    if (active.length >= MAX_ACTIVE)
      throw new ProvisioningRefusal('LimitExceeded', `the device has ${MAX_ACTIVE} active certificates`);
  }

  private async again(
    em: EntityManager,
    known: IssuedCertificate,
    device: Device,
    old: Certificate,
  ): Promise<IssuedCertificate> {
    const replaces = await this.rotations.replacedBy(em, known.fingerprint);
    if (known.deviceId !== device.id || known.batchId !== null || replaces !== old.id)
      throw new ProvisioningRefusal('KeyInUse', 'another certificate has this key: a new certificate has a new key');
    return known;
  }

  private async insert(
    em: EntityManager,
    device: Device,
    old: Certificate,
    clientId: string,
    made: Omit<Certificate, 'id' | 'deviceId' | 'state' | 'revokedAt'> & { keyHash: string; certificatePem: string },
  ): Promise<IssuedCertificate> {
    const now = this.clock.now();
    const { fingerprint, serialNumber, notBefore, notAfter, keyHash, certificatePem } = made;
    const certificate: Certificate = {
      id: newId(now.getTime()),
      deviceId: device.id,
      fingerprint,
      serialNumber,
      notBefore,
      notAfter,
      state: 'active',
      revokedAt: null,
    };
    await this.certificates.insert(em, certificate, device.customerId, now);
    await this.rotations.setReplaced(em, certificate.id, old.id);
    const row: IssuedCertificate = {
      id: newId(now.getTime()),
      keyHash,
      fingerprint,
      serialNumber,
      certificatePem,
      notBefore,
      notAfter,
      batchId: null,
      clientId,
      tokenExpiresAt: now,
      deviceId: device.id,
      requestHash: null,
      redeemedAt: null,
    };
    if (!(await this.issued.insert(em, row, now)))
      throw new ProvisioningRefusal('KeyInUse', 'another certificate has this key');
    return row;
  }
}
