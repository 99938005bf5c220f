import type { EntityName, FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { DomainError } from '@throughline/kernel';
import { type CursorKey, decodeCursor } from './cursor.js';
import { type Connection, connectionOf, type PageRequest } from './pages.js';

/** One column of a list's order. Dates must be of millisecond precision (`p.datetime(3)`), else the id order should be used. */
export interface SortColumn<T> {
  readonly property: Extract<keyof T, string>;
  readonly type: 'string' | 'number' | 'date';
  readonly direction: 'asc' | 'desc';
}

/**
 * One page of an entity by keyset: reads only what it shows, and rows that come or go before the cursor move nothing.
 * `sort` ends with a unique column (the id). `list` names the list in its cursors, so a cursor of another list is refused.
 */
export async function keysetPage<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  options: {
    readonly list: string;
    readonly where?: FilterQuery<T>;
    readonly sort: readonly SortColumn<T>[];
    readonly page: PageRequest;
  },
): Promise<Connection<T>> {
  const { list, sort, page } = options;
  const where: object = options.where ?? {};
  const types = sort.map((column) => (column.type === 'number' ? 'number' : 'string'));
  const conditions = page.after === undefined ? [] : [after(sort, decodeCursor(list, page.after, types))];
  const orderBy = sort.map((column) => ({ [column.property]: column.direction }));
  // The ORM's types follow an entity's own properties; here the entity is any.
  const plain = em as unknown as PlainReader<T>;
  const rows = await plain.find(entity, { $and: [where, ...conditions] }, { orderBy, limit: page.first + 1 });
  const totalCount = await plain.count(entity, where);
  return connectionOf(
    list,
    rows,
    page,
    totalCount,
    (row) => sort.map((column) => keyValue(row[column.property])),
    (row) => row,
  );
}

interface PlainReader<T> {
  find(entity: EntityName<T>, where: object, options: { orderBy: object[]; limit: number }): Promise<T[]>;
  count(entity: EntityName<T>, where: object): Promise<number>;
}

/** Rows after a key in a mixed order: (a > x) or (a = x and b > y) or … */
function after<T>(sort: readonly SortColumn<T>[], key: CursorKey): object {
  const values = sort.map((column, i) => (column.type === 'date' ? new Date(key[i] ?? '') : key[i]));
  return {
    $or: sort.map((column, i) => ({
      ...Object.fromEntries(sort.slice(0, i).map((earlier, j) => [earlier.property, values[j]])),
      [column.property]: { [column.direction === 'asc' ? '$gt' : '$lt']: values[i] },
    })),
  };
}

function keyValue(value: unknown): string | number {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new DomainError('INTERNAL', 'a list is sorted by a column that may be empty');
}
