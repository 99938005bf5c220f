import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { type Connection, Database, everyCustomer, Logger, Metrics, type PageRequest } from '@throughline/platform';
import type { TlsRefusal } from '@throughline/schema/fleet';
import { RefusalCounts, type RefusedConnection } from '../../domain/connection-refusal.js';
import { TlsRefusalStore } from '../../storage/provisioning/tls-refusal.store.js';

export type { TlsRefusal };

/** Parties of an hour that have a row of their own, a gateway; further ones share one. */
const MAX_PARTIES = 500;
const WRITE_EVERY_MS = 2_000;

/** Who was not let in and why: counted at once in the metrics, and written some seconds later as one row an hour, reason and party. */
@Injectable()
export class RefusedConnections implements BeforeApplicationShutdown {
  private readonly counts = new RefusalCounts(MAX_PARTIES);
  private readonly refused;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly store: TlsRefusalStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.refused = metrics.counter(
      'throughline_gateway_refused_connections_total',
      'Connections refused before a device could speak',
      ['reason'],
    );
  }

  note(refused: RefusedConnection): void {
    this.refused.inc({ reason: refused.reason });
    this.counts.add(refused, this.clock.now());
    this.timer ??= setTimeout(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  /** Writes what was counted. What cannot be written is lost but for the metric: it holds up nobody. */
  async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(async () => {
      const counts = this.counts.take();
      if (counts.length === 0) return;
      try {
        await this.database.transaction(everyCustomer, (em) => this.store.add(em, counts));
      } catch (error) {
        this.logger.warn({ err: error, rows: counts.length }, 'refused connections were not written');
      }
    });
    await this.writing;
  }

  /** The latest first. */
  async page(page: PageRequest): Promise<Connection<TlsRefusal>> {
    return this.database.read(everyCustomer, (em) => this.store.page(em, page));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.write();
  }
}
