import { Module } from '@nestjs/common';
import { DiagnosticsModule } from '../../diagnostics.module.js';
import { ForgetAwsCommandJob, ReadAwsCommandJob, StartAwsCommandJob } from './aws.handlers.js';
import { DeliverCommandsJob, DeliverWaitingJob, EndOverdueJob } from './handlers.js';

export { diagnosticsJobs } from './jobs.js';

/** Handlers of diagnostics's jobs, for the worker. */
@Module({
  imports: [DiagnosticsModule],
  providers: [
    ...[DeliverCommandsJob, DeliverWaitingJob, EndOverdueJob],
    ...[StartAwsCommandJob, ReadAwsCommandJob, ForgetAwsCommandJob],
  ],
})
export class DiagnosticsJobsModule {}
