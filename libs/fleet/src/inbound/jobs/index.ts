import { Module } from '@nestjs/common';
import { FleetModule } from '../../fleet.module.js';
import { RebuildDeviceIndexJob } from './device-index.handler.js';

export { fleetJobs } from './jobs.js';

/** Handlers of fleet's jobs, for the worker. */
@Module({ imports: [FleetModule], providers: [RebuildDeviceIndexJob] })
export class FleetJobsModule {}
