import type { Asset, Assets, Model, Models } from '@throughline/fleet';
import type { Clock, Interval } from '@throughline/kernel';
import type { Database, EntityManager } from '@throughline/platform';
import type { MessageReader, StoredReading } from '@throughline/telemetry';

/** What use cases need around them, in memory: for specs that run thousands of lives in milliseconds. */

type Key = readonly [number, string, number, number];
const keyOf = ({ ts, deviceId, boot, seq }: Pick<StoredReading, 'ts' | 'deviceId' | 'boot' | 'seq'>): Key => [
  ts,
  deviceId,
  boot,
  seq,
];

/** Order of keys as PostgreSQL compares rows. */
function compare(a: Key, b: Key): number {
  for (const n of [0, 1, 2, 3] as const) if (a[n] !== b[n]) return a[n] < b[n] ? -1 : 1;
  return 0;
}

/** One message as a spec writes it; what is not carried is left out. */
export interface MemoryMessage {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
  readonly ts: number;
  readonly values: Readonly<Record<string, number | undefined>>;
}

/** Committed messages of one asset, read as `MessageReader` reads them; one committed twice is there once. */
export class MemoryMessages {
  private all: StoredReading[] = [];

  commit(messages: readonly MemoryMessage[]): void {
    for (const { values, ...ref } of messages) {
      if (this.all.some((known) => compare(keyOf(known), keyOf(ref)) === 0)) continue;
      const carried = Object.entries(values).filter(([, value]) => value !== undefined);
      const vector = new Map(carried) as unknown as StoredReading['values'];
      this.all.push({ ...ref, storedAt: 0, schemaVersion: 1, values: vector });
    }
    this.all.sort((a, b) => compare(keyOf(a), keyOf(b)));
  }

  get reader(): MessageReader {
    return {
      readings: (_: EntityManager, _asset: string, range: Interval, options?: { before?: boolean }) =>
        this.readings(range, options?.before === true),
      page: (_: EntityManager, _asset: string, range: Interval, { after, limit }: PageOptions) => {
        const rows = this.within(range).filter((r) => !after || compare(keyOf(r), keyOf(after)) > 0);
        return Promise.resolve({ readings: rows.slice(0, limit), hasMore: rows.length > limit });
      },
    } as unknown as MessageReader;
  }

  private async *readings(range: Interval, before: boolean): AsyncGenerator<StoredReading> {
    const last = before ? this.all.findLast((r) => r.ts < range.from) : undefined;
    if (last) yield last;
    yield* this.within(range);
  }

  private within({ from, to }: Interval): StoredReading[] {
    return this.all.filter((r) => r.ts >= from && r.ts < to);
  }
}

interface PageOptions {
  readonly after?: StoredReading;
  readonly limit: number;
}

/** Runs what it is given, and is no database. */
export const memoryDatabase = (): Database => {
  const run = (_: unknown, work: (em: EntityManager) => unknown): unknown => work({} as EntityManager);
  return { transaction: run, read: run } as unknown as Database;
};

/** A clock that stands where it was set. */
export class MemoryClock implements Clock {
  constructor(public at: number) {}

  now(): Date {
    return new Date(this.at);
  }
}

export const memoryAssets = (...assets: readonly Partial<Asset>[]): Assets =>
  ({
    many: (_: unknown, ids: readonly string[]) => Promise.resolve(assets.filter((a) => ids.includes(a.id ?? ''))),
    get: (_: unknown, id: string) => Promise.resolve(assets.find((a) => a.id === id)),
  }) as unknown as Assets;

export const memoryModels = (...models: readonly Partial<Model>[]): Models =>
  ({
    many: (ids: readonly string[]) => Promise.resolve(models.filter((m) => ids.includes(m.id ?? ''))),
    get: (id: string) => Promise.resolve(models.find((m) => m.id === id)),
  }) as unknown as Models;
