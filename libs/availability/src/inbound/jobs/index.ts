import { Module } from '@nestjs/common';
import { AvailabilityModule } from '../../availability.module.js';
import { MarkTimelineDirtyJob, RecomputeTimelinesJob, SignalPresenceJob, SignalSilenceJob } from './handlers.js';

export { availabilityJobs } from './jobs.js';

/** Handlers of availability's jobs, for the worker. */
@Module({
  imports: [AvailabilityModule],
  providers: [MarkTimelineDirtyJob, RecomputeTimelinesJob, SignalPresenceJob, SignalSilenceJob],
})
export class AvailabilityJobsModule {}
