import { Injectable } from '@nestjs/common';
import { type Connection, Database, type DataScope, type PageRequest } from '@throughline/platform';
import type { Artefact } from '../domain/artefact.js';
import type { Release } from '../domain/release.js';
import { ArtefactStore } from '../storage/artefact.store.js';
import { ReleaseStore } from '../storage/release.store.js';

/** Releases are no customer's: permission decides who sees them. */
@Injectable()
export class Releases {
  constructor(
    private readonly database: Database,
    private readonly releases: ReleaseStore,
    private readonly artefacts: ArtefactStore,
  ) {}

  /** Those that exist, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<Release[]> {
    return this.database.read(scope, (em) => this.releases.byIds(em, ids));
  }

  /** Newest first. */
  async page(scope: DataScope, modelId: string | undefined, page: PageRequest): Promise<Connection<Release>> {
    return this.database.read(scope, (em) => this.releases.page(em, modelId, page));
  }

  /** Artefacts of the releases, by hardware. */
  async artefactsOf(
    scope: DataScope,
    releaseIds: readonly string[],
  ): Promise<{ releaseId: string; artefact: Artefact }[]> {
    return this.database.read(scope, async (em) => {
      const links = await this.releases.artefactIdsOf(em, releaseIds);
      const found = await this.artefacts.byIds(
        em,
        links.map(({ artefactId }) => artefactId),
      );
      const byId = new Map(found.map((artefact) => [artefact.id, artefact]));
      return links.flatMap(({ releaseId, artefactId }) => {
        const artefact = byId.get(artefactId);
        return artefact ? [{ releaseId, artefact }] : [];
      });
    });
  }
}
