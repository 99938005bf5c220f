import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { type BulkConnection, Logger } from '@throughline/platform';
import type { Refusal } from '../../domain/refusal.js';
import { type EventRow, IngestStore, type QuarantineRow } from '../../storage/ingest.store.js';
import { telemetryCommitted } from '../events.js';
import { type Batch, quarantineRow } from './batch.js';
import { IngestConnection, isFaultOfData } from './ingest-connection.js';
import { publishLosses } from './publish-losses.js';

export interface CommitResult {
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: readonly QuarantineRow[];
}

const nothing: CommitResult = { stored: 0, duplicates: 0, quarantined: [] };

/** Makes a batch durable: messages, events, quarantine and the outbox row that tells of it, in one transaction. */
@Injectable()
export class CommitBatch {
  constructor(
    private readonly connection: IngestConnection,
    private readonly store: IngestStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * Resolves when everything of the batch is committed, however long the database is away. What PostgreSQL itself refuses
   * is found by halving and set aside in quarantine, so that it cannot hold up the rest. Rejects only when aborted.
   */
  async run(batch: Batch, signal: AbortSignal): Promise<CommitResult> {
    try {
      return await this.connection.untilCommitted((c) => this.write(c, batch), signal);
    } catch (error) {
      if (!isFaultOfData(error)) throw error;
      this.logger.warn(
        { err: error, messages: batch.rows.count },
        'a batch is committed in parts: some row of it is refused',
      );
    }
    const results = [await this.rows(batch, 0, batch.rows.count, signal)];
    for (const event of batch.events)
      await this.apart((c) => this.writeEvents(c, [event], this.clock.now()), `event ${event.type}`, signal);
    for (const row of batch.quarantined) {
      await this.apart((c) => this.store.insertQuarantined(c, [row]), `quarantine of ${row.thingName}`, signal);
      results.push({ ...nothing, quarantined: [row] });
    }
    await this.connection.untilCommitted((c) => this.publish(c, batch), signal);
    return results.reduce(sum, nothing);
  }

  private async write(connection: BulkConnection, batch: Batch): Promise<CommitResult> {
    const { events, quarantined } = batch;
    const now = this.clock.now();
    const result = batch.rows.count > 0 ? await this.writeRows(connection, batch, 0, batch.rows.count, now) : nothing;
    if (quarantined.length > 0) await this.store.insertQuarantined(connection, quarantined);
    if (events.length > 0) await this.writeEvents(connection, events, now);
    if (result.stored > 0) await this.publish(connection, batch);
    return sum(result, { ...nothing, quarantined });
  }

  private async writeEvents(connection: BulkConnection, events: readonly EventRow[], now: Date): Promise<void> {
    await this.store.insertEvents(connection, events, now);
    await publishLosses(this.store, connection, events);
  }

  private async writeRows(
    connection: BulkConnection,
    batch: Batch,
    from: number,
    to: number,
    now: Date,
  ): Promise<CommitResult> {
    const stored = await this.store.insertMessages(connection, batch.rows.stream(from, to), now);
    const known = to - from - stored;
    if (known === 0) return { stored, duplicates: 0, quarantined: [] };
    const quarantined = (await this.store.conflicts(connection)).map((n) =>
      rowQuarantine(batch, n, {
        reason: 'identity_conflict',
        rule: 'a message with this boot and seq is stored with another time or other values',
      }),
    );
    if (quarantined.length > 0) await this.store.insertQuarantined(connection, quarantined);
    return { stored, duplicates: known - quarantined.length, quarantined };
  }

  private async rows(batch: Batch, from: number, to: number, signal: AbortSignal): Promise<CommitResult> {
    if (from === to) return nothing;
    try {
      return await this.connection.untilCommitted((c) => this.writeRows(c, batch, from, to, this.clock.now()), signal);
    } catch (error) {
      if (!isFaultOfData(error)) throw error;
      if (to - from > 1) {
        const middle = (from + to) >> 1;
        return sum(await this.rows(batch, from, middle, signal), await this.rows(batch, middle, to, signal));
      }
      const rule = `the database refuses it: ${error instanceof Error ? error.message : String(error)}`;
      const row = rowQuarantine(batch, from, { reason: 'not_storable', rule });
      await this.apart((c) => this.store.insertQuarantined(c, [row]), `quarantine of ${row.thingName}`, signal);
      return { ...nothing, quarantined: [row] };
    }
  }

  private async apart(
    work: (connection: BulkConnection) => Promise<void>,
    what: string,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.connection.untilCommitted(work, signal);
    } catch (error) {
      if (!isFaultOfData(error)) throw error;
      this.logger.error({ err: error, what }, 'the database refuses what a device sent, and its quarantine');
    }
  }

  private async publish(connection: BulkConnection, batch: Batch): Promise<void> {
    if (batch.ranges.size === 0) return;
    await this.store.publish(
      connection,
      telemetryCommitted.name,
      JSON.stringify({ ranges: [...batch.ranges.values()] }),
    );
  }
}

function rowQuarantine(batch: Batch, n: number, refusal: Refusal): QuarantineRow {
  const delivery = batch.deliveries[n];
  if (!delivery) throw new RangeError(`a batch of ${batch.rows.count} rows has no row ${n}`);
  const element = batch.elements[n] ?? -1;
  const identity = { boot: batch.boots[n], seq: batch.seqs[n] };
  const value = element < 0 ? undefined : (JSON.parse(delivery.payload.toString('utf8')) as unknown[])[element];
  return quarantineRow(delivery, { ...refusal, ...identity }, element, value);
}

const sum = (a: CommitResult, b: CommitResult): CommitResult => ({
  stored: a.stored + b.stored,
  duplicates: a.duplicates + b.duplicates,
  quarantined: [...a.quarantined, ...b.quarantined],
});
