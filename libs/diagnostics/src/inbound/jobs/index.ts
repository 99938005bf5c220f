import { Module } from '@nestjs/common';
import { DiagnosticsModule } from '../../diagnostics.module.js';
import { DeliverCommandsJob, DeliverWaitingJob, EndOverdueJob } from './handlers.js';

export { diagnosticsJobs } from './jobs.js';

/** Handlers of diagnostics's jobs, for the worker. */
@Module({ imports: [DiagnosticsModule], providers: [DeliverCommandsJob, DeliverWaitingJob, EndOverdueJob] })
export class DiagnosticsJobsModule {}
