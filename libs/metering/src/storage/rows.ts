/** A list of ids as PostgreSQL's array text, for `= any(?::uuid[])`. */
export const uuids = (ids: readonly string[]): string => `{${ids.join(',')}}`;

/** Milliseconds since the epoch as PostgreSQL reads an instant. */
export const iso = (ms: number): string => new Date(ms).toISOString();

/** An instant's column as text of milliseconds since the epoch. */
export const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint::text`;

/** The windows that were current at a stored time; without one, today's. */
export const currentAt = (storedBefore: Date | undefined): string =>
  storedBefore ? 'w.stored_at <= ? and (w.superseded_at is null or w.superseded_at > ?)' : 'w.superseded_at is null';

export const currentAtValues = (storedBefore: Date | undefined): string[] =>
  storedBefore ? [storedBefore.toISOString(), storedBefore.toISOString()] : [];
