import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import type { JobExecution } from '../../domain/iot-jobs/execution.js';
import { ended } from '../../domain/iot-jobs/moves.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';

@Injectable()
export class CancelJobExecution {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** One thing need not do a job any more. Errors: NOT_FOUND; STATE_CONFLICT when it has begun (unless `force`) or is over. */
  async run(scope: DataScope, { id, force = false }: { id: string; force?: boolean }): Promise<JobExecution> {
    return this.database.transaction(scope, async (em) => {
      const [found] = await this.executions.byIds(em, [id]);
      if (!found) throw notFound('job execution', id);
      return this.changes.told(em, [found.deviceId], async ([thing]) => {
        const [before] = await this.executions.byIds(em, [id]);
        if (!thing || !before) throw notFound('job execution', id);
        const after = ended(before, 'CANCELED', this.clock.now(), { force });
        await this.changes.write(em, thing, before, after);
        await this.changes.followEnd(em, thing, after);
        return after;
      });
    });
  }
}
