import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import {
  AuthenticateDevice,
  type Authentication,
  CloseLostSessions,
  RecordConnect,
  RecordDisconnect,
  RecordGatewayAlive,
  RecordGatewayStopped,
  SIGN_OF_LIFE_MS,
} from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import {
  type DeviceConnection,
  type DeviceHandlers,
  type LinkAnswer,
  type LinkEnd,
  type LinkRequest,
  Logger,
} from '@throughline/platform';
import { DeviceMessages } from '@throughline/telemetry/mqtt';
import { DeviceRequests } from './device-requests.js';
import { Session } from './session.js';

/** Who may connect as which thing, and when they were there. */
@Injectable()
export class DeviceSessions implements DeviceHandlers {
  /** The same after a restart on the same machine and port. */
  private gateway = hostname();
  private alive: NodeJS.Timeout | undefined;
  private readonly ending = new Set<Promise<void>>();

  constructor(
    private readonly authenticate: AuthenticateDevice,
    private readonly recordConnect: RecordConnect,
    private readonly recordDisconnect: RecordDisconnect,
    private readonly closeLost: CloseLostSessions,
    private readonly signOfLife: RecordGatewayAlive,
    private readonly gatewayStopped: RecordGatewayStopped,
    private readonly messages: DeviceMessages,
    private readonly requests: DeviceRequests,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Before the first connection: ends what a killed predecessor left open. */
  async start(gateway: string): Promise<void> {
    this.gateway = gateway;
    await this.closeLost.run(gateway);
    this.alive = setInterval(() => void this.beat(), SIGN_OF_LIFE_MS).unref();
  }

  /** After the last connection was ended. */
  async stop(): Promise<void> {
    clearInterval(this.alive);
    await Promise.all(this.ending);
    await this.gatewayStopped.run(this.gateway);
  }

  get requestFilters(): readonly string[] {
    return this.requests.filters;
  }

  async connecting(request: LinkRequest): Promise<LinkAnswer> {
    const { clientId, fingerprint, remoteAddress, connection } = request;
    const wanted = request.username?.split('?')[0] || clientId;
    const who = await (fingerprint === undefined
      ? this.authenticate.byThingName(wanted)
      : this.authenticate.run(fingerprint));
    if (!who.accepted) return { refused: refusals[who.reason] };
    const { thingName, deviceId } = who;
    if (clientId !== thingName && !clientId.startsWith(`${thingName}-`))
      return { refused: `the client id must be "${thingName}" or start with "${thingName}-"` };
    if (clientId.length > 128) return { refused: 'the client id must have at most 128 characters' };
    const source = await this.messages.open(thingName);
    if (!source) return { refused: refusals.unknown_thing };
    const { sessionId } = await this.recordConnect.run({
      thingName,
      clientId,
      gateway: this.gateway,
      remoteAddress: remoteAddress ?? null,
      at: this.clock.now(),
    });
    const ended = (reason: LinkEnd): void => this.ended({ thingName, clientId, sessionId }, reason);
    const requester = { kind: 'device', deviceId, thingName, clientId } as const;
    return { link: new Session(requester, connection, source, this.messages, this.requests, ended) };
  }

  async arriving(thingName: string, connection: DeviceConnection): Promise<LinkAnswer> {
    const source = await this.messages.open(thingName);
    if (!source) return { refused: refusals.unknown_thing };
    const requester = { kind: 'device', deviceId: source.entry.deviceId, thingName, clientId: thingName } as const;
    return {
      link: new Session(requester, connection, source, this.messages, this.requests, () => undefined),
    };
  }

  private ended(session: { thingName: string; clientId: string; sessionId: string }, reason: LinkEnd): void {
    const work = this.recordDisconnect
      .run({
        ...session,
        gateway: this.gateway,
        at: this.clock.now(),
        reason: reason === 'stopped' ? 'gateway_stopped' : reason,
      })
      .catch((error: unknown) =>
        // The interval stays open until the gateway starts again or the device reconnects, both of which end it.
        this.logger.error({ err: error, ...session, reason }, 'the end of a connection was not recorded'),
      )
      .finally(() => this.ending.delete(work));
    this.ending.add(work);
  }

  private async beat(): Promise<void> {
    try {
      await this.signOfLife.run(this.gateway);
    } catch (error) {
      this.logger.warn({ err: error }, 'the sign of life was not recorded');
    }
  }
}

const refusals: Readonly<Record<Extract<Authentication, { accepted: false }>['reason'], string>> = {
  unknown_certificate: 'the certificate belongs to no device',
  unknown_thing: 'no device has that thing name',
  revoked_certificate: 'the certificate is revoked',
  expired_certificate: 'the certificate has expired',
  suspended_device: 'the device is suspended',
  retired_device: 'the device is retired',
};
