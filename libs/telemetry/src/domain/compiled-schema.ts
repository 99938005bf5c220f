import type { MetricDefinition, SchemaVersion } from './metric.js';

export interface CompiledMetric {
  readonly ordinal: number;
  readonly definition: MetricDefinition;
  readonly min: number;
  readonly max: number;
}

/** A schema version made ready for checking many messages. */
export interface CompiledSchema {
  readonly modelId: string;
  readonly version: number;
  readonly size: number;
  readonly metrics: ReadonlyMap<string, CompiledMetric>;
}

/** Counters start at 0 and end at their rollover unless the definition says otherwise. */
export function compileSchema(schema: SchemaVersion): CompiledSchema {
  return {
    modelId: schema.modelId,
    version: schema.version,
    size: schema.metrics.length,
    metrics: new Map(
      schema.metrics.map((definition, ordinal) => [
        definition.name,
        {
          ordinal,
          definition,
          min: definition.min ?? (definition.kind === 'counter' ? 0 : Number.NEGATIVE_INFINITY),
          max: definition.max ?? definition.rollover ?? Number.POSITIVE_INFINITY,
        },
      ]),
    ),
  };
}
