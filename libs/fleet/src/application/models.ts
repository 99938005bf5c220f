import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import { Database, onlyCustomers } from '@throughline/platform';
import { isModelName, type Model } from '../domain/model.js';
import { ModelStore } from '../storage/model.store.js';

/** Models are no customer's, and may be read inside a transaction of any scope. */
const nobodys = onlyCustomers([]);

/** Product types. They hold nothing of a customer's, so everybody who is signed in may see them. */
@Injectable()
export class Models {
  constructor(
    private readonly database: Database,
    private readonly models: ModelStore,
  ) {}

  /** By name. */
  async all(): Promise<Model[]> {
    return this.database.read(nobodys, (em) => this.models.all(em));
  }

  /** Those that exist, in no order. */
  async many(ids: readonly string[]): Promise<Model[]> {
    return this.database.read(nobodys, (em) => this.models.byIds(em, ids));
  }

  /** Errors: NOT_FOUND. */
  async get(id: string): Promise<Model> {
    const [model] = await this.many([id]);
    if (!model) throw notFound('model', id);
    return model;
  }

  /** Errors: NOT_FOUND. */
  async byName(name: string): Promise<Model> {
    const model = isModelName(name) && (await this.database.read(nobodys, (em) => this.models.byName(em, name)));
    if (!model) throw notFound('model', name);
    return model;
  }
}
