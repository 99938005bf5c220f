import { type Connection, connectionOf, decodeCursor, type PageRequest } from '@throughline/platform';

/** Place of an item: an id and a time within it. */
export type Place = readonly [string, number];

/**
 * A page of a list that is whole in memory, ordered by place. A cursor names a place and not an item, so one list's cursor
 * serves its sisters too: a query that pages the evidence of every line of a statement gets from each what lies after it. An
 * empty list takes any cursor.
 */
export function pageOfAll<T>(
  list: string,
  all: readonly T[],
  page: PageRequest,
  placeOf: (item: T) => Place,
): Connection<T> {
  const after = page.after === undefined || all.length === 0 ? undefined : placeIn(list, page.after);
  const rows = after ? all.filter((item) => isAfter(placeOf(item), after)) : all;
  return connectionOf(list, rows.slice(0, page.first + 1), page, all.length, placeOf, (item) => item);
}

function placeIn(list: string, cursor: string): Place {
  const [id, time] = decodeCursor(list, cursor, ['string', 'number']);
  return [String(id), Number(time)];
}

const isAfter = ([id, time]: Place, [afterId, afterTime]: Place): boolean =>
  id === afterId ? time > afterTime : id > afterId;
