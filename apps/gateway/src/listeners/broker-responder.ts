import { Injectable } from '@nestjs/common';
import { Database, type DeviceHandlers, Logger } from '@throughline/platform';
import { connect, type MqttClient } from 'mqtt';
import type pg from 'pg';
import { NEWS_FILTERS } from './broker-news.js';
import { BrokerPresence } from './broker-presence.js';

/** Any number that nothing else locks with. */
const LOCK = 7_046_029;
const RETRY_MS = 2_000;
/** What things say anyway, as a sign that they are there. */
const SIGNS = ['dt/+/telemetry', 'dt/+/event'];

interface Answering {
  readonly url: string;
  readonly clientId: string;
  readonly handlers: DeviceHandlers;
  /** Takes a request. */
  readonly receive: (topic: string, payload: Buffer) => void;
}

/**
 * The one answerer of `$aws/…` behind an outside broker, and the one that records who is connected to it. Brokers do not share
 * reserved topics among subscribers (Mosquitto grants `$share/…/$aws/…` and never delivers), and two answers would double every
 * change, so of all gateways the one that holds a lock in the database subscribes. Its session is clean: a request that comes
 * while nobody answers times out at the device, which asks again, instead of being carried out long after.
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

  async start(answering: Answering): Promise<void> {
    if (this.stopped) return;
    try {
      if (await this.acquire()) return await this.answer(answering);
    } catch (error) {
      this.logger.warn({ err: error }, 'requests of devices are not answered here yet');
    }
    this.again(answering);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.client?.endAsync();
    await this.presence.stop();
    this.holder?.release(true);
  }

  private again(answering: Answering): void {
    this.timer = setTimeout(() => void this.start(answering), RETRY_MS).unref();
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

  /** Resolves when the requests come here. */
  private async answer(answering: Answering): Promise<void> {
    const { url, clientId, handlers, receive } = answering;
    const client = connect(url, { protocolVersion: 5, clientId, clean: true });
    this.client = client;
    const giveUp = (error: Error): void => {
      if (this.stopped) return;
      this.logger.warn({ err: error }, 'the lock of the answering gateway was lost');
      this.holder = undefined;
      client.end(true);
      this.again(answering);
    };
    this.holder?.once('error', giveUp);
    client.on('error', (error) => this.logger.warn({ err: error }, 'the broker reported an error'));
    client.on('message', (topic, payload) => {
      if (topic.startsWith('$SYS/')) return this.presence.logged(payload.toString());
      this.presence.heard(thingOf(topic));
      if (topic.startsWith('$')) receive(topic, payload);
    });
    client.on('close', () => {
      if (!this.stopped) this.presence.end();
    });
    await new Promise<void>((resolve) => {
      client.on('connect', () => {
        this.presence.begin(handlers, () => client.unsubscribe(SIGNS));
        client.subscribe(SIGNS, { qos: 0 });
        client.subscribe([...NEWS_FILTERS, ...handlers.requestFilters], { qos: 1 }, (error) => {
          if (error) this.logger.error({ err: error }, 'requests of devices are not answered: the broker refused');
          else this.logger.info({}, 'requests of devices are answered here');
          resolve();
        });
      });
    });
  }
}

/** `dt/{thing}/…`, `$aws/things/{thing}/…` and `$aws/commands/things/{thing}/…`. */
export function thingOf(topic: string): string {
  const [first, second, third, fourth] = topic.split('/');
  if (first !== '$aws') return second ?? '';
  return (second === 'commands' ? fourth : third) ?? '';
}
