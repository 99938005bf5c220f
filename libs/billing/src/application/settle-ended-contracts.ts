import { Injectable } from '@nestjs/common';
import { Contracts } from '@throughline/contracts';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { StatementStore } from '../storage/statement.store.js';
import { SettleContract } from './settle-contract.js';

/** Data that comes later than this after a contract's end, or after the close of its last month, is not billed any more. */
const SETTLED_AFTER_MS = 100 * 86_400_000;

/** Looks after contracts that ended lately; one's failure does not stop the others, and fails the job. */
@Injectable()
export class SettleEndedContracts {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly statements: StatementStore,
    private readonly settle: SettleContract,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run(signal?: AbortSignal): Promise<void> {
    const now = this.clock.now().getTime();
    const { contracts, closes } = await this.database.read(everyCustomer, async (em) => ({
      contracts: await this.contracts.all(em),
      closes: await this.statements.lastCloses(em),
    }));
    const failures: unknown[] = [];
    for (const { id, number, to } of contracts) {
      // An end may be set long in the past: what was billed since then was closed lately, and is to be given back.
      if (to === null || to > now || Math.max(to, closes.get(id) ?? to) < now - SETTLED_AFTER_MS) continue;
      if (signal?.aborted) return;
      try {
        const statementId = await this.settle.run(id);
        if (statementId) this.logger.info({ contract: number, statementId }, 'an ended contract was settled');
      } catch (error) {
        this.logger.error({ err: error, contract: number }, 'an ended contract could not be settled');
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} contracts could not be settled`);
  }
}
