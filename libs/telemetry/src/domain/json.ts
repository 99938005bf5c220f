import { MAX_DEPTH } from './limits.js';
import type { Refusal } from './refusal.js';

/** Keys that reach an object's prototype in careless code; nothing honest sends them. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export const isForbiddenKey = (key: string): boolean => forbidden.has(key);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON payload's value, or why it is none. Never throws. */
export function parseJson(payload: Buffer): { value: unknown } | { refusal: Refusal } {
  try {
    return { value: JSON.parse(payload.toString('utf8')) };
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'not JSON';
    return { refusal: { reason: 'malformed_json', rule: `must be JSON: ${detail}` } };
  }
}

/** Whether a value nests arrays and objects deeper than `limit`. Looks no deeper than that, so a depth bomb costs nothing. */
export function tooDeep(value: unknown, limit: number = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  for (const key in value) if (tooDeep((value as Record<string, unknown>)[key], limit - 1)) return true;
  return false;
}

/** The first key, at any depth up to the limit, that must not be sent. */
export function findForbiddenKey(value: unknown, limit: number = MAX_DEPTH): string | undefined {
  if (typeof value !== 'object' || value === null || limit === 0) return undefined;
  for (const key of Object.keys(value)) {
    if (isForbiddenKey(key)) return key;
    const below = findForbiddenKey((value as Record<string, unknown>)[key], limit - 1);
    if (below !== undefined) return below;
  }
  return undefined;
}
