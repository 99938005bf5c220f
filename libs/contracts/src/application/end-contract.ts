import { Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, isId, notFound } from '@throughline/kernel';
import { Database, type DataScope, Outbox } from '@throughline/platform';
import type { Contract } from '../domain/contract.js';
import { ContractStore } from '../storage/contract.store.js';
import { contractEnded } from './events.js';

@Injectable()
export class EndContract {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Lets a contract end at an instant, now when not given. An agreed end only moves closer; months that were billed beyond
   * an end in the past are billing's to correct. Errors: INVALID_INPUT; NOT_FOUND; STATE_CONFLICT when it ended already.
   */
  async run(scope: DataScope, contractId: string, at?: Date | null): Promise<Contract> {
    return this.database.transaction(scope, async (em) => {
      const contract = isId(contractId) ? await this.contracts.lock(em, contractId) : undefined;
      if (!contract) throw notFound('contract', contractId);
      const now = this.clock.now().getTime();
      if (contract.to !== null && contract.to <= now)
        throw new DomainError(
          'STATE_CONFLICT',
          `contract ${contract.number} ended at ${new Date(contract.to).toISOString()}`,
        );
      const to = at?.getTime() ?? now;
      if (Number.isNaN(to) || to <= contract.from)
        throw invalid({
          field: 'at',
          value: at ?? new Date(to),
          rule: `must be after the contract's begin, ${new Date(contract.from).toISOString()}`,
        });
      if (contract.to !== null && to > contract.to)
        throw invalid({
          field: 'at',
          value: at,
          rule: `must not be after the agreed end, ${new Date(contract.to).toISOString()}`,
        });
      const stays = await this.contracts.staysOf(em, [contract.id]);
      await this.contracts.cut(em, contract.id, to);
      await this.outbox.publish(em, contractEnded, {
        contractId: contract.id,
        number: contract.number,
        customerId: contract.customerId,
        assetIds: [...new Set(stays.map((stay) => stay.assetId))],
        to,
      });
      return { ...contract, to };
    });
  }
}
