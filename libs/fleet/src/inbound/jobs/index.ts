import { Module } from '@nestjs/common';
import { FleetModule } from '../../fleet.module.js';

export { fleetJobs } from './jobs.js';

/** Handlers of fleet's jobs, for the worker. */
@Module({ imports: [FleetModule], providers: [] })
export class FleetJobsModule {}
