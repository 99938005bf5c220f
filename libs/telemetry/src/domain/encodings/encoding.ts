import { parseJson } from '../json.js';
import type { Refusal } from '../refusal.js';
import { readCbor } from './cbor.js';
import { fromSenml, type Units } from './senml.js';

/** How a telemetry payload is written. SenML is RFC 8428. */
export const encodings = ['json', 'cbor', 'senml-json', 'senml-cbor'] as const;
export type Encoding = (typeof encodings)[number];

/**
 * A payload's value as JSON would have it: one message or an array of them; or why it is none. `units`: what each message of the array
 * says of the units of its metrics.
 */
export type Decoded = { readonly value: unknown; readonly units?: readonly Units[] } | { readonly refusal: Refusal };

/**
 * The encoding that the part of a topic after `dt/{thing}/` names; undefined when it is no telemetry. A topic cannot hold the "+" of
 * the media types `application/senml+json` and `senml+cbor`: "-" stands for it.
 */
export function encodingOf(rest: string): Encoding | undefined {
  if (rest === 'telemetry') return 'json';
  const named = encodings.find((encoding) => rest === `telemetry/${encoding}`);
  return named === 'json' ? undefined : named;
}

/** Never throws. `now` (ms since the epoch) is what relative times of SenML are relative to. */
export function decode(payload: Buffer, encoding: Encoding, now: number): Decoded {
  if (encoding === 'json') return parseJson(payload);
  if (encoding === 'cbor') return readCbor(payload, 'objects');
  const pack = encoding === 'senml-json' ? parseJson(payload) : readCbor(payload, 'maps');
  return 'value' in pack ? fromSenml(pack.value, now) : pack;
}
