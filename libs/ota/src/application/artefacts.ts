import { Injectable } from '@nestjs/common';
import { type Connection, Database, type DataScope, type PageRequest } from '@throughline/platform';
import type { Artefact } from '../domain/artefact.js';
import { ArtefactStore } from '../storage/artefact.store.js';

/** Artefacts are no customer's: permission decides who sees them. */
@Injectable()
export class Artefacts {
  constructor(
    private readonly database: Database,
    private readonly artefacts: ArtefactStore,
  ) {}

  /** Those that exist, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<Artefact[]> {
    return this.database.read(scope, (em) => this.artefacts.byIds(em, ids));
  }

  /** Newest first. */
  async page(scope: DataScope, modelId: string | undefined, page: PageRequest): Promise<Connection<Artefact>> {
    return this.database.read(scope, (em) => this.artefacts.page(em, modelId, page));
  }
}
