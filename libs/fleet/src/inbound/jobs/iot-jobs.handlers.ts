import { Injectable } from '@nestjs/common';
import { HandlesJob, type JobContext, type JobHandler } from '@throughline/platform';
import { RemoveExecutions } from '../../application/iot-jobs/remove-executions.js';
import { SettleEndedJobs } from '../../application/iot-jobs/settle-ended-jobs.js';
import { TimeOutExecutions } from '../../application/iot-jobs/time-out-executions.js';
import { removeJobExecutions, timeOutJobExecutions } from './jobs.js';

@Injectable()
@HandlesJob(timeOutJobExecutions)
export class TimeOutJobExecutionsJob implements JobHandler<typeof timeOutJobExecutions> {
  constructor(
    private readonly timeOut: TimeOutExecutions,
    private readonly settle: SettleEndedJobs,
  ) {}

  async handle(_: Record<string, never>, { signal }: JobContext): Promise<void> {
    try {
      await this.timeOut.run(signal);
    } finally {
      await this.settle.run(signal);
    }
  }
}

@Injectable()
@HandlesJob(removeJobExecutions)
export class RemoveJobExecutionsJob implements JobHandler<typeof removeJobExecutions> {
  constructor(private readonly remove: RemoveExecutions) {}

  async handle({ deviceId, to }: { deviceId: string; to: string }): Promise<void> {
    if (to === 'retired') await this.remove.run(deviceId);
  }
}
