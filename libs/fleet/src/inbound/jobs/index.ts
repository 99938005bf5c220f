import { type DynamicModule, Module } from '@nestjs/common';
import { FleetModule } from '../../fleet.module.js';
import { CancelAwsExecutionJob, MirrorToAwsJob, ReadAwsExecutionJob, ReadAwsJobsJob } from './aws.handlers.js';
import { IndexShadowsJob, RebuildDeviceIndexJob, RunDeviceBulkJob } from './device-index.handler.js';
import { RemoveJobExecutionsJob, TimeOutJobExecutionsJob } from './iot-jobs.handlers.js';
import { CleanProvisioningJob, OrderRotationJob, RequestDueRotationsJob } from './provisioning.handlers.js';

export { awsModeJobs, fleetJobs } from './jobs.js';

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
    RunDeviceBulkJob,
    IndexShadowsJob,
    ...[ReadAwsExecutionJob, CancelAwsExecutionJob],
  ],
})
export class FleetJobsModule {
  /** With the recurring jobs of AWS mode when it is on. */
  static with({ aws }: { aws: unknown }): DynamicModule {
    return { module: FleetJobsModule, providers: aws ? [MirrorToAwsJob, ReadAwsJobsJob] : [] };
  }
}
