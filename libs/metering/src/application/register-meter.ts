import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Models } from '@throughline/fleet';
import { Clock, DomainError, newId } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { Schemas } from '@throughline/telemetry';
import { checkedMeter, type Meter, type MeterInput } from '../domain/meter.js';
import { DirtyStore } from '../storage/dirty.store.js';
import { MeterStore } from '../storage/meter.store.js';

@Injectable()
export class RegisterMeter {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly models: Models,
    private readonly schemas: Schemas,
    private readonly meters: MeterStore,
    private readonly dirty: DirtyStore,
  ) {}

  /**
   * Adds a meter to a model; what its assets did so far is metered too. The same meter again returns the one that is there.
   * Errors: NOT_FOUND; INVALID_INPUT with every fault; CONFLICT when the model has another meter of that name.
   */
  async run(modelId: string, input: MeterInput): Promise<Meter> {
    const model = await this.models.get(modelId);
    return this.database.transaction(everyCustomer, async (em) => {
      const schema = await this.schemas.newest(em, modelId);
      const stateNames = Object.values(model.stateMap.states).map((state) => state.name);
      const checked = checkedMeter(input, { metrics: schema?.metrics ?? [], stateNames });
      const now = this.clock.now();
      const meter: Meter = { id: newId(now.getTime()), modelId, ...checked };
      if (await this.meters.insert(em, meter, now)) {
        await this.dirty.markModel(em, modelId, now);
        return meter;
      }
      const known = (await this.meters.ofModels(em, [modelId])).find((m) => m.name === meter.name);
      if (known && isDeepStrictEqual({ ...known, id: meter.id }, meter)) return known;
      throw new DomainError('CONFLICT', `the model has another meter named "${meter.name}"`);
    });
  }
}
