import { Injectable } from '@nestjs/common';
import { RecordFirmware } from '@throughline/fleet';
import { Clock, DomainError } from '@throughline/kernel';
import { Database, type EntityManager, everyCustomer } from '@throughline/platform';
import { type ExecutionNews, progressOf } from '../domain/progress.js';
import { isUnderWay, type RolloutDevice } from '../domain/rollout.js';
import { ReleaseStore } from '../storage/release.store.js';
import { RolloutStore } from '../storage/rollout.store.js';
import { RolloutDeviceStore } from '../storage/rollout-device.store.js';

/** A device's execution of a job as it is now. */
export interface ExecutionState extends ExecutionNews {
  readonly jobId: string;
  readonly deviceId: string;
  readonly executionNumber: number;
  readonly versionNumber: number;
}

@Injectable()
export class RecordProgress {
  constructor(
    private readonly database: Database,
    private readonly releases: ReleaseStore,
    private readonly rollouts: RolloutStore,
    private readonly devices: RolloutDeviceStore,
    private readonly firmware: RecordFirmware,
    private readonly clock: Clock,
  ) {}

  /** Takes over what a job execution says, once: older news and news of other jobs change nothing. */
  async run(execution: ExecutionState): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      const device = await this.devices.lockByJob(em, execution.jobId, execution.deviceId);
      if (!device || !isUnderWay(device.state) || !isNewer(execution, device)) return;
      const { version } = await this.releaseOf(em, device.rolloutId);
      const { running, ...progress } = progressOf(execution, version);
      const changedAt = this.clock.now();
      await this.devices.save(em, {
        ...device,
        ...progress,
        executionNumber: execution.executionNumber,
        executionVersion: execution.versionNumber,
        reported: running ? { ...running, at: changedAt } : device.reported,
        changedAt,
      });
      if (running) await this.firmware.run(device.deviceId, running.version);
      if (!isUnderWay(progress.state)) await this.settle(em, device.rolloutId);
    });
  }

  /** The job of a device under way is not there any more: somebody deleted it. */
  async jobGone(jobId: string, deviceId: string): Promise<void> {
    await this.database.transaction(everyCustomer, async (em) => {
      const device = await this.devices.lockByJob(em, jobId, deviceId);
      if (!device || !isUnderWay(device.state)) return;
      const changedAt = this.clock.now();
      await this.devices.save(em, { ...device, state: 'cancelled', why: 'its job was deleted', changedAt });
      await this.settle(em, device.rolloutId);
    });
  }

  private async settle(em: EntityManager, rolloutId: string): Promise<void> {
    const rollout = await this.rollouts.lock(em, rolloutId);
    if (rollout?.state !== 'running' || (await this.devices.hasUnderWay(em, rolloutId))) return;
    await this.rollouts.end(em, rolloutId, 'completed', this.clock.now());
  }

  private async releaseOf(em: EntityManager, rolloutId: string) {
    const [rollout] = await this.rollouts.byIds(em, [rolloutId]);
    const [release] = rollout ? await this.releases.byIds(em, [rollout.releaseId]) : [];
    if (!release) throw new DomainError('INTERNAL', `rollout ${rolloutId} has no release`);
    return release;
  }
}

const isNewer = (execution: ExecutionState, device: RolloutDevice): boolean =>
  execution.executionNumber > device.executionNumber ||
  (execution.executionNumber === device.executionNumber && execution.versionNumber > device.executionVersion);
