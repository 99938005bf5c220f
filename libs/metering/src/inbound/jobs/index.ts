import { Module } from '@nestjs/common';
import { MeteringModule } from '../../metering.module.js';
import { MarkUsageOfMessagesJob, MarkUsageOfTimelineJob, RecomputeUsageJob } from './handlers.js';

export { meteringJobs } from './jobs.js';

/** Handlers of metering's jobs, for the worker. */
@Module({
  imports: [MeteringModule],
  providers: [MarkUsageOfMessagesJob, MarkUsageOfTimelineJob, RecomputeUsageJob],
})
export class MeteringJobsModule {}
