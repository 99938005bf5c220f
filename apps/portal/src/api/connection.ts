import { useSyncExternalStore } from 'react';

export interface ConnectionState {
  readonly online: boolean;
  /** Last time the API answered or sent live data, ms since the epoch. */
  readonly lastDataAt: number;
}

let state: ConnectionState = { online: true, lastDataAt: Date.now() };
const listeners = new Set<() => void>();
const set = (next: ConnectionState) => {
  const told = next.online !== state.online;
  state = next;
  if (told) for (const listener of listeners) listener();
};

/** What is known about reaching the API: every answer and every live message counts. */
export const connection = {
  reached: () => set({ online: true, lastDataAt: Date.now() }),
  lost: () => set({ online: false, lastDataAt: state.lastDataAt }),
};

window.addEventListener('offline', connection.lost);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useConnection = (): ConnectionState => useSyncExternalStore(subscribe, () => state);
