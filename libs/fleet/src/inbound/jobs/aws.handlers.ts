import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { CancelAwsExecution, cancelAwsExecution } from '../../application/aws/cancel-execution.js';
import { MirrorDevices } from '../../application/aws/mirror-devices.js';
import { MirrorJobs } from '../../application/aws/mirror-jobs.js';
import { ReadExecutions, readAwsExecution } from '../../application/aws/read-executions.js';
import { mirrorToAws, readAwsJobs } from './jobs.js';

@Injectable()
@HandlesJob(mirrorToAws)
export class MirrorToAwsJob implements JobHandler<typeof mirrorToAws> {
  constructor(
    private readonly devices: MirrorDevices,
    private readonly jobs: MirrorJobs,
  ) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.devices.run(signal);
    await this.jobs.run(signal);
  }
}

@Injectable()
@HandlesJob(readAwsJobs)
export class ReadAwsJobsJob implements JobHandler<typeof readAwsJobs> {
  constructor(private readonly executions: ReadExecutions) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.executions.all(signal);
  }
}

@Injectable()
@HandlesJob(readAwsExecution)
export class ReadAwsExecutionJob implements JobHandler<typeof readAwsExecution> {
  constructor(private readonly executions: ReadExecutions) {}

  async handle(which: { jobId: string; thingName?: string | undefined }): Promise<void> {
    await this.executions.run(which);
  }
}

@Injectable()
@HandlesJob(cancelAwsExecution)
export class CancelAwsExecutionJob implements JobHandler<typeof cancelAwsExecution> {
  constructor(private readonly cancel: CancelAwsExecution) {}

  async handle(which: { jobId: string; thingName: string; force: boolean }): Promise<void> {
    await this.cancel.run(which);
  }
}
