import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { checkedModel, type Model, type ModelInput } from '../domain/model.js';
import { ModelStore } from '../storage/model.store.js';

@Injectable()
export class RegisterModel {
  constructor(
    private readonly database: Database,
    private readonly models: ModelStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Registers a product type. The same again returns what is there. Errors: INVALID_INPUT with every fault; CONFLICT when
   * the name stands for another model: what states mean cannot change under a timeline that was made with it.
   */
  async run(input: ModelInput): Promise<Model> {
    const model: Model = { id: newId(this.clock.now().getTime()), ...checkedModel(input) };
    return this.database.transaction(everyCustomer, async (em) => {
      if (await this.models.insert(em, model, this.clock.now())) return model;
      const existing = await this.models.byName(em, model.name);
      if (existing && isDeepStrictEqual({ ...existing, id: model.id }, model)) return existing;
      throw new DomainError('CONFLICT', `a model named "${model.name}" is registered already, with other content`);
    });
  }
}
