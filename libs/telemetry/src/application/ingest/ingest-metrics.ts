import { Injectable } from '@nestjs/common';
import { Metrics } from '@throughline/platform';
import type { Batch } from './batch.js';
import type { CommitResult } from './commit-batch.js';

/** What ingest tells Prometheus. */
@Injectable()
export class IngestMetrics {
  private readonly messages;
  private readonly duplicates;
  private readonly quarantined;
  private readonly events;
  private readonly batchSize;
  private readonly seconds;
  private readonly congestion;

  constructor(metrics: Metrics) {
    this.messages = metrics.counter('throughline_ingest_messages_total', 'Messages stored');
    this.duplicates = metrics.counter('throughline_ingest_duplicates_total', 'Messages that were stored already');
    this.quarantined = metrics.counter('throughline_ingest_quarantined_total', 'Messages set aside', ['reason']);
    this.events = metrics.counter('throughline_ingest_events_total', 'Device events received');
    this.batchSize = metrics.histogram(
      'throughline_ingest_batch_messages',
      'Messages committed in one transaction',
      [1, 10, 100, 500, 1_000, 2_000, 5_000],
    );
    this.seconds = metrics.histogram(
      'throughline_ingest_commit_seconds',
      'From a batch being closed to its commit',
      [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    );
    this.congestion = metrics.gauge('throughline_ingest_congested', '1 while no more is read from connections');
  }

  committed(batch: Batch, result: CommitResult, ms: number): void {
    this.messages.inc(result.stored);
    this.duplicates.inc(result.duplicates);
    this.events.inc(batch.events.length);
    for (const { reason } of result.quarantined) this.quarantined.inc({ reason });
    this.batchSize.observe(batch.messages);
    this.seconds.observe(ms / 1000);
  }

  congested(congested: boolean): void {
    this.congestion.set(congested ? 1 : 0);
  }
}
