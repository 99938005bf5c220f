import { isObject, type Json, type JsonObject } from './json.js';
import { ShadowRefusal } from './refusal.js';

/** Of desired and reported together, as JSON text in UTF-8; metadata does not count. */
export const MAX_STATE_BYTES = 8 * 1024;
/** Objects and arrays within each other, the section itself being the first. */
export const MAX_DEPTH = 8;
export const MAX_TOKEN_BYTES = 64;

/**
 * Refuses what a section must not hold: too many levels, `null` inside an array, and what the database's JSON cannot: numbers
 * beyond a double's range, NUL characters and halves of surrogate pairs.
 */
export function checkSection(section: JsonObject): void {
  checkNode(section, 1, false, '');
}

function checkNode(value: Json, depth: number, inArray: boolean, key: string): void {
  if (value === null) {
    if (inArray) throw invalidNode(key);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalidNode(key);
  } else if (typeof value === 'string') {
    if (!storable(value)) throw invalidNode(key);
  } else if (typeof value === 'object') {
    if (depth > MAX_DEPTH) throw new ShadowRefusal('tooDeep', ` ${MAX_DEPTH}`);
    if (Array.isArray(value)) for (const item of value) checkNode(item, depth + 1, true, key);
    else if (isObject(value))
      for (const [name, child] of Object.entries(value)) {
        if (!storable(name)) throw invalidNode(key);
        checkNode(child, depth + 1, inArray, name);
      }
  }
}

const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const MAX_SHOWN = 64;
export const invalidNode = (key: string): ShadowRefusal =>
  new ShadowRefusal('invalidNode', `: '${key.slice(0, MAX_SHOWN)}'`);

export function checkSize(...sections: (JsonObject | null | undefined)[]): void {
  const bytes = sections.reduce((sum, section) => sum + (section ? Buffer.byteLength(JSON.stringify(section)) : 0), 0);
  if (bytes > MAX_STATE_BYTES) throw new ShadowRefusal('tooLarge');
}
