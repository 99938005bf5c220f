import type { BulkConnection } from '@throughline/platform';
import { readToldLost, TELEMETRY_LOST } from '../../domain/told-lost.js';
import type { EventRow, IngestStore } from '../../storage/ingest.store.js';
import { telemetryLost } from '../events.js';

/** What devices say they have lost, told to the worker by the transaction that stores the events. */
export async function publishLosses(
  store: IngestStore,
  connection: BulkConnection,
  events: readonly EventRow[],
): Promise<void> {
  for (const { type, deviceId, detail } of events)
    if (type === TELEMETRY_LOST)
      await store.publish(connection, {
        name: telemetryLost.name,
        payload: JSON.stringify({ deviceId, ...readToldLost(detail) }),
      });
}
