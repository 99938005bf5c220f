import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { AttributeAgain } from './application/attribute-again.js';
import { DeviceEvents } from './application/device-events.js';
import { LatestReadings } from './application/latest-readings.js';
import { MessageReader } from './application/message-reader.js';
import { Quarantine } from './application/quarantine.js';
import { RegisterSchema } from './application/register-schema.js';
import { Schemas } from './application/schemas.js';
import { SeriesReader } from './application/series-reader.js';
import { AttributionStore } from './storage/attribution.store.js';
import { DeviceEventStore } from './storage/device-event.store.js';
import { LatestReadingStore } from './storage/latest-reading.store.js';
import { MessageStore } from './storage/message.store.js';
import { QuarantineStore } from './storage/quarantine.store.js';
import { SchemaStore } from './storage/schema.store.js';
import { SeriesStore } from './storage/series.store.js';

const useCases = [
  AttributeAgain,
  DeviceEvents,
  LatestReadings,
  MessageReader,
  Quarantine,
  RegisterSchema,
  Schemas,
  SeriesReader,
];

/** Reading what was committed. Ingest itself is in the `mqtt` door. */
@Module({
  imports: [FleetModule],
  providers: [
    ...useCases,
    AttributionStore,
    DeviceEventStore,
    LatestReadingStore,
    MessageStore,
    QuarantineStore,
    SchemaStore,
    SeriesStore,
  ],
  exports: useCases,
})
export class TelemetryModule {}
