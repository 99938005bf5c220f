import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { type BulkConnection, Logger } from '@throughline/platform';
import type { Refusal } from '../../domain/refusal.js';
import { type EventRow, IngestStore, type OutboxEvent, type QuarantineRow } from '../../storage/ingest.store.js';
import { telemetryCommitted } from '../events.js';
import { type Batch, quarantineRow } from './batch.js';
import type { BatchRows } from './batch-rows.js';
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
    if (batch.fresh.count > 0)
      try {
        return await this.connection.untilDone((c, { copiesMessages }) => this.write(c, batch, copiesMessages), signal);
      } catch (error) {
        if (!isFaultOfData(error)) throw error;
        // Another process stored some of it, or we did and never heard of the commit.
        for (const source of batch.newest.keys()) source.forgetRanges();
      }
    try {
      return await this.connection.untilDone((c) => this.write(c, batch, false), signal);
    } catch (error) {
      if (!isFaultOfData(error)) throw error;
      this.logger.warn(
        { err: error, messages: batch.messages },
        'a batch is committed in parts: some row of it is refused',
      );
    }
    return this.inParts(batch, signal);
  }

  private async inParts(batch: Batch, signal: AbortSignal): Promise<CommitResult> {
    const results: CommitResult[] = [];
    for (const rows of [batch.fresh, batch.others]) results.push(await this.rows(rows, 0, rows.count, signal));
    for (const event of batch.events)
      await this.apart((c) => this.writeEvents(c, [event], this.clock.now()), `event ${event.type}`, signal);
    for (const row of batch.quarantined) {
      await this.apart((c) => this.store.insertQuarantined(c, [row]), `quarantine of ${row.thingName}`, signal);
      results.push({ ...nothing, quarantined: [row] });
    }
    const event = outboxEvent(batch);
    if (event) await this.connection.untilCommitted((c) => this.store.publish(c, event), signal);
    return results.reduce(sum, nothing);
  }

  /** One transaction. `asNew`: what is new by our memory is taken for new; the unique key has the last word, and then this rejects. */
  private async write(connection: BulkConnection, batch: Batch, asNew: boolean): Promise<CommitResult> {
    const { fresh, others, events, quarantined } = batch;
    const now = this.clock.now();
    if (asNew && fresh.count === batch.size) {
      await this.store.storeNew(connection, fresh.copy.stream(now.getTime()), outboxEvent(batch));
      return { ...nothing, stored: fresh.count };
    }
    let result: CommitResult = { ...nothing, stored: asNew ? fresh.count : 0, quarantined };
    if (result.stored > 0) await this.store.beginWithNew(connection, fresh.copy.stream(now.getTime()));
    else await this.store.begin(connection);
    for (const rows of asNew ? [others] : [fresh, others])
      result = sum(result, await this.writeRows(connection, rows, 0, rows.count, now));
    if (quarantined.length > 0) await this.store.insertQuarantined(connection, quarantined);
    if (events.length > 0) await this.writeEvents(connection, events, now);
    const event = outboxEvent(batch);
    if (event && result.stored > 0) await this.store.publish(connection, event);
    await this.store.commit(connection);
    return result;
  }

  private async writeEvents(connection: BulkConnection, events: readonly EventRow[], now: Date): Promise<void> {
    await this.store.insertEvents(connection, events, now);
    await publishLosses(this.store, connection, events);
  }

  private async writeRows(
    connection: BulkConnection,
    rows: BatchRows,
    from: number,
    to: number,
    now: Date,
  ): Promise<CommitResult> {
    if (from === to) return nothing;
    const stored = await this.store.insertMessages(connection, rows.copy.stream(now.getTime(), from, to));
    const known = to - from - stored;
    if (known === 0) return { ...nothing, stored };
    const quarantined = (await this.store.conflicts(connection)).map((n) =>
      rowQuarantine(rows, from + n, {
        reason: 'identity_conflict',
        rule: 'a message with this boot and seq is stored with another time or other values',
      }),
    );
    if (quarantined.length > 0) await this.store.insertQuarantined(connection, quarantined);
    return { stored, duplicates: known - quarantined.length, quarantined };
  }

  private async rows(rows: BatchRows, from: number, to: number, signal: AbortSignal): Promise<CommitResult> {
    if (from === to) return nothing;
    try {
      return await this.connection.untilCommitted((c) => this.writeRows(c, rows, from, to, this.clock.now()), signal);
    } catch (error) {
      if (!isFaultOfData(error)) throw error;
      if (to - from > 1) {
        const middle = (from + to) >> 1;
        return sum(await this.rows(rows, from, middle, signal), await this.rows(rows, middle, to, signal));
      }
      const rule = `the database refuses it: ${error instanceof Error ? error.message : String(error)}`;
      const row = rowQuarantine(rows, from, { reason: 'not_storable', rule });
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
}

function outboxEvent({ ranges }: Batch): OutboxEvent | undefined {
  if (ranges.size === 0) return undefined;
  return { name: telemetryCommitted.name, payload: JSON.stringify({ ranges: [...ranges.values()] }) };
}

function rowQuarantine(rows: BatchRows, n: number, refusal: Refusal): QuarantineRow {
  const delivery = rows.deliveries[n];
  if (!delivery) throw new RangeError(`${rows.count} rows have no row ${n}`);
  const element = rows.elements[n] ?? -1;
  const identity = { boot: rows.boots[n], seq: rows.seqs[n] };
  const value = element < 0 ? undefined : (JSON.parse(delivery.payload.toString('utf8')) as unknown[])[element];
  return quarantineRow(delivery, { ...refusal, ...identity }, element, value);
}

const sum = (a: CommitResult, b: CommitResult): CommitResult => ({
  stored: a.stored + b.stored,
  duplicates: a.duplicates + b.duplicates,
  quarantined: [...a.quarantined, ...b.quarantined],
});
