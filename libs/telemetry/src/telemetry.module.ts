import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { AttributeAgain } from './application/attribute-again.js';
import { DeviceEvents } from './application/device-events.js';
import { AskForGaps } from './application/gaps/ask-for-gaps.js';
import { Gaps } from './application/gaps/gaps.js';
import { LookForGaps } from './application/gaps/look-for-gaps.js';
import { NoteLost } from './application/gaps/note-lost.js';
import { LatestReadings } from './application/latest-readings.js';
import { MessageReader } from './application/message-reader.js';
import { OrderQuarantineTask } from './application/quarantine/order-task.js';
import { Quarantine } from './application/quarantine/quarantine.js';
import { RegisterSchema } from './application/register-schema.js';
import { Schemas } from './application/schemas.js';
import { SeriesReader } from './application/series-reader.js';
import { AttributionStore } from './storage/attribution.store.js';
import { DeviceEventStore } from './storage/device-event.store.js';
import { GapStore } from './storage/gap.store.js';
import { GapAskStore } from './storage/gap-ask.store.js';
import { GapListStore } from './storage/gap-list.store.js';
import { LatestReadingStore } from './storage/latest-reading.store.js';
import { MessageStore } from './storage/message.store.js';
import { QuarantineStore } from './storage/quarantine.store.js';
import { QuarantineTaskStore } from './storage/quarantine-task.store.js';
import { SchemaStore } from './storage/schema.store.js';
import { SeriesStore } from './storage/series.store.js';

const useCases = [
  AskForGaps,
  AttributeAgain,
  DeviceEvents,
  Gaps,
  LatestReadings,
  LookForGaps,
  MessageReader,
  NoteLost,
  OrderQuarantineTask,
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
    GapAskStore,
    GapListStore,
    GapStore,
    LatestReadingStore,
    MessageStore,
    QuarantineStore,
    QuarantineTaskStore,
    SchemaStore,
    SeriesStore,
  ],
  exports: [...useCases, QuarantineStore, QuarantineTaskStore],
})
export class TelemetryModule {}
