export type MetricKind = 'gauge' | 'counter' | 'state' | 'flag';

/** One entry of a telemetry schema. Its place in the schema is its place in a stored message. */
export interface MetricDefinition {
  readonly name: string;
  readonly title: string;
  /** UCUM code; "1" for a state or flag. */
  readonly unit: string;
  readonly kind: MetricKind;
  readonly min?: number;
  readonly max?: number;
  /** Counter only: the value after which it starts again at 0. */
  readonly rollover?: number;
}

/** A version of a model's telemetry schema. A version never changes once a message was stored under it. */
export interface SchemaVersion {
  readonly modelId: string;
  readonly version: number;
  readonly metrics: readonly MetricDefinition[];
}
