import { Inject, Injectable } from '@nestjs/common';
import { newId } from '@throughline/kernel';
import { Database, defineJob, everyCustomer, Logger } from '@throughline/platform';
import { z } from 'zod';
import { isPending, type JobExecution } from '../../domain/iot-jobs/execution.js';
import { AWS_IOT, type AwsExecution, type AwsIot } from '../../outbound/aws-iot/aws-iot.js';
import { AwsMirrorStore } from '../../storage/aws-mirror.store.js';
import { IotJobStore } from '../../storage/iot-job.store.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from '../iot-jobs/execution-changes.js';

/** AWS IoT has news of a job on a thing, or of a whole job (without `thingName`): how it is now is read there. */
export const readAwsExecution = defineJob({
  name: 'fleet.read-aws-execution',
  queue: 'fleet',
  payload: z.object({ jobId: z.string(), thingName: z.string().optional() }),
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 60_000,
});

/** Executions looked at in one run; the next one goes on behind them. */
const MAX_POLLED = 200;

/** Brings how jobs go at AWS IoT into our rows. Its state is read, not concluded from events: they come in any order. */
@Injectable()
export class ReadExecutions {
  private after: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly mirror: AwsMirrorStore,
    private readonly jobs: IotJobStore,
    private readonly executions: JobExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly logger: Logger,
    @Inject(AWS_IOT) private readonly aws: AwsIot | undefined,
  ) {}

  /** Progress, of which AWS IoT tells nothing, and what was missed. One that fails does not keep others waiting. */
  async all(signal?: AbortSignal): Promise<void> {
    if (!this.aws) return;
    const found = await this.database.read(everyCustomer, (em) => this.mirror.pendingAtAws(em, MAX_POLLED, this.after));
    this.after = found.length < MAX_POLLED ? undefined : found.at(-1)?.id;
    const unfinished = await this.database.read(everyCustomer, (em) => this.mirror.unfinished(em, MAX_POLLED));
    for (const which of [...found, ...unfinished.map((jobId) => ({ jobId, thingName: undefined }))]) {
      if (signal?.aborted) return;
      const { jobId, thingName } = which;
      await this.run({ jobId, thingName }).catch((error: unknown) =>
        this.logger.warn({ err: error, jobId, thingName }, 'AWS IoT did not say how a job goes and is asked again'),
      );
    }
  }

  async run({ jobId, thingName }: { jobId: string; thingName?: string | undefined }): Promise<void> {
    if (thingName !== undefined) await this.execution(jobId, thingName);
    await this.finish(jobId);
  }

  private async execution(jobId: string, thingName: string): Promise<void> {
    const latest = await this.aws?.jobs.execution(jobId, thingName);
    if (!latest) return;
    const known = await this.database.read(everyCustomer, async (em) => {
      const job = await this.jobs.byJobId(em, jobId);
      const [thing] = await this.executions.thingsByName(em, [thingName]);
      return job && thing && { job, thing, tries: await this.executions.tries(em, job.id, thing.id) };
    });
    if (!known) return;
    for (const { executionNumber } of known.tries.filter((one) => isPending(one))) {
      if (executionNumber >= latest.executionNumber) continue;
      const earlier = await this.aws?.jobs.execution(jobId, thingName, executionNumber);
      if (earlier) await this.apply(known.job.id, known.thing.id, earlier);
    }
    await this.apply(known.job.id, known.thing.id, latest);
  }

  /** Versions are AWS IoT's: an answer that was overtaken by a later one changes nothing. */
  private async apply(iotJobId: string, deviceId: string, given: AwsExecution): Promise<void> {
    await this.database.transaction(everyCustomer, (em) =>
      this.changes.told(em, [deviceId], async ([thing]) => {
        const tries = await this.executions.tries(em, iotJobId, deviceId);
        const before = tries.find((one) => one.executionNumber === given.executionNumber);
        const [model] = tries;
        if (!thing || !model) return;
        const after: JobExecution = {
          ...(before ?? { ...model, id: newId(given.queuedAt.getTime()), customerId: thing.customerId }),
          ...given,
          inProgressUntil: null,
          timesOutAt: null,
        };
        if (!before) await this.changes.insert(em, thing, after);
        else if (given.versionNumber > before.versionNumber) await this.changes.write(em, thing, before, after);
      }),
    );
  }

  /** A job whose executions are all over here ends when AWS IoT says that it has: a retry may follow. */
  private async finish(jobId: string): Promise<void> {
    const job = await this.database.read(everyCustomer, async (em) => {
      const found = await this.jobs.byJobId(em, jobId);
      return found && !found.completedAt && !(await this.jobs.hasPending(em, found.id)) ? found : undefined;
    });
    if (!job || !(await this.aws?.jobs.ended(jobId))) return;
    await this.database.transaction(everyCustomer, async (em) => {
      const locked = await this.jobs.lock(em, job.id);
      if (locked) await this.changes.settle(em, locked);
    });
  }
}
