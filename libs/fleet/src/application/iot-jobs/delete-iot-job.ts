import { Injectable } from '@nestjs/common';
import { Clock, DomainError, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { mayBecome } from '../../domain/iot-jobs/iot-job.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { SettleEndedJobs } from './settle-ended-jobs.js';

@Injectable()
export class DeleteIotJob {
  constructor(
    private readonly database: Database,
    private readonly jobs: IotJobStore,
    private readonly settling: SettleEndedJobs,
    private readonly clock: Clock,
  ) {}

  /**
   * Forgets a job and all its executions; its name is free again. A thing that is busy with it hears that there is no such
   * execution. Errors: NOT_FOUND; STATE_CONFLICT when it is neither completed nor cancelled, unless `force`.
   */
  async run(scope: DataScope, { id, force = false }: { id: string; force?: boolean }): Promise<void> {
    await this.database.transaction(scope, async (em) => {
      const job = await this.jobs.lock(em, id);
      if (!job) throw notFound('job', id);
      if (!mayBecome(job.status, 'DELETION_IN_PROGRESS', force))
        throw new DomainError(
          'STATE_CONFLICT',
          `job "${job.jobId}" is ${job.status}: cancel it, or force its deletion`,
        );
      if (!force && (await this.jobs.hasPending(em, id)))
        throw new DomainError(
          'STATE_CONFLICT',
          `job "${job.jobId}" is still in progress on things: cancel or delete it with force`,
        );
      await this.jobs.end(em, id, 'DELETION_IN_PROGRESS', force, this.clock.now());
    });
    await this.settling.settle({ id, status: 'DELETION_IN_PROGRESS', forced: force });
  }
}
