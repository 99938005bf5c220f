/** Raw queries give instants as the driver parses them: text or Date. */
export const asDate = (value: Date | string): Date => new Date(value);

export const asDateOrNull = (value: Date | string | null): Date | null => (value === null ? null : new Date(value));

/** A list of ids as PostgreSQL's array text, for `= any(?::uuid[])`. */
export const uuids = (ids: readonly string[]): string => `{${ids.join(',')}}`;
