import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@throughline/kernel';
import {
  CONFIG,
  type Config,
  type DeviceConnection,
  type DeviceHandlers,
  type DeviceLink,
  DeviceListener,
  Logger,
} from '@throughline/platform';
import { connect, type MqttClient } from 'mqtt';
import { AwsNewsRouter } from '../aws-news-router.js';
import { Acknowledgements } from './acknowledgements.js';
import { NEWS_FILTERS } from './broker-news.js';
import { BrokerResponder, type Responding, thingOf } from './broker-responder.js';
import { brokerTls } from './broker-tls.js';

/** Every gateway subscribes with this group, so that each message reaches one of them. */
const FILTERS = ['telemetry', 'telemetry/+', 'event'].map((rest) => `$share/throughline/dt/+/${rest}`);
/** Messages the broker may send without an acknowledgement: what waits for a commit at most. */
const RECEIVE_MAXIMUM = 4_096;
const SESSION_EXPIRY_S = 3_600;

/** What MQTT.js 5 has beyond its types. */
interface OpenClient {
  _sendPacket(packet: { cmd: string }, done?: () => void, ...rest: unknown[]): unknown;
  readonly stream: Duplex;
}

/**
 * The gateway as a client of an outside broker, over MQTT 5 with shared subscriptions. The broker has checked who speaks for
 * which topic. MQTT.js acknowledges one message after the other; here many wait for one commit, so its PUBACKs are
 * held back and ours are written after the commit, those of one commit as one buffer and in the order of receipt.
 */
@Injectable()
export class BrokerListener extends DeviceListener {
  private client: MqttClient | undefined;
  private readonly links = new Map<string, DeviceLink>();
  private readonly acknowledgements = new Acknowledgements();
  /** Of the client behind the broker only its topics are known: answers go to whoever subscribed to them there. */
  private readonly connection: DeviceConnection = {
    send: (topic, payload) => void this.send(topic, payload, 1),
    end: () => undefined,
  };
  private ordered: Promise<void> = Promise.resolve();
  private lookups = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mqtt' | 'aws'>,
    private readonly responder: BrokerResponder,
    private readonly news: AwsNewsRouter,
    private readonly logger: Logger,
  ) {
    super();
  }

  /** Of the broker, whose connections they are, nothing is known here. */
  get connections(): number {
    return this.client?.connected ? 1 : 0;
  }

  async start(handlers: DeviceHandlers): Promise<Record<string, string>> {
    const { url, tlsPort } = this.config.mqtt;
    if (!url) throw new DomainError('INTERNAL', 'there is no outside broker: MQTT_URL is not set');
    // Not connectAsync: what the broker kept for us comes right behind its CONNACK, and must not find MQTT.js alone.
    const tls = brokerTls(this.config.mqtt);
    const client = connect(url, {
      ...tls,
      protocolVersion: 5,
      clientId: `throughline-gateway-${hostname()}-${tlsPort}`,
      clean: false,
      properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: RECEIVE_MAXIMUM },
    });
    this.client = client;
    const open = client as unknown as OpenClient;
    const send = open._sendPacket.bind(client);
    open._sendPacket = (packet, done, ...rest) => {
      if (packet.cmd === 'puback') return done?.();
      return send(packet, done, ...rest);
    };
    client.on('error', (error) => this.logger.warn({ err: error }, 'the broker reported an error'));
    client.on('message', (topic, payload, packet) => {
      const { stream } = open;
      const { messageId } = packet;
      const acknowledge = (): void => {
        if (packet.qos === 1 && messageId !== undefined) this.acknowledgements.add(stream, messageId);
      };
      this.take(handlers, topic, payload, acknowledge);
    });
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    await client.subscribeAsync(FILTERS, { qos: 1 });
    await this.responder.start({ url, tls, ...this.reserved(handlers, `${hostname()}-${tlsPort}`) });
    return { brokerUrl: url };
  }

  /** Requests of devices, which the one that hears them answers; in AWS mode news, since AWS IoT answers. */
  private reserved(handlers: DeviceHandlers, here: string): Omit<Responding, 'url' | 'tls'> {
    const { news } = this;
    return this.config.aws
      ? {
          // The same for all gateways: who has the lock takes over what was kept for its predecessor.
          clientId: 'throughline-news',
          kept: true,
          filters: news.filters,
          receive: (topic, payload) => news.take(topic, payload),
        }
      : {
          clientId: `throughline-responder-${here}`,
          kept: false,
          filters: [...NEWS_FILTERS, ...handlers.requestFilters],
          presentFor: handlers,
          receive: (topic, payload) => this.take(handlers, topic, payload, () => undefined),
        };
  }

  async quiesce(): Promise<void> {
    this.news.stop();
    await Promise.all([this.responder.stop(), this.client?.unsubscribeAsync(FILTERS)]);
  }

  async stop(): Promise<void> {
    await this.client?.endAsync();
  }

  async send(topic: string, payload: string | Buffer, qos: 0 | 1 = 0): Promise<void> {
    await this.client?.publishAsync(topic, payload, { qos }).catch((error: unknown) => {
      this.logger.debug({ err: error, topic }, 'a message was not sent');
    });
  }

  /** The broker stops by itself when `RECEIVE_MAXIMUM` messages wait. */
  flow(): void {
    this.logger.debug('the broker holds back what is not acknowledged');
  }

  private take(handlers: DeviceHandlers, topic: string, payload: Buffer, acknowledge: () => void): void {
    const name = thingOf(topic);
    const link = this.links.get(name);
    if (link && this.lookups === 0) this.deliver(link, topic, payload, acknowledge);
    else this.takeInTurn(handlers, name, topic, payload, acknowledge);
  }

  /** Looking a device up takes a moment; what comes meanwhile waits its turn, since PUBACKs go out in the order of receipt. */
  private takeInTurn(
    handlers: DeviceHandlers,
    name: string,
    topic: string,
    payload: Buffer,
    acknowledge: () => void,
  ): void {
    this.lookups += 1;
    this.ordered = this.ordered
      .then(async () => {
        const known = this.links.get(name);
        const answer = known ? { link: known } : await handlers.arriving(name, this.connection);
        if ('link' in answer) {
          this.links.set(name, answer.link);
          this.deliver(answer.link, topic, payload, acknowledge);
        } else {
          this.logger.warn({ topic, reason: answer.refused }, 'a message was refused');
          acknowledge();
        }
      })
      .catch((error: unknown) => this.logger.error({ err: error, topic }, 'a message was not taken and comes again'))
      .finally(() => {
        this.lookups -= 1;
      });
  }

  private deliver(link: DeviceLink, topic: string, payload: Buffer, acknowledge: () => void): void {
    link.receive({ topic, payload, retain: false }, (error) => {
      if (error) this.logger.warn({ topic, reason: error.message }, 'a message was refused');
      acknowledge();
    });
  }
}
