import { Injectable } from '@nestjs/common';
import { IotJobs } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import { RecordProgress } from './record-progress.js';

@Injectable()
export class FollowExecution {
  constructor(
    private readonly jobs: IotJobs,
    private readonly record: RecordProgress,
  ) {}

  /** A job execution went on: takes over what it says now, if it carries an update. One that was deleted meanwhile is left. */
  async run({ executionId }: { executionId: string }): Promise<void> {
    const [execution] = await this.jobs.executions(everyCustomer, [executionId]);
    if (execution) await this.record.run(execution);
  }
}
