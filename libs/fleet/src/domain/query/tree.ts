/** Text with wildcards: `*` any characters, `?` one. Normal form: no empty text, no two texts beside each other. */
export type Pattern = readonly (string | Wild)[];

export interface Wild {
  readonly wild: '*' | '?';
}

/** One end of a range. */
export interface Bound {
  readonly value: string;
  readonly inclusive: boolean;
}

/**
 * A query over devices. What a device lacks matches nothing, so NOT of it matches.
 * - `all`: every device.
 * - `word`: a value of thing name, serial number, asset name or customer name has the pattern at the beginning of a word.
 * - `is`: a value of the field is the whole pattern.
 * - `range`: a value of the field lies between the bounds; at least one is there.
 * - `member`: the device was added to the static group.
 */
export type Query =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  | { readonly kind: 'word'; readonly pattern: Pattern }
  | { readonly kind: 'is'; readonly field: string; readonly pattern: Pattern }
  | { readonly kind: 'range'; readonly field: string; readonly from?: Bound; readonly to?: Bound }
  | { readonly kind: 'member'; readonly groupId: string };

/** The text of a pattern without wildcards, else undefined. */
export function literalOf(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return '';
  const [only] = pattern;
  return pattern.length === 1 && typeof only === 'string' ? only : undefined;
}

/** What every text that matches begins with. */
export const prefixOf = ([first]: Pattern): string => (typeof first === 'string' ? first : '');

/** `anything` when it is a lone `*`: the field only has to be there. */
export const isAnything = (pattern: Pattern): boolean =>
  pattern.length === 1 && typeof pattern[0] === 'object' && pattern[0].wild === '*';

/** How many conditions a query has. */
export function conditionsOf(query: Query): number {
  if (query.kind === 'not') return conditionsOf(query.part);
  if (query.kind === 'and' || query.kind === 'or')
    return query.parts.reduce((all, part) => all + conditionsOf(part), 0);
  return 1;
}
