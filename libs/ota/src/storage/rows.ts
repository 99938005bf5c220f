/** Rows are read as they are now, not as an earlier query of the same transaction left them in the ORM's identity map. */
export const plain = { disableIdentityMap: true } as const;

/** A list of ids as PostgreSQL's array text, for `= any(?::uuid[])`. */
export const uuids = (ids: readonly string[]): string => `{${ids.join(',')}}`;
