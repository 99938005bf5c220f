import { Injectable } from '@nestjs/common';
import { Models } from '@throughline/fleet';
import { Clock, DomainError, newId, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { checkArtefacts, checkedRelease, type Release, type ReleaseInput } from '../domain/release.js';
import { ArtefactStore } from '../storage/artefact.store.js';
import { ReleaseStore } from '../storage/release.store.js';

@Injectable()
export class CreateRelease {
  constructor(
    private readonly database: Database,
    private readonly models: Models,
    private readonly artefacts: ArtefactStore,
    private readonly releases: ReleaseStore,
    private readonly clock: Clock,
  ) {}

  /** Makes a draft. Errors: INVALID_INPUT; NOT_FOUND for model and artefacts; CONFLICT when the model has that version. */
  async run(input: ReleaseInput, createdBy: string): Promise<Release> {
    const { artefactIds, ...checked } = checkedRelease(input);
    const createdAt = this.clock.now();
    const id = newId(createdAt.getTime());
    const times = { createdAt, publishedAt: null, withdrawnAt: null };
    const release: Release = { ...checked, id, state: 'draft', createdBy, ...times };
    return this.database.transaction(everyCustomer, async (em) => {
      await this.models.get(release.modelId);
      const artefacts = await this.artefacts.byIds(em, artefactIds);
      const missing = artefactIds.find((wanted) => !artefacts.some((one) => one.id === wanted));
      if (missing !== undefined) throw notFound('artefact', missing);
      checkArtefacts(release, artefacts);
      if (!(await this.releases.insert(em, release, artefacts)))
        throw new DomainError('CONFLICT', `the model has a release of version ${release.version} already`);
      return release;
    });
  }
}
