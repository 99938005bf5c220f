/** Why a text is no JSON object, in the reader's words; null when it is one. */
export function jsonFault(text: string, rule: (detail: string) => string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : rule('');
  } catch (error) {
    return rule(error instanceof Error ? error.message : '');
  }
}

export const readable = (value: unknown): string =>
  value === null || value === undefined ? '' : JSON.stringify(value, null, 2);

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What has to be sent so that `from` becomes `to`: changed keys with their value, keys that are gone with null. Arrays and
 * plain values are replaced whole.
 */
export function patchOf(from: JsonObject, to: JsonObject): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (isObject(value) && isObject(before)) {
      const inner = patchOf(before, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (JSON.stringify(before) !== JSON.stringify(value)) patch[key] = value;
  }
  return patch;
}

export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Each leaf that differs, by its path. */
export function changesOf(from: unknown, to: unknown, path = ''): Change[] {
  if (isObject(from) && isObject(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => changesOf(from[key], to[key], path ? `${path}.${key}` : key));
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, before: from, after: to }];
}
