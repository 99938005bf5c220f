import { Injectable } from '@nestjs/common';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { ProvisioningAttempt as Row } from '@throughline/schema/fleet';
import type { ProvisioningAttempt } from '../../domain/provisioning/attempt.js';
import { mapped } from './pages.js';

/** Which attempts; fields that are missing do not narrow the list. */
export interface AttemptFilter {
  readonly accepted?: boolean | undefined;
  readonly batchId?: string | undefined;
}

@Injectable()
export class AttemptStore {
  async insert(em: EntityManager, attempt: ProvisioningAttempt): Promise<void> {
    await em.insert(Row, { ...attempt, parameters: attempt.parameters ? { ...attempt.parameters } : null });
  }

  /** Newest first. */
  async page(em: EntityManager, filter: AttemptFilter, page: PageRequest): Promise<Connection<ProvisioningAttempt>> {
    const found = await keysetPage(em, Row, {
      list: 'provisioningAttempts',
      where: {
        ...(filter.accepted === undefined ? {} : { accepted: filter.accepted }),
        ...(filter.batchId === undefined ? {} : { batchId: filter.batchId }),
      },
      sort: [
        { property: 'at', type: 'date', direction: 'desc' },
        { property: 'id', type: 'string', direction: 'desc' },
      ],
      page,
    });
    return mapped(found, toAttempt);
  }

  async deleteBefore(em: EntityManager, before: Date): Promise<void> {
    await em.execute('delete from provisioning_attempt where at < ?', [before]);
  }
}

const toAttempt = (row: Row): ProvisioningAttempt => ({
  id: row.id,
  at: row.at,
  operation: row.operation,
  accepted: row.accepted,
  reason: row.reason ?? null,
  message: row.message ?? null,
  batchId: row.batchId ?? null,
  caId: row.caId ?? null,
  clientId: row.clientId,
  remoteAddress: row.remoteAddress ?? null,
  parameters: row.parameters ?? null,
  fingerprint: row.fingerprint ?? null,
  thingName: row.thingName ?? null,
});
