export const presenceStates = ['connected', 'sleeping', 'offline'] as const;
export type PresenceState = (typeof presenceStates)[number];

/** Of a device that is not connected: asleep for `sleepAfterMs` after it was last seen, then offline. */
export const presenceState = (lastSeenAt: Date | null, sleepAfterMs: number | null, now: Date): PresenceState =>
  lastSeenAt !== null && sleepAfterMs !== null && now.getTime() - lastSeenAt.getTime() < sleepAfterMs
    ? 'sleeping'
    : 'offline';
