import { DomainError } from '@throughline/kernel';

/** Rows taken at a time, and for how long nobody else takes them. */
export const BATCH = 25;
export const LEASE_MS = 60_000;
/** Pauses after a failure: one that passes, and one that somebody has to do something about. */
export const RETRY_MS = 10_000;
export const RETRY_LATER_MS = 300_000;

const MAX_ERROR = 500;

/** The text for people, and when to try again. */
export function failureOf(error: unknown, now: Date): { text: string; retryAt: Date } {
  const known = error instanceof DomainError;
  const pause = known && !error.rule.retryable ? RETRY_LATER_MS : RETRY_MS;
  const text = (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR);
  return { text, retryAt: new Date(now.getTime() + pause) };
}
