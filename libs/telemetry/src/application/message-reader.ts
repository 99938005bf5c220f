import { Injectable } from '@nestjs/common';
import type { Interval } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { SchemaVersion } from '../domain/metric.js';
import { LEGACY_BOOT } from '../domain/parse-message.js';
import { ReadingValues, type StoredReading } from '../domain/reading.js';
import { type MessagePosition, type MessageRow, MessageStore } from '../storage/message.store.js';
import { SchemaStore } from '../storage/schema.store.js';

const PAGE = 5_000;

export interface ReadingOptions {
  /** Yield first the newest message before `from`, when there is one. */
  readonly before?: boolean;
  /** Only what was stored before this instant: what we knew then. */
  readonly storedBefore?: Date;
}

export interface ReadingPage {
  readonly readings: readonly StoredReading[];
  readonly hasMore: boolean;
}

/** Reads the committed messages of assets, whichever device spoke for them. */
@Injectable()
export class MessageReader {
  constructor(
    private readonly messages: MessageStore,
    private readonly schemas: SchemaStore,
  ) {}

  /** Messages with event time in [from, to), ordered by event time, then identity; read in pages, so any period may be asked. */
  async *readings(
    em: EntityManager,
    assetId: string,
    interval: Interval,
    options: ReadingOptions = {},
  ): AsyncGenerator<StoredReading> {
    if (options.before) {
      const rows = await this.messages.lastBefore(em, assetId, interval.from, options.storedBefore);
      yield* await this.decode(em, rows);
    }
    for (let after: MessagePosition | undefined; ; ) {
      const page = await this.page(em, assetId, interval, { after, storedBefore: options.storedBefore, limit: PAGE });
      yield* page.readings;
      if (!page.hasMore) return;
      after = page.readings.at(-1);
    }
  }

  /** One page of the same order, for lists that people page through. */
  async page(
    em: EntityManager,
    assetId: string,
    interval: Interval,
    options: { after?: MessagePosition; storedBefore?: Date; limit: number },
  ): Promise<ReadingPage> {
    const rows = await this.messages.page(em, assetId, interval, { ...options, limit: options.limit + 1 });
    return {
      readings: await this.decode(em, rows.slice(0, options.limit)),
      hasMore: rows.length > options.limit,
    };
  }

  /** How many messages lie in [from, to). */
  async count(em: EntityManager, assetId: string, interval: Interval, storedBefore?: Date): Promise<number> {
    return this.messages.count(em, assetId, interval, storedBefore);
  }

  /**
   * How many messages are known to be missing: numbers that lie between stored ones of the same boot, or before its first.
   * Each counts for the period of the next message. To be asked with a scope that sees all of the device's messages.
   */
  async missing(em: EntityManager, assetId: string, interval: Interval, storedBefore?: Date): Promise<number> {
    return this.messages.missing(em, assetId, interval, storedBefore);
  }

  /** Whether messages without boot and seq lie in [from, to): what is missing among those cannot be known. */
  async hasLegacy(em: EntityManager, assetId: string, interval: Interval, storedBefore?: Date): Promise<boolean> {
    return this.messages.hasBoot(em, assetId, interval, LEGACY_BOOT, storedBefore);
  }

  private async decode(em: EntityManager, rows: readonly MessageRow[]): Promise<StoredReading[]> {
    const readings: StoredReading[] = [];
    const schemas = new Map<number, SchemaVersion | undefined>();
    for (const row of rows) {
      const { schema_version: version } = row;
      if (!schemas.has(version)) schemas.set(version, await this.schemas.find(em, row.model_id, version));
      readings.push({
        deviceId: row.device_id,
        boot: row.boot,
        seq: Number(row.seq),
        ts: Number(row.ts),
        storedAt: Number(row.stored_at),
        schemaVersion: version,
        values: new ReadingValues(schemas.get(version), row.values),
      });
    }
    return readings;
  }
}
