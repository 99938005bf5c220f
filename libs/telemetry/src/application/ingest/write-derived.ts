import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { type BulkConnection, LiveSignals, Logger } from '@throughline/platform';
import { IngestStore } from '../../storage/ingest.store.js';
import { type DerivedRows, type DerivedState, learnPassed, learnRanges, type SourceBoot } from './derived-state.js';
import { IngestConnection, isFaultOfData } from './ingest-connection.js';

/** Writes newest readings and prefixes behind the messages and signals the assets concerned. */
@Injectable()
export class WriteDerived {
  constructor(
    private readonly connection: IngestConnection,
    private readonly store: IngestStore,
    private readonly signals: LiveSignals,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Resolves to the boots whose prefix may have grown. When the write fails all of it waits for the next one. */
  async run(state: DerivedState, prefixes: boolean): Promise<SourceBoot[]> {
    const rows = state.take(prefixes);
    try {
      await this.connection.once((c) => this.write(c, rows));
    } catch (error) {
      if (!isFaultOfData(error) || rows.devices <= 1) {
        if (!isFaultOfData(error)) state.restore(rows);
        this.logger.warn({ err: error }, 'newest readings were not written');
        return [];
      }
      for (const part of rows.apart()) await this.alone(part);
    }
    this.signals.signal('asset-live', rows.changedAssets);
    return rows.boots();
  }

  async heal(signal: AbortSignal): Promise<void> {
    await this.connection.untilCommitted((c) => this.store.healLatest(c), signal);
  }

  private async write(connection: BulkConnection, rows: DerivedRows): Promise<void> {
    const unknown = rows.boots().filter(({ source, boot }) => source.boots.get(boot)?.incomplete ?? true);
    if (unknown.length > 0) {
      const asked = unknown.map(({ source, boot }) => ({ deviceId: source.entry.deviceId, boot }));
      // Everything above was committed before, so what is read here is a fact whatever becomes of this transaction.
      learnRanges(unknown, await this.store.storedRanges(connection, asked));
    }
    const latest = rows.latest();
    const progress = rows.progress();
    if (latest.length > 0) await this.store.upsertLatest(connection, latest);
    if (progress.length > 0)
      learnPassed(rows.boots(), await this.store.upsertProgress(connection, progress, this.clock.now()));
  }

  private async alone(rows: DerivedRows): Promise<void> {
    try {
      await this.connection.once((c) => this.write(c, rows));
    } catch (error) {
      this.logger.error({ err: error, of: rows.latest() }, 'the newest reading of a device was not written');
    }
  }
}
