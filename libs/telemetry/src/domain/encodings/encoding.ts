import { parseJson } from '../json.js';
import { readCbor } from './cbor.js';
import type { Decoded } from './decoded.js';
import { fromSenml } from './senml.js';

/** How a telemetry payload is written. SenML is RFC 8428. */
export const encodings = ['json', 'cbor', 'senml-json', 'senml-cbor'] as const;
export type Encoding = (typeof encodings)[number];

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
