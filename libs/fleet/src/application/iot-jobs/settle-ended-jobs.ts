import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { CONFIG, type Config, Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { type ExecutionStatus, executionLife, executionStatuses } from '../../domain/iot-jobs/execution.js';
import { ended } from '../../domain/iot-jobs/moves.js';
import { IotJobStore, type UnsettledJob } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';

/** Executions ended in one transaction. */
const BATCH = 500;
/** Batches that whoever cancels or deletes waits for; the worker does the rest. */
const BATCHES_AT_ONCE = 4;
/** Jobs looked after in one run. */
const MAX_JOBS = 100;

/**
 * Has the executions of cancelled and deleted jobs follow, in batches. Cancelling and deleting call it at once; what a process
 * that died left undone, the worker does.
 */
@Injectable()
export class SettleEndedJobs {
  constructor(
    private readonly database: Database,
    private readonly jobs: IotJobStore,
    private readonly executions: JobExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  /** All that wait; gives their number. */
  async run(signal?: AbortSignal): Promise<number> {
    const waiting = await this.database.read(everyCustomer, (em) => this.jobs.unsettled(em, MAX_JOBS));
    for (const job of waiting) await this.settle(job, Number.POSITIVE_INFINITY, signal);
    return waiting.length;
  }

  /** Until nothing of the job is left to be done, `batches` are done, or `signal` says that the time is over. */
  async settle(job: UnsettledJob, batches = BATCHES_AT_ONCE, signal?: AbortSignal): Promise<void> {
    // In AWS mode AWS IoT cancels executions, and says which.
    const cancels = this.config.aws ? [] : cancelled(job.forced);
    const which = job.status === 'DELETION_IN_PROGRESS' ? executionStatuses : cancels;
    for (let i = 0; i < batches && !signal?.aborted; i += 1) if (await this.batch(job, which)) return;
  }

  /** True when that was all. */
  private async batch(job: UnsettledJob, which: readonly ExecutionStatus[]): Promise<boolean> {
    return this.database.transaction(everyCustomer, async (em) => {
      const found = which.length === 0 ? [] : await this.executions.ofJob(em, job.id, which, BATCH);
      if (found.length === 0) return this.finish(em, job, which);
      const ids = found.map(({ id }) => id);
      const deviceIds = [...new Set(found.map(({ deviceId }) => deviceId))];
      await this.changes.told(em, deviceIds, async (things) => {
        if (job.status === 'DELETION_IN_PROGRESS') return this.executions.remove(em, ids);
        const now = this.clock.now();
        const thingOf = new Map(things.map((thing) => [thing.id, thing]));
        // Read again: a device may have gone on before it was locked.
        const changes = (await this.executions.byIds(em, ids)).flatMap((before) => {
          const thing = thingOf.get(before.deviceId);
          if (!thing || !which.includes(before.status)) return [];
          return [{ thing, before, after: ended(before, 'CANCELED', now, { force: job.forced }) }];
        });
        await this.changes.writeEnded(em, changes);
      });
      return false;
    });
  }

  private async finish(
    em: EntityManager,
    { id, status }: UnsettledJob,
    which: readonly ExecutionStatus[],
  ): Promise<boolean> {
    const job = await this.jobs.lock(em, id);
    if (!job) return true;
    // A retry may have been queued before the job was locked.
    if (which.length > 0 && (await this.executions.ofJob(em, id, which, 1)).length > 0) return false;
    if (status === 'DELETION_IN_PROGRESS') await this.jobs.remove(em, id);
    // What is left of a job at AWS IoT is over when that says so.
    else if (!this.config.aws) await this.changes.settle(em, job);
    // Also one to be deleted that AWS IoT still has: its row goes when it is gone there.
    await this.jobs.setSettled(em, id);
    return true;
  }
}

/** Statuses that a cancellation ends. */
const cancelled = (forced: boolean): ExecutionStatus[] =>
  executionStatuses.filter(
    (status) =>
      executionLife[status].byService.includes('CANCELED') ||
      (forced && executionLife[status].byForce.includes('CANCELED')),
  );
