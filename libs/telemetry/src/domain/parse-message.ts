import { shown } from '@throughline/kernel';
import type { CompiledMetric, CompiledSchema } from './compiled-schema.js';
import type { Decoded, Units } from './encodings/decoded.js';
import { decode, type Encoding } from './encodings/encoding.js';
import { isSameUnit } from './encodings/senml-units.js';
import { eventTime, identityFault, type MessageIdentity, timeFault } from './identity.js';
import { findForbiddenKey, isForbiddenKey, isObject, tooDeep } from './json.js';
import { MAX_ARRAY, MAX_DEPTH, MAX_PAYLOAD_BYTES } from './limits.js';
import type { Refusal } from './refusal.js';

/** Receives what a payload holds, in its order. Called synchronously; `values` is reused by the next call. */
export interface MessageSink {
  message(identity: MessageIdentity, values: Float64Array, schema: CompiledSchema, element: number): void;
  /** `element`: place in the array, or -1 when the refusal is of the whole payload. */
  refused(refusal: Refusal, element: number, source: unknown): void;
}

/** The boot under which messages without `boot` and `seq` are kept; their `seq` is their event time in ms. */
export const LEGACY_BOOT = 0;

/**
 * Reads a telemetry payload: one message or an array of them. Every message goes to the sink once, as accepted or as
 * refused; one bad element of an array does not touch the others. Never throws. `now` in ms since the epoch. Of an array in JSON each
 * message is an element of its own; of the other encodings, whose bytes cannot be cut apart, all belong to the whole payload.
 */
export function parseTelemetry(
  payload: Buffer,
  schema: CompiledSchema,
  now: number,
  sink: MessageSink,
  encoding: Encoding = 'json',
): void {
  const read = readPayload(payload, encoding, now);
  if ('refusal' in read) sink.refused(read.refusal, -1, undefined);
  else if (!Array.isArray(read.value)) parseOne(read.value, -1, schema, now, sink);
  else if (encoding === 'json')
    for (let i = 0; i < read.value.length; i += 1) parseOne(read.value[i], i, schema, now, sink);
  else parseWhole(read.value, read.units, schema, now, sink);
}

function readPayload(payload: Buffer, encoding: Encoding, now: number): Decoded {
  const whole = payloadFault(payload);
  if (whole) return { refusal: whole };
  const decoded = decode(payload, encoding, now);
  if ('refusal' in decoded || !Array.isArray(decoded.value)) return decoded;
  const { length } = decoded.value;
  if (length > MAX_ARRAY)
    return { refusal: { reason: 'too_many', rule: `an array holds at most ${MAX_ARRAY} messages (given: ${length})` } };
  if (length === 0) return { refusal: { reason: 'not_an_object', rule: 'the array holds no message' } };
  return decoded;
}

function parseWhole(
  values: readonly unknown[],
  units: readonly Units[] | undefined,
  schema: CompiledSchema,
  now: number,
  sink: MessageSink,
): void {
  for (const [i, value] of values.entries()) {
    const refusal = readMessage(value, schema, now) ?? unitFault(units?.[i], schema);
    if (!refusal) sink.message(identity, scratch.subarray(0, schema.size), schema, -1);
    else {
      const { rule, ...rest } = withIdentity(deeper(value) ?? refusal, value);
      sink.refused({ ...rest, rule: values.length > 1 ? `message ${i + 1}: ${rule}` : rule }, -1, undefined);
    }
  }
}

/** A value in another unit is not what the schema means; it is not converted, for nobody would see a slip of a factor of 1,000. */
function unitFault(units: Units | undefined, schema: CompiledSchema): Refusal | undefined {
  for (const name in units) {
    const metric = schema.metrics.get(name);
    const given = units[name];
    if (metric && given !== undefined && !isSameUnit(given, metric.definition.unit))
      return { reason: 'wrong_unit', rule: `u: ${name} is in ${metric.definition.unit} (given: ${shown(given)})` };
  }
  return undefined;
}

export function payloadFault(payload: Buffer): Refusal | undefined {
  if (payload.length <= MAX_PAYLOAD_BYTES) return undefined;
  return {
    reason: 'too_large',
    rule: `a payload has at most ${MAX_PAYLOAD_BYTES} bytes (given: ${payload.length})`,
  };
}

const identity: MessageIdentity = { boot: 0, seq: 0, ts: 0 };
let scratch = new Float64Array(64);

function parseOne(value: unknown, element: number, schema: CompiledSchema, now: number, sink: MessageSink): void {
  const refusal = readMessage(value, schema, now);
  if (refusal) sink.refused(withIdentity(deeper(value) ?? refusal, value), element, value);
  else sink.message(identity, scratch.subarray(0, schema.size), schema, element);
}

/** Fills `identity` and `scratch`; returns the first fault. What passes is two levels deep and has known keys only. */
function readMessage(value: unknown, schema: CompiledSchema, now: number): Refusal | undefined {
  if (!isObject(value)) return { reason: 'not_an_object', rule: `must be an object (given: ${kindOf(value)})` };
  for (const key in value) if (key !== 'ts' && key !== 'boot' && key !== 'seq' && key !== 'm') return unknownField(key);
  const { ts, boot, seq, m } = value;
  const badIdentity = identityFault(boot, seq);
  if (badIdentity) return badIdentity;
  const instant = eventTime(ts);
  const badTime = timeFault(ts, instant, now);
  if (badTime) return badTime;
  identity.ts = instant as number;
  identity.boot = boot === undefined ? LEGACY_BOOT : (boot as number);
  identity.seq = seq === undefined ? identity.ts : (seq as number);
  if (!isObject(m)) return { reason: 'not_an_object', rule: `m: must be an object (given: ${kindOf(m)})` };
  return readValues(m, schema);
}

function readValues(m: Record<string, unknown>, schema: CompiledSchema): Refusal | undefined {
  if (scratch.length < schema.size) scratch = new Float64Array(schema.size);
  scratch.fill(Number.NaN, 0, schema.size);
  for (const name in m) {
    const metric = schema.metrics.get(name);
    if (metric === undefined) return unknownMetric(name, schema);
    const value = m[name];
    if (typeof value === 'number') {
      const fault = numberFault(value, metric);
      if (fault) return fault;
      scratch[metric.ordinal] = value;
    } else if (typeof value === 'boolean' && metric.definition.kind === 'flag') scratch[metric.ordinal] = value ? 1 : 0;
    else return wrongType(name, metric, value);
  }
  return undefined;
}

function numberFault(value: number, metric: CompiledMetric): Refusal | undefined {
  const { kind, name } = metric.definition;
  if (
    !Number.isFinite(value) ||
    (kind === 'flag' && value !== 0 && value !== 1) ||
    (kind === 'state' && !Number.isInteger(value))
  )
    return wrongType(name, metric, value);
  if (value < metric.min || value > metric.max)
    return {
      reason: 'out_of_range',
      rule: `m.${name}: must be from ${metric.min} to ${metric.max} (given: ${value})`,
    };
  return undefined;
}

const expected = {
  gauge: 'a finite number',
  counter: 'a finite number',
  state: 'a whole number',
  flag: 'true, false, 1 or 0',
} as const;

const wrongType = (name: string, metric: CompiledMetric, value: unknown): Refusal => ({
  reason: 'wrong_type',
  rule: `m.${name}: must be ${expected[metric.definition.kind]} (given: ${typeof value === 'object' ? kindOf(value) : shown(value)})`,
});

const unknownMetric = (name: string, schema: CompiledSchema): Refusal =>
  isForbiddenKey(name)
    ? forbidden(name)
    : { reason: 'unknown_metric', rule: `m: schema version ${schema.version} has no metric ${shown(name)}` };

const unknownField = (key: string): Refusal =>
  isForbiddenKey(key)
    ? forbidden(key)
    : { reason: 'unknown_field', rule: `a message has ts, boot, seq and m only (given: ${shown(key)})` };

const forbidden = (key: string): Refusal => ({
  reason: 'forbidden_key',
  rule: `the key ${shown(key)} must not be used`,
});

/** Of a refused message the gravest fault is named, not the first one met. */
function deeper(value: unknown): Refusal | undefined {
  if (tooDeep(value)) return { reason: 'too_deep', rule: `arrays and objects nest at most ${MAX_DEPTH} deep` };
  const key = findForbiddenKey(value);
  return key === undefined ? undefined : forbidden(key);
}

function withIdentity(refusal: Refusal, value: unknown): Refusal {
  if (!isObject(value) || value.boot === undefined || identityFault(value.boot, value.seq)) return refusal;
  return { ...refusal, boot: value.boot as number, seq: value.seq as number };
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : value === undefined ? 'nothing' : typeof value;
