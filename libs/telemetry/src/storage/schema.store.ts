import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { TelemetrySchema } from '@throughline/schema/telemetry';
import type { SchemaVersion } from '../domain/metric.js';

/** Versions of models' telemetry schemas. A version never changes, so it is kept once read. */
@Injectable()
export class SchemaStore {
  private readonly known = new Map<string, SchemaVersion>();

  async find(em: EntityManager, modelId: string, version: number): Promise<SchemaVersion | undefined> {
    const key = `${modelId} ${version}`;
    const known = this.known.get(key);
    if (known) return known;
    const row = await em.findOne(TelemetrySchema, { modelId, version });
    if (!row) return undefined;
    const schema = { modelId, version, metrics: row.metrics };
    this.known.set(key, schema);
    return schema;
  }

  async newest(em: EntityManager, modelId: string): Promise<SchemaVersion | undefined> {
    const row = await em.findOne(TelemetrySchema, { modelId }, { orderBy: { version: 'desc' } });
    return row ? { modelId, version: row.version, metrics: row.metrics } : undefined;
  }

  /** One writer of a model's versions at a time; waits for the one before. */
  async lock(em: EntityManager, modelId: string): Promise<void> {
    await em.execute("select pg_advisory_xact_lock(hashtext('telemetry.schema'), hashtext(?))", [modelId]);
  }

  async add(em: EntityManager, schema: SchemaVersion): Promise<void> {
    await em.insert(TelemetrySchema, {
      modelId: schema.modelId,
      version: schema.version,
      metrics: [...schema.metrics],
      createdAt: new Date(),
    });
  }
}
