import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { ended } from '../../domain/iot-jobs/moves.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';
import { ExecutionChanges } from './execution-changes.js';

/** Takes a device that is no more out of its jobs, so that they can complete without it. */
@Injectable()
export class RemoveExecutions {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /** Gives how many executions were pending and are REMOVED now. */
  async run(deviceId: string): Promise<number> {
    return this.database.transaction(everyCustomer, (em) =>
      this.changes.told(em, [deviceId], async ([thing]) => {
        if (!thing) return 0;
        const pending = await this.executions.pendingOf(em, [deviceId]);
        // Jobs are locked in one order, whichever process takes devices out.
        for (const before of pending.toSorted((a, b) => (a.iotJobId < b.iotJobId ? -1 : 1))) {
          const after = ended(before, 'REMOVED', this.clock.now());
          await this.changes.write(em, thing, before, after);
          await this.changes.followEnd(em, thing, after);
        }
        return pending.length;
      }),
    );
  }
}
