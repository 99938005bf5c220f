import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { type ClaimBatch, type ClaimBatchInput, checkedBatch } from '../../domain/provisioning/claim-batch.js';
import { isTemplateName } from '../../domain/provisioning/template.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';
import { DeviceCa } from '../device-ca.js';

/** No thing's name: an outside broker takes the name of a certificate for its thing. */
const COMMON_NAME = 'Throughline claim';

/** What goes into the firmware of a batch, all PEM. The private key is given out here once and stored nowhere. */
export interface ClaimCredentials {
  readonly batch: ClaimBatch;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly caPem: string;
}

@Injectable()
export class CreateClaimBatch {
  constructor(
    private readonly database: Database,
    private readonly ca: DeviceCa,
    private readonly templates: TemplateStore,
    private readonly batches: ClaimBatchStore,
    private readonly clock: Clock,
  ) {}

  /** Errors: INVALID_INPUT with every fault; NOT_FOUND for the template; CONFLICT when the name is taken. */
  async run(input: ClaimBatchInput): Promise<ClaimCredentials> {
    const { name, templateName, maxCount, expiresAt } = input;
    const now = this.clock.now();
    const { serialNumbers } = checkedBatch(input, now);
    const caPem = await this.ca.certificatePem();
    return this.database.transaction(everyCustomer, async (em) => {
      const template = isTemplateName(templateName) && (await this.templates.byName(em, templateName));
      if (!template) throw notFound('provisioning template', templateName);
      const { certificatePem, privateKeyPem, fingerprint } = await this.ca.issueForClaim(COMMON_NAME, expiresAt);
      const batch: ClaimBatch = {
        id: newId(now.getTime()),
        name: name.trim(),
        templateId: template.id,
        maxCount,
        provisionedCount: 0,
        expiresAt,
        deactivatedAt: null,
        serialsListed: serialNumbers !== undefined,
        fingerprint,
        createdAt: now,
      };
      if (!(await this.batches.insert(em, batch, serialNumbers ?? [])))
        throw new DomainError('CONFLICT', `a claim batch named "${batch.name}" is there already`);
      return { batch, certificatePem, privateKeyPem, caPem };
    });
  }
}
