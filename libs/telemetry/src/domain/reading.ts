import type { MetricDefinition, SchemaVersion } from './metric.js';

/** A committed message of an asset. `ts` is the device's clock, `storedAt` ours; both ms since the epoch. */
export interface StoredReading {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
  readonly ts: number;
  readonly storedAt: number;
  readonly schemaVersion: number;
  readonly values: ReadingValues;
}

/** A message's values under its schema version. */
export class ReadingValues {
  constructor(
    private readonly schema: SchemaVersion | undefined,
    /** In the schema's order; NaN where the message did not carry the metric. */
    readonly vector: readonly number[],
  ) {}

  /** Flags are 0 or 1. Undefined when the message did not carry the metric or the schema does not know it. */
  get(metric: string): number | undefined {
    const value = this.vector[indexOf(this.schema).get(metric) ?? -1];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  /** Metrics the message carried, in the schema's order. */
  *entries(): Generator<[MetricDefinition, number]> {
    for (const [i, metric] of (this.schema?.metrics ?? []).entries()) {
      const value = this.vector[i];
      if (value !== undefined && !Number.isNaN(value)) yield [metric, value];
    }
  }
}

const indexes = new WeakMap<SchemaVersion, ReadonlyMap<string, number>>();
const nothing: ReadonlyMap<string, number> = new Map();

function indexOf(schema: SchemaVersion | undefined): ReadonlyMap<string, number> {
  if (!schema) return nothing;
  let index = indexes.get(schema);
  if (!index) {
    index = new Map(schema.metrics.map((metric, i) => [metric.name, i]));
    indexes.set(schema, index);
  }
  return index;
}
