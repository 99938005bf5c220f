import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { CommitBatch } from '../../application/ingest/commit-batch.js';
import { IngestConnection } from '../../application/ingest/ingest-connection.js';
import { WriteDerived } from '../../application/ingest/write-derived.js';
import { ReplayMessages } from '../../application/quarantine/replay-messages.js';
import { RunQuarantineTask } from '../../application/quarantine/run-task.js';
import { IngestStore } from '../../storage/ingest.store.js';
import { SchemaStore } from '../../storage/schema.store.js';
import { TelemetryModule } from '../../telemetry.module.js';
import {
  AttributeAfterEndJob,
  AttributeAfterInstallationJob,
  AttributeAgainLaterJob,
  NoteLostJob,
  RunQuarantineTaskJob,
  WatchGapsJob,
} from './handlers.js';

export { telemetryJobs } from './jobs.js';

/** Handlers of telemetry's jobs, for the worker. A replay writes as ingest does. */
@Module({
  imports: [TelemetryModule, FleetModule],
  providers: [
    AttributeAfterInstallationJob,
    AttributeAfterEndJob,
    AttributeAgainLaterJob,
    NoteLostJob,
    RunQuarantineTaskJob,
    WatchGapsJob,
    RunQuarantineTask,
    ReplayMessages,
    ...[CommitBatch, IngestConnection, IngestStore, SchemaStore, WriteDerived],
  ],
  exports: [RunQuarantineTask],
})
export class TelemetryJobsModule {}
