/** Where a page begins: after the row with this text and, among equal texts, this id. */
export interface After {
  readonly key: string;
  readonly id: string;
}

export interface PageOf<T> {
  /** At most as many as asked for. */
  readonly rows: T[];
  /** How many there are on all pages. */
  readonly total: number;
}

const MAX_SEARCH = 200;

/** For `like`: the words as they are, with no wildcard of their own. */
export const containing = (words: string): string =>
  `%${words
    .slice(0, MAX_SEARCH)
    .replaceAll('\0', '')
    .replace(/[\\%_]/g, '\\$&')}%`;
