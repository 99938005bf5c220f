import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, type DeviceMessage, everyCustomer } from '@throughline/platform';
import { started } from '../../domain/iot-jobs/moves.js';
import { inOrderOfWork } from '../../domain/iot-jobs/pending.js';
import type { StartNextRequest } from '../../domain/iot-jobs/request.js';
import { type ExecutionMessage, executionMessage, seconds } from '../../domain/iot-jobs/wire.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { JobDocuments } from './job-documents.js';

/** A device takes up what is next. */
@Injectable()
export class StartNextExecution {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly jobs: IotJobStore,
    private readonly documents: JobDocuments,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** A queued one is in progress afterwards, one in progress is given as it is; without `execution` when nothing is pending. */
  async run(
    device: { deviceId: string; thingName: string },
    request: StartNextRequest,
  ): Promise<{ answer: { execution?: ExecutionMessage; timestamp: number }; messages: readonly DeviceMessage[] }> {
    const { deviceId, thingName } = device;
    return this.database.transaction(everyCustomer, async (em) => {
      const { result: answer, messages } = await this.changes.answered(em, deviceId, async (thing) => {
        const now = this.clock.now();
        const [next] = inOrderOfWork(await this.executions.pendingOf(em, [deviceId]));
        if (!next) return { timestamp: seconds(now) };
        const [job] = await this.jobs.byIds(em, [next.iotJobId]);
        if (!job) throw new DomainError('INTERNAL', `an execution of "${next.jobId}" has no job`);
        const after = started(next, job, request, now);
        if (after !== next) await this.changes.write(em, thing, next, after);
        const document = await this.documents.filled(job.document, { jobId: job.jobId, deviceId, thingName });
        return { execution: executionMessage(after, thingName, now, document), timestamp: seconds(now) };
      });
      return { answer, messages };
    });
  }
}
