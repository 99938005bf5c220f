import { Injectable } from '@nestjs/common';
import { Contracts } from '@throughline/contracts';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import { dueMonths } from '../domain/period.js';
import { StatementStore } from '../storage/statement.store.js';
import { ClosePeriod } from './close-period.js';

/** Closes every month that is over, of every contract; one contract's failure does not stop the others, and fails the job. */
@Injectable()
export class CloseDuePeriods {
  constructor(
    private readonly database: Database,
    private readonly contracts: Contracts,
    private readonly statements: StatementStore,
    private readonly closePeriod: ClosePeriod,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** `signal` ends it after the period at work; the next run goes on. */
  async run(signal?: AbortSignal): Promise<void> {
    const now = this.clock.now().getTime();
    const { contracts, closed } = await this.database.read(everyCustomer, async (em) => ({
      contracts: await this.contracts.all(em),
      closed: await this.statements.closedPeriods(em),
    }));
    const failures: unknown[] = [];
    for (const contract of contracts)
      try {
        // Oldest first: later months carry the corrections of earlier ones, so a month that fails holds up those after it.
        for (const month of dueMonths(contract, now, closed.get(contract.id) ?? new Set())) {
          if (signal?.aborted) return;
          const { changed, statementId } = await this.closePeriod.run(everyCustomer, contract.id, month);
          if (changed) this.logger.info({ contract: contract.number, month, statementId }, 'a period was closed');
        }
      } catch (error) {
        this.logger.error({ err: error, contract: contract.number }, 'a period could not be closed');
        failures.push(error);
      }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} contracts could not be closed`);
  }
}
