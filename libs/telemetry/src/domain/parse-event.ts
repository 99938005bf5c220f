import { shown } from '@throughline/kernel';
import { eventTime, identityFault, timeFault } from './identity.js';
import { findForbiddenKey, isObject, parseJson, tooDeep } from './json.js';
import { MAX_DEPTH } from './limits.js';
import { payloadFault } from './parse-message.js';
import type { Refusal } from './refusal.js';
import { TELEMETRY_LOST, toldLostFault } from './told-lost.js';

const MAX_WORD = 60;
const MAX_DETAIL = 16 * 1024;
const fields: ReadonlySet<string> = new Set(['ts', 'boot', 'seq', 'type', 'code', 'detail']);

/** What a device says besides measurements. `detail` as text of a JSON object. */
export interface ParsedEvent {
  readonly ts: number;
  readonly type: string;
  readonly code: string | null;
  readonly detail: string;
}

/** Reads an event payload. Never throws. */
export function parseEvent(payload: Buffer, now: number): { event: ParsedEvent } | { refusal: Refusal } {
  const whole = payloadFault(payload);
  if (whole) return { refusal: whole };
  const json = parseJson(payload);
  if ('refusal' in json) return json;
  const { value } = json;
  if (tooDeep(value))
    return { refusal: { reason: 'too_deep', rule: `arrays and objects nest at most ${MAX_DEPTH} deep` } };
  const key = findForbiddenKey(value);
  if (key !== undefined)
    return { refusal: { reason: 'forbidden_key', rule: `the key ${shown(key)} must not be used` } };
  if (!isObject(value)) return { refusal: { reason: 'not_an_object', rule: 'an event must be an object' } };
  return readEvent(value, now);
}

function readEvent(value: Record<string, unknown>, now: number): { event: ParsedEvent } | { refusal: Refusal } {
  const unknown = Object.keys(value).find((name) => !fields.has(name));
  if (unknown !== undefined)
    return {
      refusal: {
        reason: 'unknown_field',
        rule: `an event has ${[...fields].join(', ')} only (given: ${shown(unknown)})`,
      },
    };
  const { ts, boot, seq, type, code, detail = {} } = value;
  const instant = eventTime(ts);
  const fault = timeFault(ts, instant, now) ?? identityFault(boot, boot === undefined ? seq : (seq ?? 0));
  if (fault) return { refusal: fault };
  if (!isWord(type)) return bad('type', type);
  if (code !== undefined && code !== null && !isWord(code)) return bad('code', code);
  const untold = type === TELEMETRY_LOST ? toldLostFault(detail) : undefined;
  if (untold !== undefined) return { refusal: { reason: 'bad_event', rule: untold } };
  const text = JSON.stringify(isObject(detail) ? detail : { text: detail });
  if (text.length > MAX_DETAIL || text.includes('\\u0000'))
    return { refusal: { reason: 'bad_event', rule: `detail: at most ${MAX_DETAIL} characters, without NUL` } };
  return { event: { ts: instant as number, type, code: typeof code === 'string' ? code : null, detail: text } };
}

const isWord = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_WORD && !value.includes('\0');

const bad = (field: string, value: unknown): { refusal: Refusal } => ({
  refusal: {
    reason: 'bad_event',
    rule: `${field}: must be a text of 1 to ${MAX_WORD} characters (given: ${shown(value)})`,
  },
});
