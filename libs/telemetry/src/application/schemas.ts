import { Injectable } from '@nestjs/common';
import { Database, type EntityManager, onlyCustomers } from '@throughline/platform';
import type { SchemaVersion } from '../domain/metric.js';
import { SchemaStore } from '../storage/schema.store.js';

/** Telemetry schemas of models. They hold nothing of a customer's. */
@Injectable()
export class Schemas {
  constructor(
    private readonly database: Database,
    private readonly store: SchemaStore,
  ) {}

  /** The version under which messages are stored now; undefined for a model without schema. */
  async newest(em: EntityManager, modelId: string): Promise<SchemaVersion | undefined> {
    return this.store.newest(em, modelId);
  }

  /** As `newest` for many, in their order. */
  async newestOf(modelIds: readonly string[]): Promise<(SchemaVersion | undefined)[]> {
    return this.database.read(onlyCustomers([]), async (em) => {
      const found: (SchemaVersion | undefined)[] = [];
      for (const modelId of modelIds) found.push(await this.store.newest(em, modelId));
      return found;
    });
  }
}
