import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { type ClaimBatch, checkActive } from '../../domain/provisioning/claim-batch.js';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';
import {
  IMPLICIT_PREFIX,
  type Parameters,
  type ProvisioningTemplate,
  resolvedParameters,
  SERIAL_PARAMETER,
  thingNameOf,
} from '../../domain/provisioning/template.js';
import type { Device } from '../../domain/registry.js';
import { DeviceStore } from '../../storage/device.store.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';
import { type IssuedCertificate, IssuedCertificateStore } from '../../storage/provisioning/issued-certificate.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';
import { DirectoryChanges } from '../directory-changes.js';
import type { Claim } from './create-certificate.js';
import { MakeThing } from './make-thing.js';
import { OwnershipTokens } from './ownership-tokens.js';
import { ProvisioningHook } from './provisioning-hook.js';
import { RecordAttempt } from './record-attempt.js';

export interface ProvisionInput {
  /** From the topic. */
  readonly templateName: string;
  readonly token: unknown;
  readonly parameters: Parameters;
}

/** By AWS IoT's names. */
export interface ProvisionAnswer {
  readonly thingName: string;
  readonly deviceConfiguration: Parameters;
}

interface Subject {
  readonly batch: ClaimBatch;
  readonly template: ProvisioningTemplate;
  readonly issued: IssuedCertificate;
}

/** Redeems an ownership token: its certificate becomes that of a device. */
@Injectable()
export class ProvisionThing {
  constructor(
    private readonly database: Database,
    private readonly batches: ClaimBatchStore,
    private readonly templates: TemplateStore,
    private readonly issued: IssuedCertificateStore,
    private readonly devices: DeviceStore,
    private readonly tokens: OwnershipTokens,
    private readonly hook: ProvisioningHook,
    private readonly makeThing: MakeThing,
    private readonly attempts: RecordAttempt,
    private readonly directory: DirectoryChanges,
    private readonly clock: Clock,
  ) {}

  /**
   * A token makes one device, within its hour, for the claim and client that it was given to. The same request again gets
   * the same answer and changes nothing. Refusals: ResourceNotFound, InvalidCertificateOwnershipToken, InvalidParameters,
   * ACCESS_DENIED, ClaimNotActive, BatchExhausted, SerialNumberNotAllowed, ThingAlreadyExists.
   */
  async run(claim: Claim, input: ProvisionInput): Promise<ProvisionAnswer> {
    const { claimId, clientId, remoteAddress } = claim;
    const { parameters } = input;
    let fingerprint: string | undefined;
    const attempt = () =>
      ({ operation: 'provision', batchId: claimId, clientId, remoteAddress, parameters, fingerprint }) as const;
    return this.attempts.keepingRefusals(attempt, async () => {
      const requestHash = hashOf(parameters);
      const subject = await this.database.read(everyCustomer, (em) => this.subjectOf(em, claim, input));
      fingerprint = subject.issued.fingerprint;
      const values = await this.valuesFor(subject, claim, parameters, requestHash);
      const { device, template } = await this.database.transaction(everyCustomer, async (em) => {
        const made = await this.redeem(em, claim, input, values, requestHash);
        if (made.isNew) await this.attempts.accepted(em, { ...attempt(), thingName: made.device.thingName });
        return made;
      });
      this.directory.announce([device.id]);
      return { thingName: device.thingName, deviceConfiguration: template.deviceConfiguration };
    });
  }

  private async subjectOf(em: EntityManager, claim: Claim, { templateName, token }: ProvisionInput): Promise<Subject> {
    const batch = await this.batches.byId(em, claim.claimId);
    const template = batch && (await this.templates.byId(em, batch.templateId));
    if (!batch || template?.name !== templateName)
      throw new ProvisioningRefusal('ResourceNotFound', `the claim has no template "${templateName.slice(0, 36)}"`);
    checkActive(batch, this.clock.now());
    const id = this.tokens.idIn(token);
    const issued = id === undefined ? undefined : await this.issued.byId(em, id);
    if (!issued || issued.batchId !== batch.id || issued.clientId !== claim.clientId) throw badToken('is not yours');
    if (!(await this.tokens.isOf(String(token), issued))) throw badToken('is not yours');
    if (issued.tokenExpiresAt <= this.clock.now()) throw badToken('has expired');
    return { batch, template, issued };
  }

  /** What the template makes of the parameters, after the hook. Not in a transaction: a hook may take its time. */
  private async valuesFor(
    { batch, template, issued }: Subject,
    { clientId }: Claim,
    given: Parameters,
    requestHash: string,
  ): Promise<Parameters> {
    const implicit = { [`${IMPLICIT_PREFIX}Id`]: issued.fingerprint };
    const values = resolvedParameters(template, given, implicit);
    const repeated = issued.deviceId !== null && issued.requestHash === requestHash;
    if (template.hookUrl === null || repeated) return values;
    const overrides = await this.hook.ask(template.hookUrl, {
      claimCertificateId: batch.fingerprint,
      certificateId: issued.fingerprint,
      certificatePem: issued.certificatePem,
      templateName: template.name,
      clientId,
      parameters: { ...given, ...values },
    });
    return resolvedParameters(template, { ...given, ...overrides }, implicit);
  }

  private async redeem(
    em: EntityManager,
    claim: Claim,
    input: ProvisionInput,
    values: Parameters,
    requestHash: string,
  ): Promise<{ device: Device; template: ProvisioningTemplate; isNew: boolean }> {
    const now = this.clock.now();
    // In this order, so that tries of one batch take turns and what they see is what holds.
    await this.batches.lock(em, claim.claimId);
    const { batch, template, issued } = await this.subjectOf(em, claim, input);
    if (issued.deviceId !== null) {
      const [device] = await this.devices.byIds(em, [issued.deviceId]);
      if (!device || issued.requestHash !== requestHash) throw badToken('was used');
      return { device, template, isNew: false };
    }
    const serial = await this.allowedSerial(em, batch, values, input.parameters);
    const device = await this.makeThing.run(em, {
      thingName: thingNameOf(template, values),
      modelId: template.modelId,
      certificate: issued,
      sameSource: (deviceId) => this.issued.madeBy(em, batch.id, deviceId),
    });
    if (serial) {
      if (serial.deviceId !== null && serial.deviceId !== device.id)
        throw notAllowed(serial.number, 'is taken by another device');
      await this.batches.takeSerial(em, batch.id, serial.number, device.id);
    }
    if (!(await this.issued.madeBy(em, batch.id, device.id))) {
      if (batch.provisionedCount >= batch.maxCount)
        throw new ProvisioningRefusal('BatchExhausted', `all ${batch.maxCount} devices of the batch are made`);
      await this.batches.countOne(em, batch.id);
    }
    await this.issued.redeem(em, issued.id, device.id, requestHash, now);
    return { device, template, isNew: true };
  }

  private async allowedSerial(
    em: EntityManager,
    batch: ClaimBatch,
    values: Parameters,
    given: Parameters,
  ): Promise<{ number: string; deviceId: string | null } | undefined> {
    if (!batch.serialsListed) return undefined;
    const number = values[SERIAL_PARAMETER] ?? given[SERIAL_PARAMETER] ?? '';
    const listed = await this.batches.serial(em, batch.id, number);
    if (!listed) throw notAllowed(number, "is not on the batch's list");
    return { number, deviceId: listed.deviceId };
  }
}

const badToken = (why: string): ProvisioningRefusal =>
  new ProvisioningRefusal('InvalidCertificateOwnershipToken', `the certificate ownership token ${why}`);

const notAllowed = (number: string, why: string): ProvisioningRefusal =>
  new ProvisioningRefusal('SerialNumberNotAllowed', `${SERIAL_PARAMETER} "${number.slice(0, 128)}" ${why}`);

const hashOf = (parameters: Parameters): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
