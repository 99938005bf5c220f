import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { DeviceListener, type LinkEnd } from '@throughline/platform';

const ROOT = '$aws/events/presence';

/** AWS IoT's words for why a connection ended. */
const reasons: Readonly<Record<LinkEnd, string>> = {
  client_disconnect: 'CLIENT_INITIATED_DISCONNECT',
  keep_alive_timeout: 'MQTT_KEEP_ALIVE_TIMEOUT',
  connection_lost: 'CONNECTION_LOST',
  taken_over: 'DUPLICATE_CLIENTID',
  access_ended: 'FORBIDDEN_ACCESS',
  refused: 'CLIENT_ERROR',
  stopped: 'SERVER_INITIATED_DISCONNECT',
};

/** A connection as its events name it. */
export interface PresentClient {
  readonly clientId: string;
  readonly thingName: string;
  readonly sessionId: string;
  /** Of the certificate; missing on an unencrypted listener. */
  readonly fingerprint: string | undefined;
  readonly remoteAddress: string | undefined;
  readonly versionNumber: number;
}

/** Publishes who connects and disconnects, as AWS IoT does, for clients of an outside broker and whoever may listen. */
@Injectable()
export class PresenceEvents {
  private last = 0;

  constructor(
    private readonly listener: DeviceListener,
    private readonly clock: Clock,
  ) {}

  /** Number of a new connection: larger than those before it, in this process and, by the clock, in others. */
  nextVersion(): number {
    this.last = Math.max(this.last + 1, this.clock.now().getTime());
    return this.last;
  }

  /** After the presence interval is committed. */
  connected(client: PresentClient): void {
    this.publish('connected', client.clientId, { ...this.identity(client), ipAddress: client.remoteAddress });
  }

  /** After the end of the presence interval is committed. */
  disconnected(client: PresentClient, reason: LinkEnd): void {
    this.publish('disconnected', client.clientId, {
      ...this.identity(client),
      clientInitiatedDisconnect: reason === 'client_disconnect',
      disconnectReason: reasons[reason],
    });
  }

  connectFailed(client: {
    clientId: string;
    fingerprint: string | undefined;
    remoteAddress: string | undefined;
  }): void {
    const { clientId, fingerprint, remoteAddress } = client;
    this.publish('connect_failed', clientId, {
      clientId,
      timestamp: this.clock.now().getTime(),
      connectFailureReason: 'AUTHORIZATION_FAILED',
      principalIdentifier: fingerprint ?? clientId,
      ipAddress: remoteAddress,
    });
  }

  private identity({ clientId, thingName, sessionId, fingerprint, versionNumber }: PresentClient) {
    return {
      clientId,
      thingName,
      timestamp: this.clock.now().getTime(),
      sessionIdentifier: sessionId,
      principalIdentifier: fingerprint ?? thingName,
      versionNumber,
    };
  }

  /** Ids that are no level of a topic have no events, as at AWS IoT. */
  private publish(eventType: 'connected' | 'disconnected' | 'connect_failed', clientId: string, event: object): void {
    if (clientId === '' || /[+#/]/.test(clientId) || clientId.length > 128) return;
    void this.listener.send(`${ROOT}/${eventType}/${clientId}`, JSON.stringify({ ...event, eventType }), 1);
  }
}
