/** A hole younger than this may still fill by itself: messages of one device overtake each other by a little. */
export const FIRST_ASK_MS = 5_000;
/** Pause after the first time of asking; doubled with each further one. */
export const FIRST_PAUSE_MS = 10_000;
export const LONGEST_PAUSE_MS = 3_600_000;
/** A range is lost when a connected device was asked so often … */
export const ASKS_BEFORE_LOST = 8;
/** … over at least so long. */
export const ASKED_FOR_MS = 3_600_000;
/** Ranges of one request. */
export const MAX_RANGES_ASKED = 100;

/** Ms until a device is asked again after it was asked `asked` times. */
export const pauseAfter = (asked: number): number =>
  asked < 1 ? FIRST_ASK_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(asked - 1, 30));

/** What to do with a range whose pause is over while its device is connected. Times in ms. */
export function nextStep(range: { asked: number; firstAskedAt: number | undefined }, now: number): 'ask' | 'lost' {
  const { asked, firstAskedAt } = range;
  if (asked < ASKS_BEFORE_LOST || firstAskedAt === undefined) return 'ask';
  return now - firstAskedAt >= ASKED_FOR_MS ? 'lost' : 'ask';
}
