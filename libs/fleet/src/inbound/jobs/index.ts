import { Module } from '@nestjs/common';
import { FleetModule } from '../../fleet.module.js';
import { CancelAwsExecutionJob, MirrorToAwsJob, ReadAwsExecutionJob, ReadAwsJobsJob } from './aws.handlers.js';
import { IndexShadowsJob, RebuildDeviceIndexJob } from './device-index.handler.js';
import { RemoveJobExecutionsJob, TimeOutJobExecutionsJob } from './iot-jobs.handlers.js';
import { CleanProvisioningJob, OrderRotationJob, RequestDueRotationsJob } from './provisioning.handlers.js';

export { fleetJobs } from './jobs.js';

/** Handlers of fleet's jobs, for the worker. */
@Module({
  imports: [FleetModule],
  providers: [
    RemoveJobExecutionsJob,
    TimeOutJobExecutionsJob,
    RequestDueRotationsJob,
    CleanProvisioningJob,
    OrderRotationJob,
    RebuildDeviceIndexJob,
    IndexShadowsJob,
    ...[MirrorToAwsJob, ReadAwsJobsJob, ReadAwsExecutionJob, CancelAwsExecutionJob],
  ],
})
export class FleetJobsModule {}
