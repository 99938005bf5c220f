import { Module } from '@nestjs/common';
import { FleetModule } from '../../fleet.module.js';
import { RemoveJobExecutionsJob, TimeOutJobExecutionsJob } from './iot-jobs.handlers.js';

export { fleetJobs } from './jobs.js';

/** Handlers of fleet's jobs, for the worker. */
@Module({ imports: [FleetModule], providers: [RemoveJobExecutionsJob, TimeOutJobExecutionsJob] })
export class FleetJobsModule {}
