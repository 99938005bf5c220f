import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { CommitBatch } from '../../application/ingest/commit-batch.js';
import { CommittedNotices } from '../../application/ingest/committed-notices.js';
import { IngestConnection } from '../../application/ingest/ingest-connection.js';
import { IngestMetrics } from '../../application/ingest/ingest-metrics.js';
import { IngestSources } from '../../application/ingest/ingest-sources.js';
import { IngestTelemetry } from '../../application/ingest/ingest-telemetry.js';
import { WriteDerived } from '../../application/ingest/write-derived.js';
import { IngestStore } from '../../storage/ingest.store.js';
import { SchemaStore } from '../../storage/schema.store.js';
import { DeviceMessages } from './device-messages.js';

/** Ingest, for the process that devices talk to. */
@Module({
  imports: [FleetModule],
  providers: [
    DeviceMessages,
    CommitBatch,
    CommittedNotices,
    IngestConnection,
    IngestMetrics,
    IngestSources,
    IngestStore,
    IngestTelemetry,
    SchemaStore,
    WriteDerived,
  ],
  exports: [DeviceMessages],
})
export class TelemetryMqttModule {}
