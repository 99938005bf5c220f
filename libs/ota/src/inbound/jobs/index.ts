import { Module } from '@nestjs/common';
import { OtaModule } from '../../ota.module.js';

export { otaJobs } from './jobs.js';

/** Handlers of ota's jobs, for the worker. */
@Module({ imports: [OtaModule], providers: [] })
export class OtaJobsModule {}
