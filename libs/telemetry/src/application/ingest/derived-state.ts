import { BootRanges } from '../../domain/boot-ranges.js';
import type { IdentityRow, PassedPrefix, ProgressRow, StoredRange } from '../../storage/ingest.store.js';
import type { Batch, Newest } from './batch.js';
import type { BatchRows } from './batch-rows.js';
import type { IngestSource } from './ingest-source.js';

export interface SourceBoot {
  readonly source: IngestSource;
  readonly boot: number;
}

/**
 * What follows from committed messages and is written behind them: newest readings and contiguous prefixes. It is never
 * ahead of the messages and can always be made again from them, so it may lag and be written for many batches at once.
 */
export class DerivedState {
  private newest = new Map<IngestSource, Newest>();
  private progressed = new Map<IngestSource, Set<number>>();
  private changedAssets = new Set<string>();

  /** Devices that wait to be written. */
  get size(): number {
    return Math.max(this.newest.size, this.progressed.size);
  }

  /** Counts a committed batch. */
  committed(batch: Batch): void {
    this.addRows(batch.fresh);
    this.addRows(batch.others);
    for (const [source, newest] of batch.newest) this.noteNewest(source, newest);
    for (const assetId of batch.ranges.keys()) this.changedAssets.add(assetId);
  }

  /** Takes what has to be written, prefixes only when asked to; `restore` gives it back when the write failed. */
  take(prefixes = true): DerivedRows {
    const rows = new DerivedRows(this.newest, prefixes ? this.progressed : new Map(), this.changedAssets);
    this.newest = new Map();
    if (prefixes) this.progressed = new Map();
    this.changedAssets = new Set();
    return rows;
  }

  restore(rows: DerivedRows): void {
    for (const [source, newest] of rows.newest) this.noteNewest(source, newest);
    for (const [source, boots] of rows.progressed) for (const boot of boots) this.noteProgress(source, boot);
    for (const assetId of rows.changedAssets) this.changedAssets.add(assetId);
  }

  private addRows(rows: BatchRows): void {
    let last: IngestSource | undefined;
    let lastBoot = -1;
    let ranges: BootRanges | undefined;
    for (let row = 0; row < rows.count; row += 1) {
      const source = rows.deliveries[row]?.source;
      const boot = rows.boots[row];
      const seq = rows.seqs[row];
      if (!source || boot === undefined || seq === undefined) continue;
      if (source !== last || boot !== lastBoot) {
        last = source;
        lastBoot = boot;
        ranges = source.boots.get(boot);
        this.noteProgress(source, boot);
      }
      ranges?.add(seq);
    }
  }

  private noteProgress(source: IngestSource, boot: number): void {
    const boots = this.progressed.get(source);
    if (boots) boots.add(boot);
    else this.progressed.set(source, new Set([boot]));
  }

  private noteNewest(source: IngestSource, newest: Newest): void {
    const known = this.newest.get(source);
    if (!known || isNewer(newest, known)) this.newest.set(source, newest);
  }
}

export class DerivedRows {
  constructor(
    readonly newest: ReadonlyMap<IngestSource, Newest>,
    readonly progressed: ReadonlyMap<IngestSource, ReadonlySet<number>>,
    readonly changedAssets: ReadonlySet<string>,
  ) {}

  latest(): IdentityRow[] {
    return [...this.newest].map(([{ entry }, { boot, seq }]) => ({ deviceId: entry.deviceId, boot, seq }));
  }

  boots(): SourceBoot[] {
    return [...this.progressed].flatMap(([source, boots]) => [...boots].map((boot) => ({ source, boot })));
  }

  progress(): ProgressRow[] {
    return this.boots().flatMap(({ source, boot }) => {
      const ranges = source.boots.get(boot);
      return ranges
        ? [{ deviceId: source.entry.deviceId, boot, contiguous: ranges.contiguous, highest: ranges.highest }]
        : [];
    });
  }

  /** One device each, for when one of them cannot be written. */
  apart(): DerivedRows[] {
    return [...new Set([...this.newest.keys(), ...this.progressed.keys()])].map((source) => {
      const newest = this.newest.get(source);
      const boots = this.progressed.get(source);
      return new DerivedRows(
        new Map(newest ? [[source, newest]] : []),
        new Map(boots ? [[source, boots]] : []),
        this.changedAssets,
      );
    });
  }

  get devices(): number {
    return Math.max(this.newest.size, this.progressed.size);
  }
}

/** Gives sources what was read from the database of boots they had not in memory. */
export function learnRanges(boots: readonly SourceBoot[], stored: readonly StoredRange[]): void {
  const learned = new Map<string, BootRanges>();
  for (const { deviceId, boot, contiguous, from, to } of stored) {
    const key = `${deviceId} ${boot}`;
    const ranges = learned.get(key) ?? new BootRanges(contiguous);
    ranges.addRange(from, to);
    learned.set(key, ranges);
  }
  for (const { source, boot } of boots)
    source.remember(boot, learned.get(`${source.entry.deviceId} ${boot}`) ?? new BootRanges());
}

/**
 * Gives sources the prefixes that went on without them: over lost numbers, or over what another gateway stored. What is read
 * was committed by others, so it is a fact whatever becomes of the transaction that read it.
 */
export function learnPassed(boots: readonly SourceBoot[], passed: readonly PassedPrefix[]): void {
  if (passed.length === 0) return;
  const prefixes = new Map(passed.map(({ deviceId, boot, contiguous }) => [`${deviceId} ${boot}`, contiguous]));
  for (const { source, boot } of boots) {
    const contiguous = prefixes.get(`${source.entry.deviceId} ${boot}`);
    if (contiguous !== undefined) source.boots.get(boot)?.addRange(1, contiguous);
  }
}

const isNewer = (a: Newest, b: Newest): boolean =>
  a.ts > b.ts || (a.ts === b.ts && (a.boot > b.boot || (a.boot === b.boot && a.seq > b.seq)));
