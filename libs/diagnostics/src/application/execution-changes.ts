import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config, type EntityManager, LiveSignals, Outbox } from '@throughline/platform';
import type { Execution } from '../domain/execution.js';
import { findingsOf } from '../domain/procedure.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { RunStore } from '../storage/run.store.js';
import { forgetAwsCommand } from './aws-jobs.js';
import { commandEnded } from './events.js';

/** The one way an execution changes: with it the run that it is of, and the word of it. */
@Injectable()
export class ExecutionChanges {
  constructor(
    private readonly executions: ExecutionStore,
    private readonly runs: RunStore,
    private readonly outbox: Outbox,
    private readonly signals: LiveSignals,
    @Inject(CONFIG) private readonly config: Pick<Config, 'aws'>,
  ) {}

  async save(em: EntityManager, execution: Execution): Promise<void> {
    await this.executions.update(em, execution);
    const [run] = await this.runs.byExecutions(em, [execution.id]);
    if (run) await this.runs.setFindings(em, run.id, findingsOf(run.procedure, execution));
    const { id: executionId, deviceId, assetId, command, state, endedAt } = execution;
    if (!endedAt) return;
    await this.outbox.publish(em, commandEnded, { executionId, deviceId, assetId, command, state });
    if (this.config.aws) await this.outbox.enqueue(em, forgetAwsCommand, { executionId });
  }

  /** To be called after the commit: tells who watches. */
  announce(executionIds: readonly string[]): void {
    if (executionIds.length > 0) this.signals.signal('command-executions', executionIds);
  }
}
