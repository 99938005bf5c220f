import { Inject, Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { CONFIG, type Config, Database, type DataScope, type EntityManager, Outbox } from '@throughline/platform';
import type { JobExecution } from '../../domain/iot-jobs/execution.js';
import { ended } from '../../domain/iot-jobs/moves.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { cancelAwsExecution } from '../aws/cancel-execution.js';
import { ExecutionChanges } from './execution-changes.js';

@Injectable()
export class CancelJobExecution {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  /** One thing need not do a job any more. Errors: NOT_FOUND; STATE_CONFLICT when it has begun (unless `force`) or is over. */
  async run(scope: DataScope, { id, force = false }: { id: string; force?: boolean }): Promise<JobExecution> {
    return this.database.transaction(scope, async (em) => {
      const [found] = await this.executions.byIds(em, [id]);
      if (!found) throw notFound('job execution', id);
      if (this.config.aws) return this.atAws(em, found, force);
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

  /** AWS IoT is asked to, and its answer becomes the execution's. */
  private async atAws(em: EntityManager, execution: JobExecution, force: boolean): Promise<JobExecution> {
    ended(execution, 'CANCELED', this.clock.now(), { force });
    const [thing] = await this.executions.lockThings(em, [execution.deviceId]);
    if (!thing) throw notFound('device', execution.deviceId);
    const { jobId } = execution;
    await this.outbox.enqueue(em, cancelAwsExecution, { jobId, thingName: thing.thingName, force });
    return execution;
  }
}
