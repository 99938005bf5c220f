/** A list of ids as PostgreSQL's array text, for `= any(?::uuid[])`. */
export const uuids = (ids: readonly string[]): string => `{${ids.join(',')}}`;

/** Milliseconds since the epoch as PostgreSQL reads an instant. */
export const iso = (ms: number): string => new Date(ms).toISOString();
