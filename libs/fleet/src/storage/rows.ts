/** Rows are read as they are now, not as an earlier query of the same transaction left them in the ORM's identity map. */
export const plain = { disableIdentityMap: true } as const;

/** Raw queries give instants as the driver parses them: text or Date. */
export const asDate = (value: Date | string): Date => new Date(value);

export const asMs = (value: Date | string): number => asDate(value).getTime();

/** A list of ids as PostgreSQL's array text, for `= any(?::uuid[])`. */
export const uuids = (ids: readonly string[]): string => `{${ids.join(',')}}`;
