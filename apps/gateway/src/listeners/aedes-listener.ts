import type { X509Certificate } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import { GatewayCertificate, RefusedConnections, reasonOfCertificate } from '@throughline/fleet';
import {
  CONFIG,
  type Config,
  type DeviceConnection,
  type DeviceHandlers,
  type DeviceLink,
  DeviceListener,
  type LinkAnswer,
  type LinkEnd,
  type LinkRequest,
  Logger,
} from '@throughline/platform';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { Acknowledgements } from './acknowledgements.js';
import { Forwarded } from './forwarded.js';
import { guardSize, type OversizedPacket, type PacketParser } from './oversize-guard.js';
import { type RestingParser, takePublishes, type UsualTopic, usualTopic } from './short-way.js';

const LOOPBACK = '127.0.0.1';
/** A packet up to this size is read whole (and set aside when its payload is too large); a larger one passes by unread. */
const MAX_PACKET_BYTES = 256 * 1024;
/** A packet that claims to be larger than this ends the connection. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const KEPT_BYTES = 4 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** Packets a client may send before its CONNACK. */
const EARLY_PACKETS = 100;
/** CONNACK of MQTT 5 with reason 0x84, "unsupported protocol version". */
const UNSUPPORTED_VERSION = Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]);
const NOT_AUTHORIZED = 5;
/** How soon a CA that was registered is trusted. */
const TRUST_CHECK_MS = 2_000;

/** What Aedes 1.2 keeps on a client beyond its types. */
interface AedesClient extends Client {
  readonly _parser: PacketParser & RestingParser;
  readonly _disconnected: boolean;
  readonly _keepaliveInterval: number;
  readonly _keepaliveTimer: NodeJS.Timeout | null;
  readonly connackSent: boolean;
  /** Packets being handled: no more is read before they are. */
  _parsingBatch: number;
  _nextBatch(error?: Error): void;
  pause(): void;
  resume(): void;
}

interface Peer {
  readonly clientId: string;
  readonly answer: LinkAnswer;
}

/** The gateway as the broker itself: Aedes (MQTT 3.1.1), over TLS with client certificates and, for trying things, plainly on loopback. */
@Injectable()
export class AedesListener extends DeviceListener {
  private broker: Aedes | undefined;
  private forwarded: Forwarded | undefined;
  private readonly servers: Server[] = [];
  private readonly clients = new Set<AedesClient>();
  private readonly peers = new WeakMap<Client, Peer>();
  private readonly links = new Map<Client, DeviceLink>();
  private readonly ends = new WeakMap<Client, LinkEnd>();
  /** Topics of publications that were found in order. */
  private readonly usual = new WeakMap<Client, UsualTopic>();
  private readonly acknowledgements = new Acknowledgements();
  private renewal: NodeJS.Timeout | undefined;
  private served = '';
  private flowing = true;
  private stopping = false;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mqtt'>,
    private readonly certificate: GatewayCertificate,
    private readonly refused: RefusedConnections,
    private readonly logger: Logger,
  ) {
    super();
  }

  get connections(): number {
    return this.links.size;
  }

  async start(handlers: DeviceHandlers): Promise<Record<string, string>> {
    this.broker = await this.makeBroker(handlers);
    const { plain, plainPort, tlsPort } = this.config.mqtt;
    const { key, cert, ca } = await this.certificate.current();
    this.served = cert + ca;
    const tls = createTlsServer(
      {
        key,
        cert,
        ca,
        requestCert: true,
        // Looked at in `authorised` instead, where the certificate can still be read.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        // What AWS IoT's SDKs offer; without it a client that offers it would be refused.
        ALPNProtocols: ['x-amzn-mqtt-ca', 'mqtt'],
      },
      (socket) => this.authorised(socket) && this.accept(socket),
    );
    this.renewal = setInterval(() => void this.renew(tls), TRUST_CHECK_MS).unref();
    tls.on('tlsClientError', (error, { remoteAddress }) => {
      this.logger.warn({ reason: error.message, remoteAddress }, 'a TLS connection was refused');
      this.refused.note({ reason: 'handshake_failed', remoteAddress, detail: error.message });
    });
    const addresses: Record<string, string> = { mqttsUrl: `mqtts://localhost:${await this.listen(tls, tlsPort)}` };
    if (plain) {
      const server = createServer({ noDelay: true }, (socket) => this.accept(socket));
      addresses.mqttUrl = `mqtt://${LOOPBACK}:${await this.listen(server, plainPort, LOOPBACK)}`;
    }
    return addresses;
  }

  async quiesce(): Promise<void> {
    this.stopping = true;
    clearInterval(this.renewal);
    for (const server of this.servers) server.close();
    for (const client of this.clients) client.pause();
  }

  async stop(): Promise<void> {
    for (const client of this.clients) this.end(client, 'stopped');
    const { broker } = this;
    if (broker) await new Promise<void>((resolve) => broker.close(resolve));
    for (const client of this.clients) client.conn.destroy();
  }

  async send(topic: string, payload: string | Buffer, qos: 0 | 1 = 0): Promise<void> {
    await new Promise<void>((resolve) => {
      if (!this.broker) return resolve();
      this.broker.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, (error) => {
        if (error) this.logger.debug({ err: error, topic }, 'a message was not sent');
        resolve();
      });
    });
  }

  flow(on: boolean): void {
    this.flowing = on;
    if (this.stopping) return;
    for (const client of this.clients) {
      if (!on) client.pause();
      else {
        // What was handled during the pause was not counted: the client would wait for it for ever.
        client._parsingBatch = 1;
        client.resume();
      }
    }
  }

  /** New connections are served with the certificate and checked with the CAs of now. */
  private async renew(server: TlsServer): Promise<void> {
    try {
      const { key, cert, ca } = await this.certificate.current();
      if (this.served === cert + ca) return;
      server.setSecureContext({ key, cert, ca, minVersion: 'TLSv1.2' });
      this.served = cert + ca;
    } catch (error) {
      this.logger.warn({ err: error }, 'certificate and trusted CAs could not be looked at');
    }
  }

  private async listen(server: Server, port: number, host?: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.servers.push(server);
    const address = server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  /** Whether a CA of ours stands for the client's certificate today; else its connection is ended before a byte of MQTT is read. */
  private authorised(socket: TLSSocket): boolean {
    if (socket.authorized) return true;
    const { remoteAddress } = socket;
    const peer = socket.getPeerX509Certificate();
    const fault = String(socket.authorizationError ?? 'not verified');
    const fingerprint = peer && fingerprintOf(peer);
    const subject = peer && /^CN=(.*)$/m.exec(peer.subject ?? '')?.[1];
    this.logger.warn({ reason: fault, remoteAddress, fingerprint, subject }, 'a TLS connection was refused');
    const reason = reasonOfCertificate(fault, peer !== undefined);
    const detail = peer ? fault : 'the client gave no certificate';
    this.refused.note({ reason, remoteAddress, fingerprint, subject, detail });
    socket.on('error', () => undefined);
    socket.destroy();
    return false;
  }

  private accept(socket: Socket): void {
    const client = this.broker?.handle(socket) as AedesClient | undefined;
    if (!client) return void socket.destroy();
    this.clients.add(client);
    socket.once('close', () => this.clients.delete(client));
    if (!this.flowing) client.pause();
    this.forwarded?.replaceRule(client);
    takePublishes(
      client._parser,
      () => (client.connackSent && !client.closed && this.links.has(client) ? this.usual.get(client) : undefined),
      (topic, payload, messageId) => this.published(client, topic.text, payload, messageId),
    );
    guardSize(
      client._parser,
      { packet: MAX_PACKET_BYTES, discard: MAX_DISCARDED_BYTES, head: KEPT_BYTES },
      (packet) => this.oversized(client, packet),
      (reason) => this.refuse(client, reason),
    );
  }

  private async makeBroker(handlers: DeviceHandlers): Promise<Aedes> {
    const broker = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      queueLimit: EARLY_PACKETS,
      maxClientsIdLength: Number.MAX_SAFE_INTEGER,
      preConnect: (client, packet, callback) => {
        if ((packet.protocolVersion ?? 4) > 4) {
          this.logger.warn(
            { clientId: packet.clientId, ...remote(client) },
            'refused: MQTT 5 is not spoken here, use MQTT 3.1.1',
          );
          client.conn.end(UNSUPPORTED_VERSION);
          return;
        }
        this.introduce(client, packet, handlers).then(
          (clientId) => {
            // Own name space a thing: no device can take over another's connection by using its client id.
            packet.clientId = clientId;
            // No session outlives its connection: Aedes would queue without a bound for devices that are away, and ends a kept
            // session with overlapping subscriptions at the first QoS 1 message. What must not be missed is asked for again.
            packet.clean = true;
            callback(null, true);
          },
          (error: unknown) => {
            this.logger.error({ err: error }, 'a connection could not be checked');
            callback(error instanceof Error ? error : new Error(String(error)), false);
          },
        );
      },
      authenticate: (client, _username, _password, callback) => {
        const answer = this.peers.get(client)?.answer;
        if (answer && 'link' in answer) callback(null, true);
        else
          callback(
            Object.assign(new Error('not authorized'), { returnCode: NOT_AUTHORIZED }) as AuthenticateError,
            false,
          );
      },
      authorizePublish: (client, packet, callback) => {
        const link = client && this.links.get(client);
        if (!client || !link) return callback(client ? new Error('not connected') : null);
        if (packet.qos === 2) return callback(this.refuse(client, 'QoS 2 is not supported'));
        const { topic, payload, retain } = packet;
        const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
        link.receive({ topic, payload: bytes, retain }, (error) => {
          if (error) return callback(this.refuse(client, error.message));
          if (packet.qos === 1 && packet.messageId !== undefined) {
            if (this.usual.get(client)?.text !== topic) this.usual.set(client, usualTopic(topic));
            this.acknowledgements.add(client.conn, packet.messageId);
            // Acknowledged: as QoS 0 the broker has nothing more to say about it.
            packet.qos = 0;
          }
          callback(null);
        });
      },
      authorizeForward: (client, packet) => (this.forwarded?.first(client, packet) ? packet : null),
      authorizeSubscribe: (client, subscription, callback) => {
        const link = this.links.get(client);
        const refusal = link ? link.refuseSubscription(subscription.topic) : 'not connected';
        if (refusal !== undefined) return callback(this.refuse(client, refusal));
        callback(null, { ...subscription, qos: subscription.qos === 0 ? 0 : 1 });
      },
    });
    this.keepToOurselves(broker);
    this.forwarded = new Forwarded(broker.id);
    broker.on('keepaliveTimeout', (client) => this.ends.set(client, 'keep_alive_timeout'));
    broker.on('subscribe', (subscriptions, client) => {
      for (const { topic } of subscriptions) this.links.get(client)?.subscribed(topic);
    });
    broker.on('clientError', (client, error) =>
      this.logger.debug({ err: error, ...remote(client) }, 'a connection failed'),
    );
    broker.on('connectionError', (client, error) =>
      this.logger.debug({ err: error, ...remote(client) }, 'a connection failed'),
    );
    return broker;
  }

  /** What devices publish goes to the handlers alone, never through the broker to other clients. */
  private keepToOurselves(broker: Aedes): void {
    const distribute = broker.publish.bind(broker) as (...args: unknown[]) => void;
    Object.assign(broker, {
      publish: (packet: unknown, sender: unknown, done?: (error?: Error) => void) => {
        if (typeof sender === 'object' && sender !== null) done?.();
        else distribute(packet, sender, done);
      },
    });
  }

  /** Asks the handlers who it is; resolves to the id under which the broker knows the client. */
  private async introduce(
    client: Client,
    packet: { clientId: string; username?: string },
    handlers: DeviceHandlers,
  ): Promise<string> {
    const { clientId } = packet;
    const answer = await handlers.connecting({
      connection: this.connectionOf(client),
      clientId,
      username: packet.username,
      ...certificateOf(client.conn as TLSSocket),
      ...remote(client),
    });
    this.peers.set(client, { clientId, answer });
    if ('refused' in answer) {
      this.logger.warn({ clientId, ...remote(client), reason: answer.refused }, 'a connection was refused');
      return clientId;
    }
    const id = `${answer.link.name} ${clientId}`;
    const former = this.brokerClient(id);
    if (former) this.ends.set(former, 'taken_over');
    this.opened(client, answer.link);
    return id;
  }

  private connectionOf(client: Client): DeviceConnection {
    return {
      send: (topic, payload) => {
        if (client.closed) return;
        client.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) => {
          if (error) this.logger.debug({ err: error, topic }, 'a message was not sent');
        });
      },
      end: (reason) => {
        this.ends.set(client, reason);
        client.conn.destroy();
        // At once, not with the socket's close: what is read already must find no link.
        this.end(client, reason);
      },
    };
  }

  private opened(client: Client, link: DeviceLink): void {
    this.links.set(client, link);
    const { conn } = client;
    if (conn.destroyed) this.end(client, 'connection_lost');
    else
      conn.once('close', () =>
        this.end(client, (client as AedesClient)._disconnected ? 'client_disconnect' : 'connection_lost'),
      );
  }

  private brokerClient(id: string): Client | undefined {
    return (this.broker as unknown as { clients: Record<string, Client | undefined> }).clients[id];
  }

  private end(client: Client, reason: LinkEnd): void {
    const link = this.links.get(client);
    this.links.delete(client);
    link?.ended(this.ends.get(client) ?? reason);
  }

  /** The error that makes Aedes end the connection. */
  private refuse(client: Client, reason: string): Error {
    const clientId = this.peers.get(client)?.clientId ?? client.id;
    this.logger.warn(
      { thingName: this.links.get(client)?.name, clientId, reason, ...remote(client) },
      'a connection was ended',
    );
    this.ends.set(client, 'refused');
    client.conn.destroy();
    return new Error(reason);
  }

  /** What `authorizePublish` and the broker around it do, for a publication that came the short way. */
  private published(client: AedesClient, topic: string, payload: Buffer, messageId: number): void {
    client._parsingBatch += 1;
    if (client._keepaliveInterval > 0) client._keepaliveTimer?.refresh();
    this.links.get(client)?.receive({ topic, payload, retain: false }, (error) => {
      if (error) return client._nextBatch(this.refuse(client, error.message));
      this.acknowledgements.add(client.conn, messageId);
      client._nextBatch();
    });
  }

  private oversized(client: AedesClient, { topic, head, payloadBytes, retain, messageId }: OversizedPacket): void {
    const link = this.links.get(client);
    if (!link) return void this.refuse(client, 'a packet before the connection is too large');
    link.receiveOversized({ topic, payload: head, retain }, payloadBytes, (error) => {
      if (error) this.refuse(client, error.message);
      else if (messageId !== undefined) this.acknowledgements.add(client.conn, messageId);
    });
  }
}

function certificateOf(socket: Partial<TLSSocket>): Pick<LinkRequest, 'fingerprint' | 'certificate'> {
  const peer = socket.getPeerX509Certificate?.();
  return { fingerprint: peer && fingerprintOf(peer), certificate: peer?.raw };
}

const fingerprintOf = ({ fingerprint256 }: X509Certificate): string => fingerprint256.replaceAll(':', '').toLowerCase();

const remote = (client: Client): { remoteAddress: string | undefined } => ({
  remoteAddress: (client.conn as Partial<Socket>).remoteAddress,
});
