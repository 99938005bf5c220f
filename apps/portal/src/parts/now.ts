import { useSyncExternalStore } from 'react';

const everyMs = 15_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, everyMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, ms since the epoch, told anew every quarter of a minute to all who show an age. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** The last full minute: a stable end for "until now" queries. */
export const useMinute = (): number => {
  const minute = 60_000;
  return Math.floor(useNow() / minute) * minute;
};
