import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Outbox } from '@throughline/platform';
import { StatementStore } from '../storage/statement.store.js';
import { statementRated } from './events.js';

/** Longer than the first tries of a posting take together. */
const GIVEN_UP_MS = 3_600_000;

/** Asks again for the posting of statements that should long have been posted. Posting twice does no harm. */
@Injectable()
export class ResumePostings {
  constructor(
    private readonly database: Database,
    private readonly statements: StatementStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Gives how many. */
  async run(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - GIVEN_UP_MS);
    return this.database.transaction(everyCustomer, async (em) => {
      const stuck = await this.statements.stuck(em, before);
      for (const { id, customerId } of stuck)
        await this.outbox.publish(em, statementRated, { statementId: id, customerId });
      return stuck.length;
    });
  }
}
