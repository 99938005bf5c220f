import { invalid } from '@throughline/kernel';

/** Values of the sort columns of one row, the last one its unique id. */
export type CursorKey = readonly (string | number)[];

const MAX_CURSOR_LENGTH = 1_000;
const RULE = 'must be a cursor that this list gave';

/** A row's place in a list as opaque text: stable while rows come and go, because it names values and not a position. */
export const encodeCursor = (list: string, key: CursorKey): string =>
  Buffer.from(JSON.stringify([list, ...key])).toString('base64url');

/** Reads a cursor of `list`; anything that this list did not make is INVALID_INPUT. `types` are those of the key's values. */
export function decodeCursor(list: string, cursor: string, types: readonly ('string' | 'number')[]): CursorKey {
  const [name, ...key] = parsed(cursor);
  const fits = name === list && key.length === types.length && key.every((value, i) => typeof value === types[i]);
  if (!fits || encodeCursor(list, key as CursorKey) !== cursor)
    throw invalid({ field: 'after', value: cursor, rule: RULE });
  return key as CursorKey;
}

function parsed(cursor: string): unknown[] {
  if (cursor.length > MAX_CURSOR_LENGTH) throw invalid({ field: 'after', value: cursor, rule: RULE });
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid({ field: 'after', value: cursor, rule: RULE });
  }
}
