import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import type { ClaimBatch } from '../../domain/provisioning/claim-batch.js';
import { ClaimBatchStore } from '../../storage/provisioning/claim-batch.store.js';

@Injectable()
export class DeactivateClaimBatch {
  constructor(
    private readonly database: Database,
    private readonly batches: ClaimBatchStore,
    private readonly clock: Clock,
  ) {}

  /** Ends what its claim certificate may do, for good; devices made of it go on. Again it changes nothing. Errors: NOT_FOUND. */
  async run(id: string): Promise<ClaimBatch> {
    return this.database.transaction(everyCustomer, async (em) => {
      const batch = await this.batches.lock(em, id);
      if (!batch) throw notFound('claim batch', id);
      const deactivatedAt = batch.deactivatedAt ?? this.clock.now();
      await this.batches.deactivate(em, id, deactivatedAt);
      return { ...batch, deactivatedAt };
    });
  }
}
