import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { ReadingValues, type StoredReading } from '../domain/reading.js';
import { LatestReadingStore, type LatestRow } from '../storage/latest-reading.store.js';
import { SchemaStore } from '../storage/schema.store.js';

/** The newest committed message, by event time, of assets and devices. */
@Injectable()
export class LatestReadings {
  constructor(
    private readonly latest: LatestReadingStore,
    private readonly schemas: SchemaStore,
  ) {}

  /** By asset id; an asset that never reported is not in it. */
  async ofAssets(em: EntityManager, assetIds: readonly string[]): Promise<Map<string, StoredReading>> {
    const rows = await this.latest.ofAssets(em, assetIds.filter(isId));
    return this.decode(em, rows, (row) => row.asset_id ?? '');
  }

  /** By device id; a device that never reported is not in it. */
  async ofDevices(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, StoredReading>> {
    const rows = await this.latest.ofDevices(em, deviceIds.filter(isId));
    return this.decode(em, rows, (row) => row.device_id);
  }

  private async decode(
    em: EntityManager,
    rows: readonly LatestRow[],
    keyOf: (row: LatestRow) => string,
  ): Promise<Map<string, StoredReading>> {
    const readings = new Map<string, StoredReading>();
    for (const row of rows)
      readings.set(keyOf(row), {
        deviceId: row.device_id,
        boot: row.boot,
        seq: Number(row.seq),
        ts: Number(row.ts),
        storedAt: Number(row.stored_at),
        schemaVersion: row.schema_version,
        values: new ReadingValues(await this.schemas.find(em, row.model_id, row.schema_version), row.values),
      });
    return readings;
  }
}
