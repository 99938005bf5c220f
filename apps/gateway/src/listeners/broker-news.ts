import type { LinkEnd } from '@throughline/platform';

/** What Mosquitto's log says of a client. */
export type BrokerNews =
  | { readonly kind: 'connected'; readonly name: string; readonly remoteAddress: string }
  | { readonly kind: 'ended'; readonly name: string; readonly reason: LinkEnd };

/** Thing names; the broker takes the client id from the certificate, so id and user name are the same. */
const NAME = '([a-zA-Z0-9:_-]{1,128})';
const connected = new RegExp(
  `^\\d+: New client connected from (.+):\\d+ as ${NAME} \\(p\\d, c\\d, k\\d+, u'\\2'\\)\\.$`,
);
/** Mosquitto 2's words for how a connection ends. */
const ends: readonly (readonly [RegExp, LinkEnd])[] = [
  [new RegExp(`^\\d+: Client ${NAME} disconnected\\.$`), 'client_disconnect'],
  [new RegExp(`^\\d+: Client ${NAME} closed its connection\\.$`), 'connection_lost'],
  [new RegExp(`^\\d+: Client ${NAME} has exceeded timeout, disconnecting\\.$`), 'keep_alive_timeout'],
  [new RegExp(`^\\d+: Client ${NAME} already connected, closing old connection\\.$`), 'taken_over'],
  [new RegExp(`^\\d+: Client ${NAME} disconnected( due to|,|:) .+$`), 'refused'],
  [new RegExp(`^\\d+: Bad socket read/write on client ${NAME}: .+$`), 'connection_lost'],
];

/** The log's topics that tell of clients: notices and errors. */
export const NEWS_FILTERS = ['$SYS/broker/log/N', '$SYS/broker/log/E'] as const;

/** Undefined for lines about other things, and about clients that are no things. */
export function newsIn(line: string): BrokerNews | undefined {
  const [, remoteAddress, client] = connected.exec(line) ?? [];
  if (remoteAddress !== undefined && client !== undefined) return { kind: 'connected', name: client, remoteAddress };
  for (const [pattern, reason] of ends) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined) return { kind: 'ended', name, reason };
  }
  return undefined;
}
