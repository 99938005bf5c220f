import {
  CancelJobCommand,
  CancelJobExecutionCommand,
  CreateJobCommand,
  DeleteJobCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
  type IoTClient,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-iot';
import type { IotJob } from '../../domain/iot-jobs/iot-job.js';
import type { AwsExecution, AwsJobs } from './aws-iot.js';
import { calling, isNamed, unlessMissing } from './failures.js';
import type { ThingsAtAws } from './things.js';

/** Jobs and their executions. */
export class JobsAtAws implements AwsJobs {
  constructor(
    private readonly iot: IoTClient,
    private readonly things: ThingsAtAws,
  ) {}

  /** A job of that name that is there is ours: names are unique here, and one is free again only when AWS IoT has none. */
  async create(job: IotJob, thingNames: readonly string[]): Promise<void> {
    const { jobId, document, description, inProgressTimeoutMinutes, retries } = job;
    const targets = await Promise.all(thingNames.map((thingName) => this.things.arnOf(thingName)));
    await calling(`job ${jobId}`, async () => {
      try {
        await this.iot.send(
          new CreateJobCommand({
            jobId,
            targets,
            document,
            targetSelection: 'SNAPSHOT',
            ...(description && { description }),
            ...(inProgressTimeoutMinutes !== null && {
              timeoutConfig: { inProgressTimeoutInMinutes: inProgressTimeoutMinutes },
            }),
            ...(retries.length > 0 && { jobExecutionsRetryConfig: { criteriaList: [...retries] } }),
          }),
        );
      } catch (error) {
        if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      }
    });
  }

  async cancel(jobId: string, force: boolean): Promise<void> {
    await this.ending(`job ${jobId}`, () => this.iot.send(new CancelJobCommand({ jobId, force })));
  }

  async delete(jobId: string): Promise<void> {
    // It is deleted in the background: a second try meets it on its way.
    await this.ending(`job ${jobId}`, () => this.iot.send(new DeleteJobCommand({ jobId, force: true })));
  }

  async cancelExecution(jobId: string, thingName: string, force: boolean): Promise<void> {
    await this.ending(`job ${jobId} on ${thingName}`, () =>
      this.iot.send(new CancelJobExecutionCommand({ jobId, thingName, force })),
    );
  }

  async ended(jobId: string): Promise<boolean | undefined> {
    return unlessMissing(`job ${jobId}`, async () => {
      const { job } = await this.iot.send(new DescribeJobCommand({ jobId }));
      return job?.status === 'COMPLETED' || job?.status === 'CANCELED';
    });
  }

  async execution(jobId: string, thingName: string, executionNumber?: number): Promise<AwsExecution | undefined> {
    return unlessMissing(`job ${jobId} on ${thingName}`, async () => {
      const { execution } = await this.iot.send(new DescribeJobExecutionCommand({ jobId, thingName, executionNumber }));
      if (!execution?.status) return undefined;
      const queuedAt = execution.queuedAt ?? new Date(0);
      return {
        executionNumber: execution.executionNumber ?? 1,
        versionNumber: execution.versionNumber ?? 1,
        status: execution.status,
        statusDetails: execution.statusDetails?.detailsMap ?? {},
        queuedAt,
        startedAt: execution.startedAt ?? null,
        lastUpdatedAt: execution.lastUpdatedAt ?? queuedAt,
      };
    });
  }

  /** What is gone, or over already, has ended. */
  private async ending(what: string, call: () => Promise<unknown>): Promise<void> {
    await unlessMissing(what, async () => {
      try {
        await call();
      } catch (error) {
        if (!isNamed(error, 'InvalidStateTransitionException')) throw error;
      }
    });
  }
}
