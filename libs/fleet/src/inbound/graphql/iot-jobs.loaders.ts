import { Injectable } from '@nestjs/common';
import type { IdentityContext } from '@throughline/identity';
import { DomainError, notFound } from '@throughline/kernel';
import { type DataScope, grouped, inOrder, loader } from '@throughline/platform';
import { IotJobs } from '../../application/iot-jobs/iot-jobs.js';
import { type ExecutionStatus, executionStatuses, type JobExecution } from '../../domain/iot-jobs/execution.js';
import type { IotJob } from '../../domain/iot-jobs/iot-job.js';

/** Batched reads of jobs. */
@Injectable()
export class IotJobLoaders {
  constructor(private readonly all: IotJobs) {}

  /** Rejects with NOT_FOUND. */
  job(context: IdentityContext, id: string): Promise<IotJob> {
    return loader<string, IotJob>(context, 'fleet.job', async (ids) =>
      inOrder(
        ids,
        await this.all.many(ids),
        (job) => job.id,
        (job, missing) => job ?? notFound('job', missing),
      ),
    ).load(id);
  }

  /** Every status, also those of no thing. */
  counts(context: IdentityContext, id: string): Promise<{ status: ExecutionStatus; things: number }[]> {
    return loader<string, { status: ExecutionStatus; things: number }[]>(context, 'fleet.jobCounts', async (ids) => {
      const counts = await this.all.counts(ids);
      return ids.map((one) => executionStatuses.map((status) => ({ status, things: counts.get(one)?.[status] ?? 0 })));
    }).load(id);
  }

  /** Newest first. */
  ofDevice(context: IdentityContext, deviceId: string, first: number): Promise<JobExecution[]> {
    return loader<string, JobExecution[]>(context, `fleet.jobExecutions:${first}`, async (ids) =>
      grouped(ids, await this.all.executionsOfDevices(dataOf(context), ids, first), (e) => e.deviceId),
    ).load(deviceId);
  }
}

function dataOf(context: IdentityContext): DataScope {
  if (!context.scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return context.scope.data;
}
