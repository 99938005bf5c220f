import { Injectable } from '@nestjs/common';
import { CancelIotJob, IotJobs } from '@throughline/fleet';
import { Clock, DomainError, notFound } from '@throughline/kernel';
import { Database, type DataScope } from '@throughline/platform';
import { type Rollout, rolloutLife } from '../domain/rollout.js';
import { RolloutStore } from '../storage/rollout.store.js';
import { RolloutDeviceStore } from '../storage/rollout-device.store.js';

@Injectable()
export class CancelRollout {
  constructor(
    private readonly database: Database,
    private readonly rollouts: RolloutStore,
    private readonly devices: RolloutDeviceStore,
    private readonly jobs: IotJobs,
    private readonly cancel: CancelIotJob,
    private readonly clock: Clock,
  ) {}

  /**
   * Devices that have not begun do not get the release; those that have go on to their end, where they are safest.
   * Errors: NOT_FOUND; STATE_CONFLICT when it has ended.
   */
  async run(scope: DataScope, rolloutId: string): Promise<Rollout> {
    return this.database.transaction(scope, async (em) => {
      const rollout = await this.rollouts.lock(em, rolloutId);
      if (!rollout) throw notFound('rollout', rolloutId);
      if (!rolloutLife[rollout.state].moves.includes('cancelled'))
        throw new DomainError('STATE_CONFLICT', `the rollout is ${rollout.state} and cannot become cancelled`);
      const endedAt = this.clock.now();
      await this.rollouts.end(em, rolloutId, 'cancelled', endedAt);
      for (const jobId of await this.devices.jobIdsOf(em, rolloutId)) {
        const job = await this.jobs.byJobId(jobId);
        if (job?.status === 'IN_PROGRESS') await this.cancel.run(scope, { id: job.id });
      }
      return { ...rollout, state: 'cancelled', endedAt };
    });
  }
}
