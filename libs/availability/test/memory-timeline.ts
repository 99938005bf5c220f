import type { Model } from '@throughline/fleet';
import type { Interval } from '@throughline/kernel';
import type { LiveSignals, Outbox } from '@throughline/platform';
import {
  MemoryClock,
  type MemoryMessage,
  MemoryMessages,
  memoryAssets,
  memoryDatabase,
  memoryModels,
} from '../../../test/support/in-memory.js';
import { RecomputeTimeline } from '../src/application/recompute-timeline.js';
import { StateReadings } from '../src/application/state-readings.js';
import { Timelines } from '../src/application/timeline.js';
import type { PresenceSpan } from '../src/domain/timeline.js';
import type { StoredEntry, TimelineChange } from '../src/domain/timeline-change.js';
import type { DirtyStore } from '../src/storage/dirty.store.js';
import type { TimelineStore } from '../src/storage/timeline.store.js';

interface Row extends StoredEntry {
  readonly recordedAt: number;
  supersededAt: number | undefined;
}

/** `timeline_entry` of one asset, in memory. */
export class MemoryEntries {
  rows: Row[] = [];

  current(): StoredEntry[] {
    return this.asOf(undefined).map(({ recordedAt: _, supersededAt: _s, ...entry }) => entry);
  }

  asOf(at: number | undefined): Row[] {
    const believed = (row: Row): boolean =>
      at === undefined
        ? row.supersededAt === undefined
        : row.recordedAt <= at && (row.supersededAt === undefined || row.supersededAt > at);
    return this.rows.filter(believed).sort((a, b) => a.from - b.from);
  }

  get store(): TimelineStore {
    return {
      entries: (_: unknown, _ids: unknown, range: Interval, asOf?: Date) =>
        Promise.resolve(this.asOf(asOf?.getTime()).filter((row) => row.from < range.to && row.to > range.from)),
      categoryTimes: (_: unknown, [assetId]: readonly string[], range: Interval) =>
        Promise.resolve(
          [...Map.groupBy(this.asOf(undefined), (row) => row.category)].flatMap(([category, rows]) => {
            const ms = rows.reduce(
              (n, row) => n + Math.max(0, Math.min(row.to, range.to) - Math.max(row.from, range.from)),
              0,
            );
            return ms > 0 ? [{ assetId, category, ms }] : [];
          }),
        ),
      apply: (_: unknown, asset: { id: string }, change: TimelineChange, now: Date) => {
        this.apply(asset.id, change, now.getTime());
        return Promise.resolve();
      },
    } as unknown as TimelineStore;
  }

  private apply(assetId: string, { superseded, grown, added }: TimelineChange, now: number): void {
    const gone = new Set(superseded.map((entry) => entry.id));
    const larger = new Map(grown.map((entry) => [entry.id, entry]));
    this.rows = this.rows.map((row) => {
      if (gone.has(row.id)) return { ...row, supersededAt: now };
      const next = larger.get(row.id);
      return next ? { ...row, to: next.to, evidence: next.evidence } : row;
    });
    for (const entry of added)
      this.rows.push({
        ...entry,
        id: `e${this.rows.length}`,
        assetId,
        recordedAt: now,
        supersededAt: undefined,
      });
  }
}

/** One asset with everything between its messages and its timeline, in memory. */
export class MemoryTimeline {
  readonly clock: MemoryClock;
  readonly entries = new MemoryEntries();
  readonly messages = new MemoryMessages();
  readonly readings = new StateReadings(this.messages.reader);
  readonly timelines: Timelines;
  /** What was told to have changed, in turn. */
  readonly told: Interval[] = [];
  presence: PresenceSpan[] = [];
  private marks: Interval[] = [];
  private readonly recompute: RecomputeTimeline;

  constructor(stateMap: Model['stateMap'], staleAfterMs: number, now: number) {
    this.clock = new MemoryClock(now);
    const [database, assets] = [memoryDatabase(), memoryAssets({ id: 'a', customerId: 'c', modelId: 'm' })];
    const models = memoryModels({ id: 'm', stateMap, staleAfterMs });
    const outbox = {
      publish: (_: unknown, _event: unknown, { from, to }: Interval) => {
        this.told.push({ from, to });
        return Promise.resolve();
      },
    } as unknown as Outbox;
    const dirty = {
      lock: () => Promise.resolve(),
      tryLock: () => Promise.resolve(true),
      take: () => Promise.resolve(this.marks.splice(0)),
    } as unknown as DirtyStore;
    const signals = { signal: () => undefined } as unknown as LiveSignals;
    const { store } = this.entries;
    this.recompute = new RecomputeTimeline(
      database,
      this.clock,
      outbox,
      signals,
      assets,
      models,
      this.readings,
      store,
      dirty,
    );
    const presence = {
      presenceOfAssets: (_: unknown, ids: readonly string[], { from, to }: Interval) =>
        Promise.resolve(
          new Map(
            ids.map((id) => [
              id,
              this.presence
                .filter((p) => p.from < to && (p.to === null || p.to > from))
                .map((p) => ({ id: p.id, from: Math.max(p.from, from), to: Math.min(p.to ?? to, to) })),
            ]),
          ),
        ),
    };
    this.timelines = new Timelines(
      database,
      this.clock,
      assets,
      models,
      presence as unknown as ConstructorParameters<typeof Timelines>[4],
      store,
    );
  }

  /** Commits messages and derives what they mark, as the worker does. */
  async deliver(messages: readonly MemoryMessage[]): Promise<Interval | undefined> {
    this.messages.commit(messages);
    const times = messages.map((m) => m.ts);
    if (times.length > 0) this.marks.push({ from: Math.min(...times), to: Math.max(...times) });
    return this.recompute.runMarked('a');
  }

  /** Derives a range, as the close of a period does. */
  derive(interval: Interval): Promise<Interval | undefined> {
    return this.recompute.run('a', interval);
  }
}
