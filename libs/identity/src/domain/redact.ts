const secret = /password|secret|token|^key$|credential/i;
const MAX_TEXT = 200;
const MAX_ITEMS = 20;
const MAX_DEPTH = 5;

/**
 * A copy of arguments for the audit trail: secrets replaced, long texts and lists cut, nothing that is not plain data.
 */
export function redacted(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return storable(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return undefined;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redacted(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `… ${value.length - MAX_ITEMS} more`] : items;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, secret.test(key) ? '[secret]' : redacted(item, depth + 1)]),
  );
}

/** PostgreSQL's JSON takes neither NUL nor half a surrogate pair; a refused request with one must be recorded all the same. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
