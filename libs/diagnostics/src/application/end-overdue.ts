import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { overdue } from '../domain/execution.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { ExecutionChanges } from './execution-changes.js';

const BATCH = 200;

@Injectable()
export class EndOverdue {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** Ends what waited or ran for too long, in batches until nothing is due. Gives how many there were. */
  async run(signal?: AbortSignal): Promise<number> {
    let count = 0;
    while (!signal?.aborted) {
      const ended = await this.database.transaction(everyCustomer, async (em) => {
        const now = this.clock.now();
        const due = await this.executions.lockOverdue(em, now, BATCH);
        const next = due.flatMap((execution) => overdue(execution, now) ?? []);
        for (const execution of next) await this.changes.save(em, execution);
        return next.map(({ id }) => id);
      });
      this.changes.announce(ended);
      count += ended.length;
      if (ended.length === 0) break;
    }
    return count;
  }
}
