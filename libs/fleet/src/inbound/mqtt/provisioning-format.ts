import { decode, encode } from 'cborg';
import { ProvisioningRefusal } from '../../domain/provisioning/refusal.js';

export const formats = ['json', 'cbor'] as const;
export type Format = (typeof formats)[number];

/** Members of a request by name. */
export type Members = ReadonlyMap<string, unknown>;

/** A request's members; an empty payload has none. Throws InvalidJson or InvalidCbor. */
export function membersOf(format: Format, payload: Buffer): Members {
  if (payload.length === 0) return new Map();
  const value = format === 'json' ? fromJson(payload) : fromCbor(payload);
  const members = asMembers(value);
  if (!members) throw malformed(format);
  return members;
}

/** Texts by name. Throws InvalidParameters when it is something else; missing is empty. */
export function textsOf(value: unknown, field: string): Record<string, string> {
  if (value === undefined || value === null) return {};
  const members = asMembers(value);
  const entries = members && [...members];
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    throw new ProvisioningRefusal('InvalidParameters', `${field} must be a map of texts`);
  return Object.fromEntries(entries);
}

export const encoded = (format: Format, answer: object): Buffer =>
  format === 'json' ? Buffer.from(JSON.stringify(answer)) : Buffer.from(encode(answer));

function asMembers(value: unknown): Members | undefined {
  if (value instanceof Map) return [...value.keys()].every((key) => typeof key === 'string') ? value : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.getPrototypeOf(value) === Object.prototype ? new Map(Object.entries(value)) : undefined;
}

function fromJson(payload: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw malformed('json');
  }
}

function fromCbor(payload: Buffer): unknown {
  try {
    return decode(payload, { useMaps: true, rejectDuplicateMapKeys: true });
  } catch {
    throw malformed('cbor');
  }
}

const malformed = (format: Format): ProvisioningRefusal =>
  format === 'json'
    ? new ProvisioningRefusal('InvalidJson', 'the request must be a JSON object in UTF-8')
    : new ProvisioningRefusal('InvalidCbor', 'the request must be a CBOR map with texts as keys');
