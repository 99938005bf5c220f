import { Module } from '@nestjs/common';
import { DiagnosticsModule } from '../../diagnostics.module.js';

export { diagnosticsJobs } from './jobs.js';

/** Handlers of diagnostics's jobs, for the worker. */
@Module({ imports: [DiagnosticsModule], providers: [] })
export class DiagnosticsJobsModule {}
