import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { inOrderOfWork } from '../../domain/iot-jobs/pending.js';
import { pendingMessage } from '../../domain/iot-jobs/wire.js';
import { JobExecutionStore } from '../../storage/job-execution.store.js';

/** A device asks what it has to do. */
@Injectable()
export class GetPendingExecutions {
  constructor(
    private readonly database: Database,
    private readonly executions: JobExecutionStore,
    private readonly clock: Clock,
  ) {}

  async run(deviceId: string): Promise<ReturnType<typeof pendingMessage>> {
    const pending = await this.database.read(everyCustomer, (em) => this.executions.pendingOf(em, [deviceId]));
    return pendingMessage(inOrderOfWork(pending), this.clock.now());
  }
}
