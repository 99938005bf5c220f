import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { invalid } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import type { MetricDefinition, SchemaVersion } from '../domain/metric.js';
import { compatibilityFaults, metricFaults } from '../domain/schema-rules.js';
import { SchemaStore } from '../storage/schema.store.js';

@Injectable()
export class RegisterSchema {
  constructor(
    private readonly database: Database,
    private readonly schemas: SchemaStore,
  ) {}

  /**
   * Makes the next version of a model's telemetry schema; the same metrics again return the version that is there.
   * Errors: INVALID_INPUT with every fault, also when it changes the meaning of a metric of the version before.
   */
  async run(modelId: string, metrics: readonly MetricDefinition[]): Promise<SchemaVersion> {
    const faults = metricFaults(metrics);
    if (faults.length > 0) throw invalid(...faults);
    return this.database.transaction(everyCustomer, async (em) => {
      await this.schemas.lock(em, modelId);
      const newest = await this.schemas.newest(em, modelId);
      const changed = newest ? compatibilityFaults(newest.metrics, metrics) : [];
      if (changed.length > 0) throw invalid(...changed);
      if (newest && isDeepStrictEqual(newest.metrics, plain(metrics))) return newest;
      const next = { modelId, version: (newest?.version ?? 0) + 1, metrics };
      await this.schemas.add(em, next);
      return next;
    });
  }
}

/** As it comes back from the database: without what is undefined. */
const plain = (metrics: readonly MetricDefinition[]): unknown => JSON.parse(JSON.stringify(metrics));
