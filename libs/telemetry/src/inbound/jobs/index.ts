import { Module } from '@nestjs/common';
import { TelemetryModule } from '../../telemetry.module.js';
import {
  AttributeAfterEndJob,
  AttributeAfterInstallationJob,
  AttributeAgainLaterJob,
  NoteLostJob,
  WatchGapsJob,
} from './handlers.js';

export { telemetryJobs } from './jobs.js';

/** Handlers of telemetry's jobs, for the worker. */
@Module({
  imports: [TelemetryModule],
  providers: [AttributeAfterInstallationJob, AttributeAfterEndJob, AttributeAgainLaterJob, NoteLostJob, WatchGapsJob],
})
export class TelemetryJobsModule {}
