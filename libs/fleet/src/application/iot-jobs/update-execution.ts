import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, type DeviceMessage, everyCustomer } from '@throughline/platform';
import { stateOf, updated } from '../../domain/iot-jobs/moves.js';
import { type ExecutionState, JobRefusal } from '../../domain/iot-jobs/refusal.js';
import type { UpdateRequest } from '../../domain/iot-jobs/request.js';
import { seconds } from '../../domain/iot-jobs/wire.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { JobDocuments } from './job-documents.js';

export interface UpdateAnswer {
  readonly executionState?: ExecutionState;
  readonly jobDocument?: unknown;
  readonly timestamp: number;
}

/** A device says how an execution goes. */
@Injectable()
export class UpdateExecution {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly jobs: IotJobStore,
    private readonly documents: JobDocuments,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** Throws JobRefusal: ResourceNotFound, InvalidStateTransition, VersionMismatch, in this order. */
  async run(
    device: { deviceId: string; thingName: string },
    request: UpdateRequest,
  ): Promise<{ answer: UpdateAnswer; messages: readonly DeviceMessage[] }> {
    const { deviceId, thingName } = device;
    const { jobId, executionNumber, includeJobExecutionState, includeJobDocument } = request;
    return this.database.transaction(everyCustomer, async (em) => {
      const { result: answer, messages } = await this.changes.answered(em, deviceId, async (thing) => {
        const now = this.clock.now();
        const before = await this.executions.ofThing(em, deviceId, jobId, executionNumber);
        if (!before) throw new JobRefusal('ResourceNotFound', `no such execution of job "${jobId}" on this thing`);
        const [job] = await this.jobs.byIds(em, [before.iotJobId]);
        if (!job) throw new DomainError('INTERNAL', `an execution of "${jobId}" has no job`);
        const after = updated(before, job, request, now);
        await this.changes.write(em, thing, before, after);
        await this.changes.followEnd(em, thing, after);
        return {
          ...(includeJobExecutionState && { executionState: stateOf(after) }),
          ...(includeJobDocument && {
            jobDocument: await this.documents.filled(job.document, { jobId, deviceId, thingName }),
          }),
          timestamp: seconds(now),
        };
      });
      return { answer, messages };
    });
  }
}
