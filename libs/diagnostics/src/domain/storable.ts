const MAX_DEPTH = 64;

/**
 * Why a decoded JSON value cannot be kept by the database, or undefined: text with NUL or half a surrogate pair, a number
 * that is none, or nesting beyond 64 levels.
 */
export function unstorable(value: unknown, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return `nesting of more than ${MAX_DEPTH} levels`;
  if (typeof value === 'string') return badText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number that is not finite';
  if (value === null || typeof value === 'boolean') return undefined;
  if (Array.isArray(value)) return first(value, (item) => unstorable(item, depth + 1));
  if (isRecord(value))
    return first(Object.entries(value), ([key, item]) => badText(key) ?? unstorable(item, depth + 1));
  return `a value of type ${typeof value}`;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

function badText(text: string): string | undefined {
  if (text.includes('\0')) return 'text with a NUL character';
  return text.isWellFormed() ? undefined : 'text that is not well-formed Unicode';
}

function first<T>(items: readonly T[], fault: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
