import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { type ClaimBatch, checkActive } from '../../domain/provisioning/claim-batch.js';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import { DeviceStore } from '../../storage/device.store.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';
import { type IssuedCertificate, IssuedCertificateStore } from '../../storage/provisioning/issued-certificate.store.js';
import { DeviceCa } from '../device-ca.js';
import type { Requester } from '../device-service.js';
import type { Certified } from '../x509.js';
import { OwnershipTokens, TOKEN_LIFE_MS } from './ownership-tokens.js';
import { readCsr } from './read-csr.js';
import { RecordAttempt } from './record-attempt.js';

export type Claim = Extract<Requester, { kind: 'claim' }>;

/** What a board is given, by AWS IoT's names. */
export interface CertificateAnswer {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly certificateOwnershipToken: string;
  /** Only when the key was made here; it is kept nowhere. */
  readonly privateKey?: string;
}

/** Certificates of one batch whose tokens wait to be redeemed: what a stolen claim can pile up. */
const MAX_WAITING = 1_000;
const COMMON_NAME = 'Throughline device certificate';

/** A certificate for a board that has a claim. It is good for nothing until its ownership token is redeemed. */
@Injectable()
export class CreateCertificate {
  constructor(
    private readonly database: Database,
    private readonly ca: DeviceCa,
    private readonly tokens: OwnershipTokens,
    private readonly batches: ClaimBatchStore,
    private readonly issued: IssuedCertificateStore,
    private readonly devices: DeviceStore,
    private readonly attempts: RecordAttempt,
    private readonly clock: Clock,
  ) {}

  /**
   * For the key of a signing request. The same key again gives the same certificate, so a board that lost the answer, or its
   * client id, goes on where it was. Refusals: InvalidCertificateSigningRequest, ClaimNotActive, BatchExhausted,
   * LimitExceeded, KeyInUse.
   */
  async fromCsr(claim: Claim, csr: unknown): Promise<CertificateAnswer> {
    const attempt = { operation: 'create_from_csr', batchId: claim.claimId, ...from(claim) } as const;
    return this.attempts.keepingRefusals(
      () => attempt,
      async () => {
        const { publicKey, keyHash } = await readCsr(csr);
        await this.ca.certificatePem();
        const issued = await this.database.transaction(everyCustomer, async (em) => {
          const batch = await this.activeBatch(em, claim);
          const known = await this.issued.lockByKey(em, keyHash);
          if (known) return this.again(em, known, claim);
          const made = await this.insert(em, batch, claim, await this.ca.certifyDevice(publicKey, COMMON_NAME));
          await this.attempts.accepted(em, { ...attempt, fingerprint: made.fingerprint });
          return made;
        });
        return this.answer(issued);
      },
    );
  }

  /** With a key made here, given out once and stored nowhere. Refusals: ClaimNotActive, BatchExhausted, LimitExceeded. */
  async withKeys(claim: Claim): Promise<CertificateAnswer> {
    const attempt = { operation: 'create_keys', batchId: claim.claimId, ...from(claim) } as const;
    return this.attempts.keepingRefusals(
      () => attempt,
      async () => {
        const { privateKeyPem, ...made } = await this.ca.issueForDevice(COMMON_NAME);
        const issued = await this.database.transaction(everyCustomer, async (em) => {
          const row = await this.insert(em, await this.activeBatch(em, claim), claim, made);
          await this.attempts.accepted(em, { ...attempt, fingerprint: row.fingerprint });
          return row;
        });
        return { ...(await this.answer(issued)), privateKey: privateKeyPem };
      },
    );
  }

  private async activeBatch(em: EntityManager, { claimId }: Claim): Promise<ClaimBatch> {
    const batch = await this.batches.lock(em, claimId);
    if (!batch) throw new ProvisioningRefusal('ClaimNotActive', 'the claim batch is gone');
    checkActive(batch, this.clock.now());
    return batch;
  }

  private async insert(
    em: EntityManager,
    batch: ClaimBatch,
    { clientId }: Claim,
    made: Certified & { notBefore: Date; notAfter: Date },
  ): Promise<IssuedCertificate> {
    const now = this.clock.now();
    if (batch.provisionedCount >= batch.maxCount)
      throw new ProvisioningRefusal('BatchExhausted', `all ${batch.maxCount} devices of the batch are made`);
    if ((await this.issued.waiting(em, batch.id, now)) >= MAX_WAITING)
      throw new ProvisioningRefusal('LimitExceeded', `${MAX_WAITING} certificates of the batch wait to be provisioned`);
    const { keyHash, fingerprint, serialNumber, certificatePem, notBefore, notAfter } = made;
    const row: IssuedCertificate = {
      id: newId(now.getTime()),
      keyHash,
      fingerprint,
      serialNumber,
      certificatePem,
      notBefore,
      notAfter,
      batchId: batch.id,
      clientId,
      tokenExpiresAt: new Date(now.getTime() + TOKEN_LIFE_MS),
      deviceId: null,
      requestHash: null,
      redeemedAt: null,
    };
    if (!(await this.issued.insert(em, row, now))) throw keyInUse();
    return row;
  }

  /** The key is known: to its own batch only, and only until its device has connected. */
  private async again(em: EntityManager, known: IssuedCertificate, claim: Claim): Promise<IssuedCertificate> {
    const now = this.clock.now();
    if (known.batchId !== claim.claimId) throw keyInUse();
    const [device] = known.deviceId === null ? [] : await this.devices.byIds(em, [known.deviceId]);
    if (device?.lastSeenAt) throw keyInUse();
    if (known.clientId === claim.clientId && known.tokenExpiresAt > now) return known;
    const tokenExpiresAt = new Date(now.getTime() + TOKEN_LIFE_MS);
    await this.issued.rebind(em, known.id, claim.clientId, tokenExpiresAt);
    return { ...known, clientId: claim.clientId, tokenExpiresAt };
  }

  private async answer(issued: IssuedCertificate): Promise<CertificateAnswer> {
    return {
      certificateId: issued.fingerprint,
      certificatePem: issued.certificatePem,
      certificateOwnershipToken: await this.tokens.of(issued),
    };
  }
}

const from = ({ clientId, remoteAddress }: Claim) => ({ clientId, remoteAddress });

const keyInUse = (): ProvisioningRefusal =>
  new ProvisioningRefusal('KeyInUse', 'another certificate has this key: every device makes a key of its own');
