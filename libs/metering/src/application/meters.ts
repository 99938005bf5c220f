import { Injectable } from '@nestjs/common';
import { Database, onlyCustomers } from '@throughline/platform';
import type { Meter } from '../domain/meter.js';
import { MeterStore } from '../storage/meter.store.js';

/** Meters are no customer's, and may be read inside a transaction of any scope. */
const nobodys = onlyCustomers([]);

/** Meters of models. */
@Injectable()
export class Meters {
  constructor(
    private readonly database: Database,
    private readonly meters: MeterStore,
  ) {}

  /** By name. */
  async ofModels(modelIds: readonly string[]): Promise<Meter[]> {
    return this.database.read(nobodys, (em) => this.meters.ofModels(em, modelIds));
  }
}
