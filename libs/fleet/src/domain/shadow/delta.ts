import { equal, isEmpty, isObject, type JsonObject, own } from './json.js';
import type { ShadowSection } from './merge.js';

/**
 * What is desired and not reported so: keys of `desired` that are missing from `reported` or differ, with the times of those
 * desired values. Objects are compared key by key, arrays and single values whole. Undefined: nothing differs.
 */
export function deltaOf(
  desired: ShadowSection | undefined,
  reported: ShadowSection | undefined,
): ShadowSection | undefined {
  return desired && differing(desired, reported?.state);
}

function differing(desired: ShadowSection, reported: JsonObject | undefined): ShadowSection | undefined {
  const state: [string, JsonObject[string]][] = [];
  const metadata: [string, JsonObject[string]][] = [];
  for (const [key, value] of Object.entries(desired.state)) {
    const other = own(reported, key);
    const times = own(desired.metadata, key) ?? {};
    if (isObject(value) && isObject(other) && isObject(times)) {
      const inner = differing({ state: value, metadata: times }, other);
      if (!inner) continue;
      state.push([key, inner.state]);
      metadata.push([key, inner.metadata]);
    } else if (!equal(value, other)) {
      state.push([key, value]);
      metadata.push([key, times]);
    }
  }
  const found = { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
  return isEmpty(found.state) ? undefined : found;
}
