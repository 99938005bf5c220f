import { deviceLifeCycle } from '@throughline/fleet';
import { type Encoding, encodingOf, encodings } from '../../domain/encodings/encoding.js';
import { parseEvent } from '../../domain/parse-event.js';
import { parseTelemetry } from '../../domain/parse-message.js';
import type { Refusal } from '../../domain/refusal.js';
import type { Batch } from './batch.js';
import type { Delivery, Done } from './delivery.js';
import type { IngestSource } from './ingest-source.js';

const known = encodings.map((name) => `dt/{thing}/telemetry${name === 'json' ? '' : `/${name}`}`).join(', ');

/**
 * Reads a payload into a batch: each of its messages as accepted or as refused, by the schema and the state of its source.
 * `rest`: the topic after `dt/{thing}/`. What comes from a device and what is replayed from quarantine go this one way. The
 * rules about clocks go by the time of receipt.
 */
export function readDelivery(batch: Batch, delivery: Delivery, rest: string, done: Done): void {
  batch.open(delivery, done);
  const encoding = encodingOf(rest);
  if (encoding) telemetry(batch, delivery, encoding);
  else if (rest === 'event') event(batch, delivery);
  else {
    const rule = `${known} and dt/{thing}/event are known (given: ${delivery.topic})`;
    batch.refused({ reason: 'unknown_topic', rule }, -1, undefined);
  }
}

function telemetry(batch: Batch, { source, payload, receivedAt }: Delivery, encoding: Encoding): void {
  const refusal = refusalOf(source);
  if (refusal) batch.refused(refusal, -1, undefined);
  else if (source.schema) parseTelemetry(payload, source.schema, receivedAt, batch, encoding);
  else batch.refused({ reason: 'no_schema', rule: 'the model of the device has no telemetry schema' }, -1, undefined);
}

function event(batch: Batch, { source, payload, receivedAt }: Delivery): void {
  const refusal = refusalOf(source);
  const parsed = refusal ? { refusal } : parseEvent(payload, receivedAt);
  if ('refusal' in parsed) batch.refused(parsed.refusal, -1, undefined);
  else batch.event(parsed.event);
}

function refusalOf({ entry }: IngestSource): Refusal | undefined {
  if (deviceLifeCycle[entry.state].messages === 'stored') return undefined;
  return { reason: 'device_quarantined', rule: `the device is ${entry.state}: nothing it says is stored` };
}
