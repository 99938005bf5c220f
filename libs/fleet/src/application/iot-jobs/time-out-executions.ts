import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import type { JobExecution } from '../../domain/iot-jobs/execution.js';
import { ended } from '../../domain/iot-jobs/moves.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';

/** Executions looked at in one go, and goes in one run. */
const BATCH = 500;
const MAX_BATCHES = 20;

/** Ends executions whose timer is over: TIMED_OUT, and a retry where the job has one. */
@Injectable()
export class TimeOutExecutions {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Gives their number. One that fails does not keep others waiting; the run fails for it at its end. */
  async run(signal?: AbortSignal): Promise<number> {
    const failed = new Map<string, unknown>();
    let done = 0;
    for (let i = 0; i < MAX_BATCHES && !signal?.aborted; i += 1) {
      const due = await this.database.read(everyCustomer, (em) => this.executions.overdue(em, this.clock.now(), BATCH));
      const fresh = due.filter(({ id }) => !failed.has(id));
      for (const execution of fresh) {
        try {
          await this.timeOut(execution);
          done += 1;
        } catch (error) {
          failed.set(execution.id, error);
          this.logger.error({ err: error, executionId: execution.id }, 'an execution could not be timed out');
        }
      }
      if (due.length < BATCH || fresh.length === 0) break;
    }
    if (failed.size > 0) throw new AggregateError(failed.values(), `${failed.size} executions could not be timed out`);
    return done;
  }

  private async timeOut({ id, deviceId }: JobExecution): Promise<void> {
    await this.database.transaction(everyCustomer, (em) =>
      this.changes.told(em, [deviceId], async ([thing]) => {
        const now = this.clock.now();
        const [before] = await this.executions.byIds(em, [id]);
        // Meanwhile the device may have said how it went, or that it needs longer.
        if (!thing || !before?.timesOutAt || before.timesOutAt > now) return;
        const after = ended(before, 'TIMED_OUT', now);
        await this.changes.write(em, thing, before, after);
        await this.changes.followEnd(em, thing, after);
      }),
    );
  }
}
