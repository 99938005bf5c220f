import { Inject, Injectable } from '@nestjs/common';
import { Clock, DomainError, invalid, newId, notFound } from '@throughline/kernel';
import { CONFIG, type Config, Database, type DataScope, type EntityManager } from '@throughline/platform';
import { checkedIotJob, type IotJob, type IotJobInput } from '../../domain/iot-jobs/iot-job.js';
import { MAX_AWS_TARGETS } from '../../outbound/aws-iot/aws-iot.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { JobDocuments } from './job-documents.js';

/** A thing has at most so many executions to do: GetPending answers all of them in one message. */
const MAX_PENDING = 200;

@Injectable()
export class CreateIotJob {
  constructor(
    private readonly database: Database,
    private readonly jobs: IotJobStore,
    private readonly executions: JobExecutionStore,
    private readonly documents: JobDocuments,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  /**
   * Queues a job for devices and tells those that are connected; all of it or nothing. `createdBy` says who, in words.
   * Errors: INVALID_INPUT; NOT_FOUND for a device; CONFLICT when the job's name is taken, when a device has too much to do, or
   * when nobody here makes the links that the document has; STATE_CONFLICT for a retired device.
   */
  async run(scope: DataScope, input: IotJobInput & { createdBy?: string }): Promise<IotJob> {
    const { placeholders, deviceIds, jobId: name, ...checked } = checkedIotJob(input);
    if (placeholders.length > 0 && !this.documents.resolvable)
      throw new DomainError('CONFLICT', `nobody offers "${placeholders[0]}", which the document links to`);
    if (this.config.aws && deviceIds.length > MAX_AWS_TARGETS)
      throw invalid({
        field: 'deviceIds',
        value: deviceIds.length,
        rule: `must be at most ${MAX_AWS_TARGETS} devices: AWS IoT takes no more targets a job`,
      });
    const now = this.clock.now();
    const id = newId(now.getTime());
    const job: IotJob = {
      ...checked,
      id,
      jobId: name ?? id,
      status: 'IN_PROGRESS',
      createdBy: (input.createdBy ?? '').slice(0, 320),
      createdAt: now,
      lastUpdatedAt: now,
      completedAt: null,
    };
    return this.database.transaction(scope, (em) =>
      this.changes.told(em, deviceIds, async (things) => {
        const known = new Set(things.map(({ id: deviceId }) => deviceId));
        const missing = deviceIds.find((deviceId) => !known.has(deviceId));
        if (missing !== undefined) throw notFound('device', missing);
        const retired = things.find(({ state }) => state === 'retired');
        if (retired) throw new DomainError('STATE_CONFLICT', `device "${retired.thingName}" is retired`);
        await this.checkRoom(em, deviceIds, things);
        if (!(await this.jobs.insert(em, job)))
          throw new DomainError('CONFLICT', `a job with the id "${job.jobId}" exists already`);
        await this.executions.queue(
          em,
          id,
          things,
          things.map(() => newId(now.getTime())),
          now,
        );
        return job;
      }),
    );
  }

  private async checkRoom(
    em: EntityManager,
    deviceIds: readonly string[],
    things: readonly { id: string; thingName: string }[],
  ): Promise<void> {
    const counts = await this.executions.pendingCounts(em, deviceIds);
    const full = things.find(({ id }) => (counts.get(id) ?? 0) >= MAX_PENDING);
    if (full) throw new DomainError('CONFLICT', `thing "${full.thingName}" has ${MAX_PENDING} jobs to do already`);
  }
}
