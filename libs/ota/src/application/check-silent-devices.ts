import { Injectable } from '@nestjs/common';
import { IotJobs } from '@throughline/fleet';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { RolloutDeviceStore } from '../storage/rollout-device.store.js';
import { RecordProgress } from './record-progress.js';

/** A device under way of which nothing was heard for so long is looked at. */
const SILENT_MS = 60_000;
const BATCH = 500;
/** Executions of a device that are looked through for the update's. */
const LOOK_BACK = 50;

/**
 * Jobs that were deleted are not told of, so devices whose job is gone would be waited for without end. What was missed is taken
 * over on the way.
 */
@Injectable()
export class CheckSilentDevices {
  constructor(
    private readonly database: Database,
    private readonly devices: RolloutDeviceStore,
    private readonly jobs: IotJobs,
    private readonly record: RecordProgress,
    private readonly clock: Clock,
  ) {}

  async run(signal?: AbortSignal): Promise<void> {
    const before = new Date(this.clock.now().getTime() - SILENT_MS);
    const silent = await this.database.read(everyCustomer, (em) => this.devices.silentSince(em, before, BATCH));
    const ids = silent.map(({ deviceId }) => deviceId);
    const executions = await this.jobs.executionsOfDevices(everyCustomer, ids, LOOK_BACK);
    for (const { deviceId, jobId } of silent) {
      if (signal?.aborted || jobId === null) continue;
      const execution = executions.find((one) => one.deviceId === deviceId && one.jobId === jobId);
      if (execution) await this.record.run(execution);
      else if ((await this.jobs.byJobId(jobId)) === undefined) await this.record.jobGone(jobId, deviceId);
    }
  }
}
