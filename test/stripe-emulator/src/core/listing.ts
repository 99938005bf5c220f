import { invalid, missing } from './errors.js';
import type { WireList } from './wire.js';

export interface Paging {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
}

/** One page of rows that are in the order of the list (10 unless `limit` says else), by the ids of the cursors. */
export function page(rows: { id: string }[], url: string, what: string, asked: Paging): WireList {
  if (asked.starting_after !== undefined && asked.ending_before !== undefined) {
    throw invalid('You may only specify one of these parameters: ending_before, starting_after.');
  }
  const limit = asked.limit ?? 10;
  const position = (id: string, param: string): number => {
    const at = rows.findIndex((row) => row.id === id);
    if (at < 0) throw missing(what, id, param, 400);
    return at;
  };
  if (asked.ending_before !== undefined) {
    const end = position(asked.ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: rows.slice(start, end), has_more: start > 0, url };
  }
  const start = asked.starting_after === undefined ? 0 : position(asked.starting_after, 'starting_after') + 1;
  return { object: 'list', data: rows.slice(start, start + limit), has_more: start + limit < rows.length, url };
}
