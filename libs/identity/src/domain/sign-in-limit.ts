/** Failed sign-ins that are allowed within a window that begins with the first one. */
export const signInLimits = {
  windowMs: 15 * 60_000,
  perEmail: 10,
  perAddress: 50,
} as const;

export interface AttemptCount {
  /** Attempts in the window that did not end in a sign-in, this one included. */
  readonly failures: number;
  readonly windowStart: Date;
}

/** When the next attempt is allowed, or undefined when this one is. */
export function blockedUntil(count: AttemptCount, limit: number): Date | undefined {
  return count.failures > limit ? new Date(count.windowStart.getTime() + signInLimits.windowMs) : undefined;
}
