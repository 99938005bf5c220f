import type { TimelineInterval, Timelines } from '@throughline/availability';
import type { Interval } from '@throughline/kernel';
import type { Schemas } from '@throughline/telemetry';
import {
  MemoryClock,
  type MemoryMessage,
  MemoryMessages,
  memoryAssets,
  memoryDatabase,
} from '../../../test/support/in-memory.js';
import { CounterReadings } from '../src/application/counter-readings.js';
import { RecomputeUsage } from '../src/application/recompute-usage.js';
import type { Meter } from '../src/domain/meter.js';
import type { CurrentWindow, WindowChange } from '../src/domain/window-change.js';
import type { DirtyStore } from '../src/storage/dirty.store.js';
import type { MeterStore } from '../src/storage/meter.store.js';
import type { WindowStore } from '../src/storage/window.store.js';

interface Row extends CurrentWindow {
  readonly meterId: string;
  readonly storedAt: number;
  supersededAt: number | undefined;
}

/** `usage_window` of one asset, in memory. */
export class MemoryWindows {
  rows: Row[] = [];

  /** Windows current at a stored time, now without one; by hour. */
  at(meterId: string, storedAt?: number): Row[] {
    const current = (row: Row): boolean =>
      storedAt === undefined
        ? row.supersededAt === undefined
        : row.storedAt <= storedAt && (row.supersededAt === undefined || row.supersededAt > storedAt);
    return this.rows.filter((row) => row.meterId === meterId && current(row)).sort((a, b) => a.hour - b.hour);
  }

  get store(): WindowStore {
    const within =
      ({ from, to }: Interval) =>
      (row: Row): boolean =>
        row.hour >= from && row.hour < to;
    return {
      current: (_: unknown, _a: string, id: string, range: Interval) =>
        Promise.resolve(this.at(id).filter(within(range))),
      firstFrom: (_: unknown, _a: string, id: string, hour: number) =>
        Promise.resolve(this.at(id).find((row) => row.hour >= hour)),
      lastReading: (_: unknown, _a: string, id: string, hour: number) =>
        Promise.resolve(this.at(id).findLast((row) => row.hour < hour)?.evidence.to),
      lastVersions: (_: unknown, _a: string, id: string, range: Interval) => {
        const versions = new Map<number, number>();
        for (const row of this.rows)
          if (row.meterId === id && within(range)(row))
            versions.set(row.hour, Math.max(row.version, versions.get(row.hour) ?? 0));
        return Promise.resolve(versions);
      },
      apply: (_: unknown, _a: unknown, id: string, change: WindowChange, now: Date) => {
        this.apply(id, change, now.getTime());
        return Promise.resolve();
      },
    } as unknown as WindowStore;
  }

  private apply(meterId: string, { superseded, replaced, added }: WindowChange, now: number): void {
    const is = (row: Row) => (window: CurrentWindow) =>
      row.meterId === meterId && row.hour === window.hour && row.version === window.version;
    this.rows = this.rows.map((row) => {
      if (superseded.some(is(row))) return { ...row, supersededAt: now };
      const next = replaced.find(is(row));
      return next ? { ...row, ...next, storedAt: now } : row;
    });
    for (const window of added) {
      if (this.rows.some((row) => is(row)(window))) throw new Error('a version of a window is written twice');
      this.rows.push({ ...window, meterId, storedAt: now, supersededAt: undefined });
    }
  }
}

/** One asset with everything between its messages and its windows, in memory. */
export class MemoryUsage {
  readonly clock: MemoryClock;
  readonly windows = new MemoryWindows();
  readonly messages = new MemoryMessages();
  /** The timeline as it stands. */
  states: TimelineInterval[] = [];
  private marks: Interval[] = [];
  private readonly recompute: RecomputeUsage;

  constructor(meters: readonly Meter[], now: number, rollover?: number) {
    this.clock = new MemoryClock(now);
    const metrics = [{ name: 'out', title: '', unit: 'm3', kind: 'counter', rollover }];
    this.recompute = new RecomputeUsage(
      memoryDatabase(),
      this.clock,
      memoryAssets({ id: 'a', customerId: 'c', modelId: 'm' }),
      {
        statesOf: (_: unknown, _a: string, { from, to }: Interval) =>
          Promise.resolve(this.states.filter((i) => i.from < to && i.to > from)),
      } as unknown as Timelines,
      { newest: () => Promise.resolve({ modelId: 'm', version: 1, metrics }) } as unknown as Schemas,
      new CounterReadings(this.messages.reader),
      { ofModels: () => Promise.resolve(meters) } as unknown as MeterStore,
      this.windows.store,
      {
        lock: () => Promise.resolve(),
        tryLock: () => Promise.resolve(true),
        take: () => Promise.resolve(this.marks.splice(0)),
      } as unknown as DirtyStore,
    );
  }

  /** Marks event times as changed, both inclusive. */
  mark(from: number, to: number): void {
    this.marks.push({ from, to });
  }

  /** Commits messages and computes what they mark, as the worker does. Answers how many windows changed. */
  async deliver(messages: readonly MemoryMessage[]): Promise<number> {
    this.messages.commit(messages);
    const times = messages.map((m) => m.ts);
    if (times.length > 0) this.mark(Math.min(...times), Math.max(...times));
    return this.recompute.runMarked('a');
  }

  /** Computes a range, as the close of a period does. */
  compute(interval: Interval): Promise<number> {
    return this.recompute.run('a', interval);
  }
}
