import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { Database } from '../database/database.js';
import { Logger } from '../logging/logger.js';

export type LiveChannel = 'asset-live' | 'fleet-directory' | 'command-executions' | 'telemetry-replayed';

const CHANNEL = 'throughline_live';
const COALESCE_MS = 500;
/** NOTIFY carries at most 8,000 bytes; 150 ids of 36 characters stay below it. */
const IDS_A_NOTICE = 150;
const RECONNECT_MS = 1_000;

type Listener = (ids: string[]) => void;

/**
 * Tells other processes "look again at these": a hint, never data, so a lost one costs only freshness. Sent after the
 * commit and outside it (NOTIFY in a transaction takes a lock that serialises all commits).
 */
@Injectable()
export class LiveSignals implements OnApplicationShutdown {
  private readonly waiting = new Map<LiveChannel, Set<string>>();
  private readonly listeners = new Map<LiveChannel, Set<Listener>>();
  private timer: NodeJS.Timeout | undefined;
  private connection: Promise<pg.PoolClient> | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  signal(channel: LiveChannel, ids: Iterable<string>): void {
    const set = this.waiting.get(channel) ?? new Set();
    for (const id of ids) set.add(id);
    this.waiting.set(channel, set);
    this.timer ??= setTimeout(() => void this.flush(), COALESCE_MS).unref();
  }

  /** Calls `listener` with the ids signalled by any process; returns how to stop. */
  listen(channel: LiveChannel, listener: Listener): () => void {
    const set = this.listeners.get(channel) ?? new Set();
    set.add(listener);
    this.listeners.set(channel, set);
    this.connection ??= this.connect();
    return () => set.delete(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    (await this.connection?.catch(() => undefined))?.release(true);
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    try {
      for (const [channel, ids] of this.waiting) {
        this.waiting.delete(channel);
        const all = [...ids];
        for (let i = 0; i < all.length; i += IDS_A_NOTICE)
          await this.database.pool.query('select pg_notify($1, $2)', [
            CHANNEL,
            JSON.stringify({ channel, ids: all.slice(i, i + IDS_A_NOTICE) }),
          ]);
      }
    } catch (error) {
      this.logger.debug({ err: error }, 'a live signal was not sent');
    }
  }

  private async connect(): Promise<pg.PoolClient> {
    const client = await this.database.pool.connect();
    client.on('notification', ({ payload }) => this.receive(payload ?? ''));
    client.once('error', (error) => {
      this.logger.warn({ err: error }, 'the connection for live signals was lost');
      client.release(true);
      if (!this.closed) setTimeout(() => this.reconnect(), RECONNECT_MS).unref();
    });
    await client.query(`listen ${CHANNEL}`);
    return client;
  }

  private reconnect(): void {
    this.connection = this.connect();
    this.connection.catch(() => {
      if (!this.closed) setTimeout(() => this.reconnect(), RECONNECT_MS).unref();
    });
  }

  private receive(payload: string): void {
    const { channel, ids } = JSON.parse(payload) as { channel: LiveChannel; ids: string[] };
    for (const listener of this.listeners.get(channel) ?? []) listener(ids);
  }
}
