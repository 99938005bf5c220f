import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import {
  AuthenticateDevice,
  type Authentication,
  ClaimAccess,
  CloseLostSessions,
  ConfirmRotation,
  RecordConnect,
  RecordDisconnect,
  RecordGatewayAlive,
  RecordGatewayStopped,
  type RefusalReason,
  type RefusedConnection,
  RefusedConnections,
  RegisterByCa,
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
import { ClaimSession } from './claim-session.js';
import { DeviceRequests } from './device-requests.js';
import { PresenceEvents, type PresentClient } from './presence-events.js';
import { Session } from './session.js';
import { SessionGuard } from './session-guard.js';

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
    private readonly claims: ClaimAccess,
    private readonly registerByCa: RegisterByCa,
    private readonly refused: RefusedConnections,
    private readonly confirmRotation: ConfirmRotation,
    private readonly guard: SessionGuard,
    private readonly events: PresenceEvents,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Before the first connection: ends what a killed predecessor left open. */
  async start(gateway: string): Promise<void> {
    this.gateway = gateway;
    await this.closeLost.run(gateway);
    this.guard.start();
    this.alive = setInterval(() => void this.beat(), SIGN_OF_LIFE_MS).unref();
  }

  /** After the last connection was ended. */
  async stop(): Promise<void> {
    clearInterval(this.alive);
    await this.guard.stop();
    await Promise.all(this.ending);
    await this.gatewayStopped.run(this.gateway);
  }

  get requestFilters(): readonly string[] {
    return this.requests.filters;
  }

  async connecting(request: LinkRequest): Promise<LinkAnswer> {
    const { clientId, fingerprint } = request;
    const wanted = request.username?.split('?')[0] || clientId;
    const who = await (fingerprint === undefined
      ? this.authenticate.byThingName(wanted)
      : this.authenticate.run(fingerprint));
    if (!who.accepted) return this.unknown(request, who.reason);
    if (clientId.length > 128)
      return this.refuse(request, 'the client id must have at most 128 characters', 'client_id');
    return who.kind === 'claim' ? this.openClaim(request, who) : this.openDevice(request, who);
  }

  async arriving(thingName: string, connection: DeviceConnection): Promise<LinkAnswer> {
    const source = await this.messages.open(thingName);
    if (!source) return { refused: refusals.unknown_thing };
    const requester = { kind: 'device', deviceId: source.entry.deviceId, thingName, clientId: thingName } as const;
    return {
      link: new Session(requester, connection, source, this.messages, this.requests, () => undefined),
    };
  }

  async arrived(
    thingName: string,
    remoteAddress: string | undefined,
  ): Promise<((reason: LinkEnd) => void) | undefined> {
    const who = await this.authenticate.byThingName(thingName);
    if (!who.accepted) return undefined;
    const client = await this.present({ clientId: thingName, thingName, fingerprint: undefined, remoteAddress });
    return (reason) => this.ended(client, reason);
  }

  private async openDevice(
    request: LinkRequest,
    { deviceId, thingName, rotated }: DeviceIdentity,
  ): Promise<LinkAnswer> {
    const { clientId, fingerprint, remoteAddress, connection } = request;
    if (clientId !== thingName && !clientId.startsWith(`${thingName}-`))
      return this.refuse(request, `the client id must be "${thingName}" or start with "${thingName}-"`, 'client_id');
    const source = await this.messages.open(thingName);
    if (!source) return this.refuse(request, refusals.unknown_thing, 'unknown_thing');
    const client = await this.present({ clientId, thingName, fingerprint, remoteAddress });
    if (rotated && fingerprint !== undefined) await this.confirmRotation.run(fingerprint);
    const forget = this.guard.watch({ deviceId, fingerprint: fingerprint ?? null, clientId, connection });
    const ended = (reason: LinkEnd): void => {
      forget();
      this.ended(client, reason);
    };
    const requester = { kind: 'device', deviceId, thingName, clientId, fingerprint } as const;
    return { link: new Session(requester, connection, source, this.messages, this.requests, ended) };
  }

  private async present(
    connection: Pick<PresentClient, 'clientId' | 'thingName' | 'fingerprint' | 'remoteAddress'>,
  ): Promise<PresentClient> {
    const { thingName, clientId, remoteAddress = null } = connection;
    const { gateway } = this;
    const at = this.clock.now();
    const { sessionId } = await this.recordConnect.run({ thingName, clientId, gateway, remoteAddress, at });
    const client = { ...connection, sessionId, versionNumber: this.events.nextVersion() };
    this.events.connected(client);
    return client;
  }

  private async openClaim(request: LinkRequest, { claimId, templateName }: ClaimIdentity): Promise<LinkAnswer> {
    const { clientId, remoteAddress, connection } = request;
    if (!(await this.claims.mayUseClientId(claimId, clientId)))
      return this.refuse(request, `client id "${clientId}" is a thing's`, 'client_id');
    const requester = { kind: 'claim', claimId, clientId, remoteAddress: remoteAddress ?? null } as const;
    const forget = this.guard.watchClaim({ claimId, connection });
    return { link: new ClaimSession(requester, templateName, connection, this.requests, forget) };
  }

  /** One that is nobody's may be of a registered CA: then it becomes a device's, which has to connect again. */
  private async unknown(request: LinkRequest, reason: RefusalReason): Promise<LinkAnswer> {
    const { certificate: der, clientId, remoteAddress } = request;
    if (reason !== 'unknown_certificate' || !der) return this.refuse(request, refusals[reason], reason);
    const result = await this.registerByCa.run({ der, clientId, remoteAddress: remoteAddress ?? null });
    if (result.outcome === 'registered') return { refused: `registered as thing "${result.thingName}": connect again` };
    return result.outcome === 'refused'
      ? this.refuse(request, result.reason, 'not_registered')
      : this.refuse(request, refusals.unknown_certificate, 'unknown_certificate');
  }

  private refuse(request: LinkRequest, refused: string, reason: RefusedConnection['reason']): LinkAnswer {
    const { remoteAddress, fingerprint, clientId } = request;
    this.refused.note({ reason, remoteAddress, fingerprint, subject: clientId, detail: refused });
    this.events.connectFailed(request);
    return { refused };
  }

  private ended(client: PresentClient, reason: LinkEnd): void {
    const { thingName, clientId, sessionId } = client;
    const work = this.recordDisconnect
      .run({
        thingName,
        sessionId,
        at: this.clock.now(),
        reason: reason === 'stopped' ? 'gateway_stopped' : reason,
      })
      .then(() => this.events.disconnected(client, reason))
      .catch((error: unknown) =>
        // The interval stays open until the gateway starts again or the device reconnects, both of which end it.
        this.logger.error({ err: error, thingName, clientId, reason }, 'the end of a connection was not recorded'),
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

type DeviceIdentity = Extract<Authentication, { kind: 'device' }>;
type ClaimIdentity = Extract<Authentication, { kind: 'claim' }>;

const refusals: Readonly<Record<RefusalReason, string>> = {
  deactivated_claim: 'the claim batch is deactivated',
  expired_claim: 'the claim batch has expired',
  pending_certificate: 'the certificate is not provisioned yet: redeem its ownership token first',
  unknown_certificate: 'the certificate belongs to no device',
  unknown_thing: 'no device has that thing name',
  revoked_certificate: 'the certificate is revoked',
  expired_certificate: 'the certificate has expired',
  suspended_device: 'the device is suspended',
  retired_device: 'the device is retired',
};
