import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { isPending, type JobExecution } from '../../domain/iot-jobs/execution.js';
import { inOrderOfWork } from '../../domain/iot-jobs/pending.js';
import { JobRefusal } from '../../domain/iot-jobs/refusal.js';
import { type DescribeRequest, NEXT } from '../../domain/iot-jobs/request.js';
import { type ExecutionMessage, executionMessage, seconds } from '../../domain/iot-jobs/wire.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { JobDocuments } from './job-documents.js';

/** A device asks for one of its executions, or for the next one. */
@Injectable()
export class DescribeExecution {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly jobs: IotJobStore,
    private readonly documents: JobDocuments,
    private readonly clock: Clock,
  ) {}

  /** Without `execution` when nothing is next. Throws JobRefusal: ResourceNotFound, TerminalStateReached. */
  async run(
    device: { deviceId: string; thingName: string },
    request: DescribeRequest,
  ): Promise<{ execution?: ExecutionMessage; timestamp: number }> {
    return this.database.read(everyCustomer, async (em) => {
      const now = this.clock.now();
      const execution = await this.find(em, device.deviceId, request);
      if (!execution) return { timestamp: seconds(now) };
      const document = request.includeJobDocument ? await this.documentOf(em, device, execution) : undefined;
      return { execution: executionMessage(execution, device.thingName, now, document), timestamp: seconds(now) };
    });
  }

  private async find(
    em: EntityManager,
    deviceId: string,
    { jobId, executionNumber }: DescribeRequest,
  ): Promise<JobExecution | undefined> {
    if (jobId === NEXT) {
      const [next] = inOrderOfWork(await this.executions.pendingOf(em, [deviceId]));
      return next;
    }
    const execution = await this.executions.ofThing(em, deviceId, jobId, executionNumber);
    if (!execution) throw new JobRefusal('ResourceNotFound', `no such execution of job "${jobId}" on this thing`);
    if (!isPending(execution))
      throw new JobRefusal('TerminalStateReached', `the execution of job "${jobId}" is ${execution.status}`);
    return execution;
  }

  private async documentOf(
    em: EntityManager,
    device: { deviceId: string; thingName: string },
    { iotJobId }: JobExecution,
  ): Promise<unknown> {
    const [job] = await this.jobs.byIds(em, [iotJobId]);
    return job && this.documents.filled(job.document, { jobId: job.jobId, ...device });
  }
}
