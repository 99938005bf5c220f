import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, LiveSignals } from '@throughline/platform';
import { TimelineStore } from '../storage/timeline.store.js';

/** Wider than the job's period, so that a late pass misses nobody; a signal given twice does no harm. */
const LOOK_BACK_MS = 30_000;

/** An asset becomes unknown by the passing of time alone: those who watch it are told. */
@Injectable()
export class SignalSilence {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly signals: LiveSignals,
    private readonly store: TimelineStore,
  ) {}

  async run(): Promise<string[]> {
    const now = this.clock.now().getTime();
    const ids = await this.database.read(everyCustomer, (em) =>
      this.store.fellSilent(em, { from: now - LOOK_BACK_MS, to: now }),
    );
    if (ids.length > 0) this.signals.signal('asset-live', ids);
    return ids;
  }
}
