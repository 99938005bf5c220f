import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { checkReleaseMove, type Release } from '../domain/release.js';
import { ReleaseStore } from '../storage/release.store.js';
import { RolloutStore } from '../storage/rollout.store.js';
import { CancelRollout } from './cancel-rollout.js';

@Injectable()
export class WithdrawRelease {
  constructor(
    private readonly database: Database,
    private readonly releases: ReleaseStore,
    private readonly rollouts: RolloutStore,
    private readonly cancel: CancelRollout,
    private readonly clock: Clock,
  ) {}

  /**
   * It cannot be started any more, and its running rollouts are cancelled: devices that have not begun do not get it.
   * Errors: NOT_FOUND; STATE_CONFLICT when it is withdrawn already.
   */
  async run(scope: DataScope, releaseId: string): Promise<Release> {
    return this.database.transaction(scope, async (em) => {
      const release = await this.releases.lock(em, releaseId);
      if (!release) throw notFound('release', releaseId);
      checkReleaseMove(release, 'withdrawn');
      const withdrawn: Release = { ...release, state: 'withdrawn', withdrawnAt: this.clock.now() };
      await this.releases.setState(em, withdrawn);
      for (const { id } of await this.rollouts.runningOf(em, releaseId)) await this.cancel.run(scope, id);
      return withdrawn;
    });
  }
}
