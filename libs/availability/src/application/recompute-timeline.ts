import { Injectable } from '@nestjs/common';
import { Assets, type Model, Models } from '@throughline/fleet';
import { Clock, HOUR_MS, hourOf, type Interval, notFound, union } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer, LiveSignals, Outbox } from '@throughline/platform';
import { deriveStates } from '../domain/derive-states.js';
import { changedStretch, timelineChange } from '../domain/timeline-change.js';
import { DirtyStore } from '../storage/dirty.store.js';
import { TimelineStore } from '../storage/timeline.store.js';
import { timelineChanged } from './events.js';
import { StateReadings } from './state-readings.js';

/** So much is derived in one go: a day of messages a second is 86,400 of them. */
const CHUNK_MS = 24 * HOUR_MS;

/** Derives assets' timelines from their committed messages and stores what differs from today's belief. */
@Injectable()
export class RecomputeTimeline {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly signals: LiveSignals,
    private readonly assets: Assets,
    private readonly models: Models,
    private readonly readings: StateReadings,
    private readonly timelines: TimelineStore,
    private readonly dirty: DirtyStore,
  ) {}

  /**
   * Makes the stored timeline of [from, to) what the committed messages say now, marked as changed or not; joins an open
   * transaction. One derivation of an asset at a time: another waits until this transaction ends, so a caller that reads the
   * timeline afterwards and notes the time knows that nothing older is stored later. Answers the stretch that changed.
   * Errors: NOT_FOUND.
   */
  async run(assetId: string, interval: Interval): Promise<Interval | undefined> {
    return this.database.transaction(everyCustomer, async (em) => {
      await this.dirty.lock(em, assetId);
      return this.derive(em, assetId, [interval]);
    });
  }

  /** Derives what is marked of an asset. Undefined without marks, or when another derivation of it is under way. */
  async runMarked(assetId: string): Promise<Interval | undefined> {
    const changed = await this.database.transaction(everyCustomer, async (em) => {
      if (!(await this.dirty.tryLock(em, assetId))) return undefined;
      const marks = await this.dirty.take(em, assetId);
      if (marks.length === 0) return undefined;
      return this.derive(
        em,
        assetId,
        marks.map(({ from, to }) => ({ from, to: to + 1 })),
      );
    });
    if (changed) this.signals.signal('asset-live', [assetId]);
    return changed;
  }

  private async derive(
    em: EntityManager,
    assetId: string,
    intervals: readonly Interval[],
  ): Promise<Interval | undefined> {
    const [asset] = await this.assets.many(everyCustomer, [assetId]);
    if (!asset) throw notFound('asset', assetId);
    const model = await this.models.get(asset.modelId);
    let changed: Interval | undefined;
    for (const range of await this.affected(em, assetId, model, intervals))
      for (let from = range.from; from < range.to; from += CHUNK_MS) {
        const stretch = await this.deriveChunk(em, asset, model, { from, to: Math.min(from + CHUNK_MS, range.to) });
        if (!stretch) continue;
        changed = changed
          ? { from: Math.min(changed.from, stretch.from), to: Math.max(changed.to, stretch.to) }
          : stretch;
      }
    if (changed) await this.outbox.publish(em, timelineChanged, { assetId, from: changed.from, to: changed.to });
    return changed;
  }

  /** Whole UTC hours whose entries the messages of the intervals can decide. */
  private async affected(
    em: EntityManager,
    assetId: string,
    { stateMap, staleAfterMs }: Model,
    intervals: readonly Interval[],
  ): Promise<Interval[]> {
    const ranges: Interval[] = [];
    for (const { from, to } of union(intervals.map((i) => ({ from: hourOf(i.from), to: i.to })))) {
      const end = await this.readings.influenceEnd(em, assetId, stateMap.metric, to - 1, staleAfterMs);
      ranges.push({ from, to: hourOf(Math.max(end, to) + HOUR_MS - 1) });
    }
    return union(ranges);
  }

  private async deriveChunk(
    em: EntityManager,
    asset: { id: string; customerId: string },
    { stateMap, staleAfterMs }: Model,
    interval: Interval,
  ): Promise<Interval | undefined> {
    const readings = await this.readings.of(em, asset.id, stateMap.metric, interval);
    const derived = deriveStates({ readings, stateMap, staleAfterMs, interval, hourly: true });
    const stored = await this.timelines.entries(em, [asset.id], interval);
    const now = this.clock.now();
    const change = timelineChange(stored, derived, now.getTime());
    const stretch = changedStretch(change);
    if (stretch) await this.timelines.apply(em, asset, change, now);
    return stretch;
  }
}
