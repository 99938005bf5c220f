import { Injectable } from '@nestjs/common';
import { Clock, DomainError, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { type IotJob, mayBecome } from '../../domain/iot-jobs/iot-job.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { SettleEndedJobs } from './settle-ended-jobs.js';

@Injectable()
export class CancelIotJob {
  constructor(
    private readonly database: Database,
    private readonly jobs: IotJobStore,
    private readonly settling: SettleEndedJobs,
    private readonly clock: Clock,
  ) {}

  /**
   * Nothing more of the job is begun or retried; with `force`, what is in progress ends too, on things that may not notice.
   * Cancelling a cancelled job with force ends what was left in progress. Errors: NOT_FOUND; STATE_CONFLICT when it is over.
   */
  async run(scope: DataScope, { id, force = false }: { id: string; force?: boolean }): Promise<IotJob> {
    await this.database.transaction(scope, async (em) => {
      const job = await this.jobs.lock(em, id);
      if (!job) throw notFound('job', id);
      if (!mayBecome(job.status, 'CANCELED', force))
        throw new DomainError('STATE_CONFLICT', `job "${job.jobId}" is ${job.status} and cannot be cancelled`);
      await this.jobs.end(em, id, 'CANCELED', force, this.clock.now());
    });
    await this.settling.settle({ id, status: 'CANCELED', forced: force });
    const [job] = await this.database.read(scope, (em) => this.jobs.byIds(em, [id]));
    if (!job) throw notFound('job', id);
    return job;
  }
}
