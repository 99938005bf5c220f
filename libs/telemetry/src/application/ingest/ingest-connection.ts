import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type BulkConnection, Database, Logger, sqlState } from '@throughline/platform';
import { IngestStore, type PreparedConnection } from '../../storage/ingest.store.js';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

type Work<T> = (connection: BulkConnection, prepared: PreparedConnection) => Promise<T>;

/** The connection that ingest keeps for its transactions; made anew when it breaks. */
@Injectable()
export class IngestConnection {
  private connection: BulkConnection | undefined;
  private prepared: PreparedConnection = { copiesMessages: false };

  constructor(
    private readonly database: Database,
    private readonly store: IngestStore,
    private readonly logger: Logger,
  ) {}

  /** One transaction. It may be committed although this rejects: when the connection broke before the answer came. */
  async once<T>(work: (connection: BulkConnection) => Promise<T>): Promise<T> {
    return this.attempt(this.inTransaction(work));
  }

  /**
   * One transaction, again and again with growing pauses until it is committed or PostgreSQL refuses the data itself (then it
   * rejects). While the database is away this waits: whoever waits for it is not acknowledged. `work` must be safe to repeat.
   */
  async untilCommitted<T>(work: (connection: BulkConnection) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.untilDone(this.inTransaction(work), signal);
  }

  /** As `untilCommitted` for work that begins and commits its one transaction itself. */
  async untilDone<T>(work: Work<T>, signal: AbortSignal): Promise<T> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (isFaultOfData(error) || signal.aborted) throw error;
        this.logger.warn({ err: error, againInMs: wait }, 'a commit of telemetry failed and is tried again');
        await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  close(): void {
    this.connection?.release(true);
    this.connection = undefined;
  }

  private inTransaction<T>(work: (connection: BulkConnection) => Promise<T>): Work<T> {
    return async (connection) => {
      await this.store.begin(connection);
      const result = await work(connection);
      await this.store.commit(connection);
      return result;
    };
  }

  private async attempt<T>(work: Work<T>): Promise<T> {
    const connection = await this.open();
    try {
      return await work(connection, this.prepared);
    } catch (error) {
      await this.recover(connection);
      throw error;
    }
  }

  private async open(): Promise<BulkConnection> {
    if (this.connection) return this.connection;
    const connection = await this.database.pool.connect();
    // A held connection has no listener of the pool's: without one its loss would end the process.
    connection.on('error', (error) => this.logger.debug({ err: error }, 'the connection of ingest was lost'));
    try {
      this.prepared = await this.store.prepare(connection);
    } catch (error) {
      connection.release(true);
      throw error;
    }
    this.connection = connection;
    return connection;
  }

  private async recover(connection: BulkConnection): Promise<void> {
    try {
      await this.store.rollback(connection);
    } catch (error) {
      this.logger.debug({ err: error }, 'the connection of ingest is made anew');
      if (this.connection === connection) this.close();
    }
  }
}

/** PostgreSQL's classes 22 (data exception) and 23 (constraint violation): trying again changes nothing. */
export const isFaultOfData = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '');
