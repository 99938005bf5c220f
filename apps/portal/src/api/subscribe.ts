import type { TadaDocumentNode } from 'gql.tada';
import type { Client } from 'graphql-ws';
import { useEffect, useRef } from 'react';
import { connection } from './connection.js';
import { sourceOf } from './graphql.js';
import { accessToken } from './session.js';

/** Subscriptions that come and go with what is shown: one socket for all, closed when none is left. */
let client: Promise<Client> | undefined;

const connected = (): Promise<Client> => {
  client ??= import('graphql-ws').then(({ createClient }) =>
    createClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
      connectionParams: async () => ({ authorization: `Bearer ${await accessToken()}` }),
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      keepAlive: 15_000,
      lazyCloseTimeout: 2000,
      on: { connected: connection.reached },
    }),
  );
  return client;
};

/** Hands each message of a subscription to `take` while `variables` are given and the component is shown. */
export function useSubscription<R, V extends Record<string, unknown>>(
  document: TadaDocumentNode<R, V, unknown>,
  variables: V | null,
  take: (result: R) => void,
): void {
  const latest = useRef(take);
  latest.current = take;
  const key = variables && JSON.stringify(variables);
  useEffect(() => {
    if (key === null) return;
    let ended = false;
    let stop: (() => void) | undefined;
    const subscribe = async () => {
      const socket = await connected();
      if (ended) return;
      const again = () => void setTimeout(() => !ended && void subscribe(), 3000);
      stop = socket.subscribe<R>(
        { query: sourceOf(document), variables: JSON.parse(key) as V },
        {
          next: ({ data }) => {
            connection.reached();
            if (data && !ended) latest.current(data);
          },
          // The server ended it (restart, ended token): ask anew after a pause.
          error: again,
          complete: again,
        },
      );
    };
    void subscribe();
    return () => {
      ended = true;
      stop?.();
    };
  }, [document, key]);
}
