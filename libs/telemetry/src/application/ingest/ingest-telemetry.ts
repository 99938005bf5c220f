import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Logger } from '@throughline/platform';
import type { Refusal } from '../../domain/refusal.js';
import { Batch } from './batch.js';
import { CommitBatch } from './commit-batch.js';
import { CommittedNotices } from './committed-notices.js';
import type { Done } from './delivery.js';
import { DerivedState } from './derived-state.js';
import { IngestConnection } from './ingest-connection.js';
import { IngestMetrics } from './ingest-metrics.js';
import type { IngestSource } from './ingest-source.js';
import { readDelivery } from './read-delivery.js';
import { WriteDerived } from './write-derived.js';

/** How long the first delivery of a batch waits for others. */
const GATHER_MS = 2;
/** Rows and set-aside messages of one transaction. */
const MAX_BATCH = 4_096;
/** Bytes that wait for a commit: above the first no more is read from connections, below the second again. */
const HIGH_WATER = 64 * 1024 * 1024;
const LOW_WATER = HIGH_WATER / 2;
/** Newest readings and prefixes of up to so many devices are written after each batch, of more every so many ms. */
const FEW_DEVICES = 200;
const DERIVED_EVERY_MS = 250;
/** Devices are told of their prefix once a second at most. */
const PREFIXES_EVERY_MS = 1_000;
/** How long a stop waits for the database. */
const STOP_LIMIT_MS = 15_000;

/**
 * The ingest of this process: group commit. Deliveries of all connections gather while the transaction before them is
 * written; each is told `done` after the commit that holds it and in the order of receipt, never before.
 */
@Injectable()
export class IngestTelemetry implements BeforeApplicationShutdown {
  private batch = new Batch();
  private readonly sealed: Batch[] = [];
  private readonly derived = new DerivedState();
  private readonly abort = new AbortController();
  private waitingBytes = 0;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private derivedAt = 0;
  private prefixesAt = 0;
  private congested = false;
  private stopping = false;
  private onCongestion: (congested: boolean) => void = () => undefined;

  constructor(
    private readonly commits: CommitBatch,
    private readonly writeDerived: WriteDerived,
    private readonly notices: CommittedNotices,
    private readonly connection: IngestConnection,
    private readonly metrics: IngestMetrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** `listener(true)` when no more should be read from connections, `listener(false)` when it may go on. */
  watchCongestion(listener: (congested: boolean) => void): void {
    this.onCongestion = listener;
  }

  /** `rest`: the topic after `dt/{thing}/`. */
  receive(source: IngestSource, rest: string, topic: string, payload: Buffer, done: Done): void {
    const { batch } = this;
    readDelivery(batch, { source, topic, payload, receivedAt: this.clock.now().getTime() }, rest, done);
    this.opened(batch, payload.length);
  }

  /** Before the first delivery: writes what a killed predecessor could not write behind its last messages. */
  async heal(): Promise<void> {
    await this.writeDerived.heal(this.abort.signal);
  }

  /** Sets a payload aside that no rule of ours can read. */
  setAside(source: IngestSource, topic: string, payload: Buffer, refusal: Refusal, done: Done): void {
    const { batch } = this;
    batch.open({ source, topic, payload, receivedAt: this.clock.now().getTime() }, done);
    batch.refused(refusal, -1, undefined);
    this.opened(batch, payload.length);
  }

  /** Commits what waits. New deliveries must not come any more. */
  async flush(): Promise<void> {
    const limit = setTimeout(() => this.abort.abort(), STOP_LIMIT_MS);
    this.stopping = true;
    this.kick();
    while (this.running) await this.running;
    clearTimeout(limit);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
    this.abort.abort();
    this.connection.close();
  }

  private opened(batch: Batch, bytes: number): void {
    this.waitingBytes += bytes;
    if (batch.size >= MAX_BATCH) {
      this.sealed.push(batch);
      this.batch = new Batch();
    }
    if (!this.congested && this.waitingBytes > HIGH_WATER) this.setCongested(true);
    if (!this.running) this.timer ??= setTimeout(() => this.kick(), GATHER_MS);
  }

  private kick(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.work().finally(() => {
      this.running = undefined;
      this.rest();
    });
  }

  /** After the last batch: what is written behind it comes due even when nothing else comes. */
  private rest(): void {
    if (this.abort.signal.aborted) return;
    if (!this.batch.isEmpty || this.sealed.length > 0) this.timer ??= setTimeout(() => this.kick(), GATHER_MS);
    else if (this.derived.size > 0) this.timer ??= setTimeout(() => this.kick(), DERIVED_EVERY_MS);
  }

  private async work(): Promise<void> {
    try {
      for (let batch = this.next(); batch; batch = this.next()) {
        await this.commit(batch);
        await this.writeBehind();
      }
      await this.writeBehind();
    } catch (error) {
      this.logger.error({ err: error }, 'ingest stopped with messages that are not committed and not acknowledged');
    }
  }

  private next(): Batch | undefined {
    const sealed = this.sealed.shift();
    if (sealed || this.batch.isEmpty) return sealed;
    const { batch } = this;
    this.batch = new Batch();
    return batch;
  }

  private async commit(batch: Batch): Promise<void> {
    const started = performance.now();
    const result = await this.commits.run(batch, this.abort.signal);
    this.metrics.committed(batch, result, performance.now() - started);
    for (const done of batch.waiting) done();
    this.derived.committed(batch);
    batch.release();
    this.waitingBytes -= batch.payloadBytes;
    if (this.congested && this.waitingBytes < LOW_WATER) this.setCongested(false);
  }

  /** Of many devices only now and then, also when nothing else waits: what comes meanwhile would wait for it. */
  private async writeBehind(): Promise<void> {
    const { size } = this.derived;
    const now = performance.now();
    const all = size <= FEW_DEVICES || this.stopping;
    if (size === 0 || !(all || now - this.derivedAt >= DERIVED_EVERY_MS)) return;
    const prefixes = all || now - this.prefixesAt >= PREFIXES_EVERY_MS;
    this.derivedAt = now;
    if (prefixes) this.prefixesAt = now;
    this.notices.progressed(await this.writeDerived.run(this.derived, prefixes));
  }

  private setCongested(congested: boolean): void {
    this.congested = congested;
    this.metrics.congested(congested);
    this.logger.warn({ waitingBytes: this.waitingBytes }, congested ? 'ingest is congested' : 'ingest goes on');
    this.onCongestion(congested);
  }
}
