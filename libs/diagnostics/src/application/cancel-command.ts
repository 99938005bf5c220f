import { Injectable } from '@nestjs/common';
import { Clock, DomainError, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { canceled, type Execution } from '../domain/execution.js';
import { mayMove } from '../domain/execution-state.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { ExecutionChanges } from './execution-changes.js';

@Injectable()
export class CancelCommand {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** Withdraws a command that waits. Errors: NOT_FOUND; STATE_CONFLICT for one that was sent: it cannot be called back. */
  async run(scope: DataScope, id: string, by: string): Promise<Execution> {
    const execution = await this.database.transaction(scope, async (em) => {
      const found = await this.executions.lock(em, id);
      if (!found) throw notFound('command execution', id);
      if (found.state === 'canceled') return found;
      if (!mayMove(found.state, 'canceled', 'service'))
        throw new DomainError(
          'STATE_CONFLICT',
          `the command is ${found.state}: only one that is queued can be canceled`,
        );
      const next = canceled(found, this.clock.now(), `canceled by ${by}`.slice(0, 1024));
      await this.changes.save(em, next);
      return next;
    });
    this.changes.announce([id]);
    return execution;
  }
}
