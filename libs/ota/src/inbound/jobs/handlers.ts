import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { CheckSilentDevices } from '../../application/check-silent-devices.js';
import { FollowExecution } from '../../application/follow-execution.js';
import { checkSilentDevices, followExecution } from './jobs.js';

@Injectable()
@HandlesJob(followExecution)
export class FollowExecutionJob implements JobHandler<typeof followExecution> {
  constructor(private readonly follow: FollowExecution) {}

  async handle({ executionId }: { executionId: string }): Promise<void> {
    await this.follow.run({ executionId });
  }
}

@Injectable()
@HandlesJob(checkSilentDevices)
export class CheckSilentDevicesJob implements JobHandler<typeof checkSilentDevices> {
  constructor(private readonly check: CheckSilentDevices) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    await this.check.run(signal);
  }
}
