import { Injectable } from '@nestjs/common';
import { type Connection, connectionOfAll, Database, everyCustomer, type PageRequest } from '@throughline/platform';
import type { ProvisioningAttempt } from '../../domain/provisioning/attempt.js';
import type { ClaimBatch } from '../../domain/provisioning/claim-batch.js';
import type { ProvisioningTemplate } from '../../domain/provisioning/template.js';
import { type AttemptFilter, AttemptStore } from '../../storage/provisioning/attempt.store.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';
import { type RegisteredCa, RegisteredCaStore } from '../../storage/provisioning/registered-ca.store.js';
import { TemplateStore } from '../../storage/provisioning/template.store.js';

/** What provisioning has, for those who may see it; none of it is a customer's. */
@Injectable()
export class ProvisioningLists {
  constructor(
    private readonly database: Database,
    private readonly templates: TemplateStore,
    private readonly batches: ClaimBatchStore,
    private readonly cas: RegisteredCaStore,
    private readonly attempts: AttemptStore,
  ) {}

  /** By name. */
  async templatePage(page: PageRequest): Promise<Connection<ProvisioningTemplate>> {
    return this.database.read(everyCustomer, (em) => this.templates.page(em, page));
  }

  async templatesById(ids: readonly string[]): Promise<ProvisioningTemplate[]> {
    return this.database.read(everyCustomer, (em) => this.templates.byIds(em, ids));
  }

  /** Newest first. */
  async batchPage(page: PageRequest): Promise<Connection<ClaimBatch>> {
    return this.database.read(everyCustomer, (em) => this.batches.page(em, page));
  }

  /** Newest first. */
  async caPage(page: PageRequest): Promise<Connection<RegisteredCa>> {
    const all = await this.database.read(everyCustomer, (em) => this.cas.all(em));
    return connectionOfAll('registeredCas', all, page, (ca) => ca.id);
  }

  /** Newest first. */
  async attemptPage(filter: AttemptFilter, page: PageRequest): Promise<Connection<ProvisioningAttempt>> {
    return this.database.read(everyCustomer, (em) => this.attempts.page(em, filter, page));
  }
}
