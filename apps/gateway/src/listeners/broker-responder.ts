import { Injectable } from '@nestjs/common';
import { Database, type DeviceHandlers, Logger } from '@throughline/platform';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type pg from 'pg';
import { BrokerPresence } from './broker-presence.js';

/** Any number that nothing else locks with. */
const LOCK = 7_046_029;
const RETRY_MS = 2_000;
/** What things say anyway, as a sign that they are there. */
const SIGNS = ['dt/+/telemetry', 'dt/+/event'];

/** AWS IoT takes no more filters in one SUBSCRIBE. */
const MAX_FILTERS = 8;
const SESSION_EXPIRY_S = 3_600;

/** What one gateway hears on reserved topics, and how it connects for it. */
export interface Responding {
  readonly url: string;
  readonly tls: IClientOptions;
  readonly clientId: string;
  /** What comes while no gateway listens is kept by the broker and heard by the next. */
  readonly kept: boolean;
  readonly filters: readonly string[];
  /** Who is told who is connected, where the broker's log and what things say are all there is to know it by. */
  readonly presentFor?: DeviceHandlers;
  /** The message is acknowledged, and the next one heard, when it resolves. */
  readonly receive: (topic: string, payload: Buffer) => Promise<void> | void;
}

/**
 * The one listener to `$aws/…` behind an outside broker, and the one that records who is connected to it. Brokers do not share
 * reserved topics among subscribers (Mosquitto grants `$share/…/$aws/…` and never delivers), and two answers would double every
 * change, so of all gateways the one that holds a lock in the database subscribes. For requests of devices its session is clean:
 * one that comes while nobody answers times out at the device, which asks again, instead of being carried out long after. For
 * news of AWS IoT it is kept.
 */
@Injectable()
export class BrokerResponder {
  private client: MqttClient | undefined;
  private holder: pg.PoolClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly presence: BrokerPresence,
    private readonly logger: Logger,
  ) {}

  async start(responding: Responding): Promise<void> {
    if (responding.filters.length === 0 || this.stopped) return;
    try {
      if (await this.acquire()) return await this.answer(responding);
    } catch (error) {
      this.logger.warn({ err: error }, 'requests of devices are not answered here yet');
    }
    this.again(responding);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.client?.endAsync();
    await this.presence.stop();
    this.holder?.release(true);
  }

  private again(responding: Responding): void {
    this.timer = setTimeout(() => void this.start(responding), RETRY_MS).unref();
  }

  /** The lock lasts as long as its connection, so a gateway that dies gives it up. */
  private async acquire(): Promise<boolean> {
    const connection = await this.database.pool.connect();
    try {
      const { rows } = await connection.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [LOCK]);
      if (!rows[0]?.got) {
        connection.release();
        return false;
      }
    } catch (error) {
      connection.release(true);
      throw error;
    }
    this.holder = connection;
    return true;
  }

  /** Resolves when what is sent there comes here. */
  private async answer(responding: Responding): Promise<void> {
    const { url, tls, clientId, kept, filters, presentFor } = responding;
    const client = connect(url, {
      ...tls,
      protocolVersion: 5,
      clientId,
      clean: !kept,
      ...(kept && { properties: { sessionExpiryInterval: SESSION_EXPIRY_S } }),
    });
    client.handleMessage = ({ topic, payload }, done) => {
      Promise.resolve(this.hear(responding, topic, Buffer.from(payload))).then(
        () => done(),
        (error: unknown) => {
          // Not acknowledged: it comes again, to this gateway or the next.
          if (!this.stopped) this.logger.error({ err: error, topic }, 'a message was not taken and comes again');
        },
      );
    };
    this.client = client;
    const giveUp = (error: Error): void => {
      if (this.stopped) return;
      this.logger.warn({ err: error }, 'the lock of the answering gateway was lost');
      this.holder = undefined;
      client.end(true);
      this.again(responding);
    };
    this.holder?.once('error', giveUp);
    client.on('error', (error) => this.logger.warn({ err: error }, 'the broker reported an error'));
    client.on('close', () => {
      if (presentFor && !this.stopped) this.presence.end();
    });
    await new Promise<void>((resolve) => {
      client.on('connect', () => {
        if (presentFor) {
          this.presence.begin(presentFor, () => client.unsubscribe(SIGNS));
          client.subscribe(SIGNS, { qos: 0 });
        }
        void this.subscribe(client, filters).then(resolve);
      });
    });
  }

  private hear({ presentFor, receive }: Responding, topic: string, payload: Buffer): Promise<void> | void {
    if (!presentFor) return receive(topic, payload);
    if (topic.startsWith('$SYS/')) return this.presence.logged(payload.toString());
    this.presence.heard(thingOf(topic));
    return topic.startsWith('$') ? receive(topic, payload) : undefined;
  }

  private async subscribe(client: MqttClient, filters: readonly string[]): Promise<void> {
    try {
      for (let i = 0; i < filters.length; i += MAX_FILTERS)
        await client.subscribeAsync(filters.slice(i, i + MAX_FILTERS), { qos: 1 });
      this.logger.info({ filters: filters.length }, 'reserved topics are heard here');
    } catch (error) {
      this.logger.error({ err: error }, 'reserved topics are not heard: the broker refused');
    }
  }
}

/** `dt/{thing}/…`, `$aws/things/{thing}/…` and `$aws/commands/things/{thing}/…`. */
export function thingOf(topic: string): string {
  const [first, second, third, fourth] = topic.split('/');
  if (first !== '$aws') return second ?? '';
  return (second === 'commands' ? fourth : third) ?? '';
}
