import { isEmpty, isObject, type Json, type JsonObject } from './json.js';
import type { Patch } from './request.js';

/** A section with the times of its leaves: `metadata` has the same shape, each leaf being `{timestamp}` in epoch seconds. */
export interface ShadowSection {
  readonly state: JsonObject;
  readonly metadata: JsonObject;
}

/**
 * The section after a patch: objects are merged key by key, everything else is replaced whole, `null` deletes, and what holds
 * nothing any more is not kept. Undefined: the section is empty.
 */
export function mergeSection(
  section: ShadowSection | undefined,
  patch: Patch,
  timestamp: number,
): ShadowSection | undefined {
  if (patch === null) return undefined;
  const merged = merge(section ?? nothing, patch, timestamp);
  return isEmpty(merged.state) ? undefined : merged;
}

const nothing: ShadowSection = { state: {}, metadata: {} };

function merge(old: ShadowSection, patch: JsonObject, timestamp: number): ShadowSection {
  const state = new Map(Object.entries(old.state));
  const metadata = new Map(Object.entries(old.metadata));
  for (const [key, value] of Object.entries(patch)) {
    const written = isObject(value)
      ? merge(childOf(state.get(key), metadata.get(key)), value, timestamp)
      : { state: value, metadata: stamped(value, timestamp) };
    if (written.state === null || (isObject(written.state) && isEmpty(written.state))) {
      state.delete(key);
      metadata.delete(key);
    } else {
      state.set(key, written.state);
      metadata.set(key, written.metadata);
    }
  }
  return { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
}

const childOf = (state: Json | undefined, metadata: Json | undefined): ShadowSection =>
  isObject(state) && isObject(metadata) ? { state, metadata } : nothing;

/** The times of a value that was just written, also of a `null`; an array has one entry an element. */
export function stamped(value: Json, timestamp: number): Json {
  if (Array.isArray(value)) return value.map((item: Json) => stamped(item, timestamp));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, stamped(item, timestamp)]));
  return { timestamp };
}
