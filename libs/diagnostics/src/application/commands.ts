import { Injectable } from '@nestjs/common';
import { Database, onlyCustomers } from '@throughline/platform';
import type { CommandDefinition } from '../domain/command.js';
import { DefinitionStore } from '../storage/definition.store.js';

/** Catalogues are no customer's, and may be read inside a transaction of any scope. */
const nobodys = onlyCustomers([]);

/** What models' devices can be told to do. */
@Injectable()
export class Commands {
  constructor(
    private readonly database: Database,
    private readonly definitions: DefinitionStore,
  ) {}

  /** The newest version of each command of the models, by name. */
  async ofModels(modelIds: readonly string[]): Promise<CommandDefinition[]> {
    return this.database.read(nobodys, (em) => this.definitions.newestOfModels(em, modelIds));
  }

  /** Those that exist, in no order. */
  async many(ids: readonly string[]): Promise<CommandDefinition[]> {
    return this.database.read(nobodys, (em) => this.definitions.byIds(em, ids));
  }
}
