import { createHash } from 'node:crypto';
import type { DisconnectReason } from '../registry.js';

/** A connection of a client to AWS IoT as its life-cycle events tell of it; times in ms since the epoch. */
export interface ClientSession {
  /** Made of what the events of one connection have in common. */
  readonly sessionId: string;
  /** When it began; of one whose end alone was heard of, that end. */
  readonly from: number;
  /** Whether its beginning was heard of. */
  readonly began: boolean;
  /** Null while it lasts. */
  readonly to: number | null;
  readonly reason: DisconnectReason | null;
}

export interface LifeCycleEvent {
  readonly eventType: 'connected' | 'disconnected';
  readonly clientId: string;
  /** Ms since the epoch. */
  readonly timestamp: number;
  readonly sessionIdentifier: string;
  readonly versionNumber: number;
  readonly ipAddress?: string | undefined;
  readonly disconnectReason?: string | undefined;
}

const reasons: Readonly<Record<string, DisconnectReason>> = {
  CLIENT_INITIATED_DISCONNECT: 'client_disconnect',
  MQTT_KEEP_ALIVE_TIMEOUT: 'keep_alive_timeout',
  DUPLICATE_CLIENTID: 'taken_over',
  CLIENT_ERROR: 'refused',
  THROTTLED: 'refused',
  AUTH_ERROR: 'access_ended',
  FORBIDDEN_ACCESS: 'access_ended',
  API_INITIATED_DISCONNECT: 'access_ended',
  CUSTOMAUTH_TTL_EXPIRATION: 'access_ended',
  SERVER_INITIATED_DISCONNECT: 'gateway_stopped',
  SERVER_ERROR: 'gateway_lost',
};

const reasonOf = ({ disconnectReason = '' }: LifeCycleEvent): DisconnectReason =>
  reasons[disconnectReason] ?? 'connection_lost';

/** A connection has one session and one version; both are in its two events. */
export function sessionIdOf({ clientId, sessionIdentifier, versionNumber }: LifeCycleEvent): string {
  const hex = createHash('sha256').update(`${clientId}\n${sessionIdentifier}\n${versionNumber}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** By time; of two that began in the same millisecond one is the first, always the same. */
const before = (a: ClientSession, b: ClientSession): boolean =>
  a.from < b.from || (a.from === b.from && a.sessionId < b.sessionId);

/**
 * What an event changes among a client's sessions (those that last or did not end before it, and its own). Whatever order events come in,
 * and however often, in the end each session is [its beginning, the earlier of its end and the next one's beginning).
 */
export function changedBy(known: readonly ClientSession[], event: LifeCycleEvent): ClientSession[] {
  const sessionId = sessionIdOf(event);
  const { timestamp } = event;
  const mine = known.find((session) => session.sessionId === sessionId);
  if (event.eventType === 'disconnected') {
    const reason = reasonOf(event);
    if (!mine) return [{ sessionId, from: timestamp, began: false, to: timestamp, reason }];
    if (!mine.began) return [];
    const to = Math.max(mine.from, Math.min(mine.to ?? timestamp, timestamp));
    return to === mine.to && reason === mine.reason ? [] : [{ ...mine, to, reason }];
  }
  if (mine?.began) return [];
  const begun: ClientSession = { sessionId, from: timestamp, began: true, to: null, reason: null };
  const others = known.filter((session) => session.began);
  const next = Math.min(...others.filter((other) => before(begun, other)).map((other) => other.from));
  const ends = Math.min(mine?.to ?? Number.POSITIVE_INFINITY, next);
  const session = Number.isFinite(ends)
    ? { ...begun, to: Math.max(timestamp, ends), reason: mine?.reason ?? ('taken_over' as const) }
    : begun;
  const overtaken = others
    .filter((other) => before(other, begun) && (other.to === null || other.to > timestamp))
    .map((other) => ({ ...other, to: timestamp, reason: other.reason ?? ('taken_over' as const) }));
  return [session, ...overtaken];
}
