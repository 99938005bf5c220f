import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { connection } from './connection.js';
import { sourceOf } from './graphql.js';
import { assetLive, type Live } from './operations/live.js';
import { accessToken } from './session.js';

const latest = new Map<string, Live>();
const listeners = new Map<string, Set<() => void>>();
const anyListeners = new Set<() => void>();
let version = 0;
let users = 0;
let stop: (() => void) | undefined;
let announced = false;

function store(live: Live) {
  latest.set(live.assetId, live);
  for (const listener of listeners.get(live.assetId) ?? []) listener();
  // Whoever counts over all machines redraws at most twice a second.
  if (announced) return;
  announced = true;
  setTimeout(() => {
    announced = false;
    version += 1;
    for (const listener of anyListeners) listener();
  }, 500);
}

/** One subscription for the whole page, opened with the first reader and closed after the last. */
async function open(): Promise<() => void> {
  const { createClient } = await import('graphql-ws');
  const client = createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: async () => ({ authorization: `Bearer ${await accessToken()}` }),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    keepAlive: 15_000,
    on: {
      connected: connection.reached,
      closed: (event) => {
        // 1000: we closed it ourselves.
        if (!(event instanceof CloseEvent) || event.code !== 1000) connection.lost();
      },
      ping: (received) => received && connection.reached(),
    },
  });
  let ended = false;
  const subscribe = () => {
    client.subscribe<{ assetLive: Live }>(
      { query: sourceOf(assetLive), variables: { assetIds: null } },
      {
        next: ({ data }) => {
          connection.reached();
          if (data) store(data.assetLive);
        },
        // The server ended it (restart, ended token): ask anew after a pause.
        error: () => void setTimeout(() => !ended && subscribe(), 3000),
        complete: () => void setTimeout(() => !ended && subscribe(), 3000),
      },
    );
  };
  subscribe();
  return () => {
    ended = true;
    void client.dispose();
  };
}

/** Keeps the live subscription open while the calling component is shown. */
export function useLiveFeed(): void {
  useEffect(() => {
    users += 1;
    let cancelled = false;
    if (users === 1 && !stop) {
      void open().then((close) => {
        if (cancelled && users === 0) close();
        else stop = close;
      });
    }
    return () => {
      cancelled = true;
      users -= 1;
      // A page change lets go of the feed and takes it again at once.
      setTimeout(() => {
        if (users > 0) return;
        stop?.();
        stop = undefined;
      }, 1000);
    };
  }, []);
}

/** A silence changes the category but not the time of the newest message, so the later of the two tells which is newer. */
const knownAt = (live: Live) => Math.max(Date.parse(live.at ?? '') || 0, Date.parse(live.since ?? '') || 0);
const newer = (streamed: Live | undefined, loaded: Live): Live =>
  streamed && knownAt(streamed) >= knownAt(loaded) ? streamed : loaded;

/** The newest known live state of one machine: what the page loaded, or what has come since. */
export function useLive(loaded: Live): Live {
  const subscribe = useCallback(
    (listener: () => void) => {
      const set = listeners.get(loaded.assetId) ?? new Set();
      set.add(listener);
      listeners.set(loaded.assetId, set);
      return () => void set.delete(listener);
    },
    [loaded.assetId],
  );
  return newer(
    useSyncExternalStore(subscribe, () => latest.get(loaded.assetId)),
    loaded,
  );
}

const subscribeAny = (listener: () => void) => {
  anyListeners.add(listener);
  return () => void anyListeners.delete(listener);
};

/** For figures over many machines: reads the newest state of each; redraws at most twice a second. */
export function useLiveReader(): (loaded: Live) => Live {
  useSyncExternalStore(subscribeAny, () => version);
  return (loaded) => newer(latest.get(loaded.assetId), loaded);
}
