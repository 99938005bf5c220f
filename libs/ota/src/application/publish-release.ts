import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { checkReleaseMove, type Release } from '../domain/release.js';
import { ReleaseStore } from '../storage/release.store.js';

@Injectable()
export class PublishRelease {
  constructor(
    private readonly database: Database,
    private readonly releases: ReleaseStore,
    private readonly clock: Clock,
  ) {}

  /** From now on it may be started. Errors: NOT_FOUND; STATE_CONFLICT when it is no draft. */
  async run(releaseId: string): Promise<Release> {
    return this.database.transaction(everyCustomer, async (em) => {
      const release = await this.releases.lock(em, releaseId);
      if (!release) throw notFound('release', releaseId);
      checkReleaseMove(release, 'published');
      const published: Release = { ...release, state: 'published', publishedAt: this.clock.now() };
      await this.releases.setState(em, published);
      return published;
    });
  }
}
