import { Module } from '@nestjs/common';
import { OtaModule } from '../../ota.module.js';
import { CheckSilentDevicesJob, FollowExecutionJob } from './handlers.js';

export { otaJobs } from './jobs.js';

/** Handlers of ota's jobs, for the worker. */
@Module({ imports: [OtaModule], providers: [CheckSilentDevicesJob, FollowExecutionJob] })
export class OtaJobsModule {}
