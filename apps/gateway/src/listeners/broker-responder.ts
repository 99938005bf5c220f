import { Injectable } from '@nestjs/common';
import { Database, Logger } from '@throughline/platform';
import { connect, type MqttClient } from 'mqtt';
import type pg from 'pg';

/** Any number that nothing else locks with. */
const LOCK = 7_046_029;
const RETRY_MS = 2_000;

type Receive = (topic: string, payload: Buffer) => void;

/**
 * The one answerer of `$aws/…` behind an outside broker. Brokers do not share reserved topics among subscribers (Mosquitto
 * grants `$share/…/$aws/…` and never delivers), and two answers would double every change, so of all gateways the one that
 * holds a lock in the database subscribes. Its session is clean: a request that comes while nobody answers times out at the
 * device, which asks again, instead of being carried out long after.
 */
@Injectable()
export class BrokerResponder {
  private client: MqttClient | undefined;
  private holder: pg.PoolClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  async start(url: string, clientId: string, filters: readonly string[], receive: Receive): Promise<void> {
    if (filters.length === 0 || this.stopped) return;
    try {
      if (await this.acquire()) return await this.answer(url, clientId, filters, receive);
    } catch (error) {
      this.logger.warn({ err: error }, 'requests of devices are not answered here yet');
    }
    this.timer = setTimeout(() => void this.start(url, clientId, filters, receive), RETRY_MS).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.client?.endAsync();
    this.holder?.release(true);
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

  private async answer(url: string, clientId: string, filters: readonly string[], receive: Receive): Promise<void> {
    const client = connect(url, { protocolVersion: 5, clientId, clean: true });
    this.client = client;
    const giveUp = (error: Error): void => {
      if (this.stopped) return;
      this.logger.warn({ err: error }, 'the lock of the answering gateway was lost');
      this.holder = undefined;
      client.end(true);
      this.timer = setTimeout(() => void this.start(url, clientId, filters, receive), RETRY_MS).unref();
    };
    this.holder?.once('error', giveUp);
    client.on('error', (error) => this.logger.warn({ err: error }, 'the broker reported an error'));
    client.on('message', receive);
    client.on('connect', () =>
      client.subscribe([...filters], { qos: 1 }, (error) => {
        if (error) this.logger.error({ err: error }, 'requests of devices are not answered: the broker refused');
        else this.logger.info({ filters: filters.length }, 'requests of devices are answered here');
      }),
    );
  }
}
