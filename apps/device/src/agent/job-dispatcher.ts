import type { AgentLog } from './log.js';
import { type Execution, isUpdate } from './updater/order.js';
import type { ReportedStatus, UpdateJobs } from './updater/update-jobs.js';

/** Does jobs whose document has this `operation`, to their last word. */
export interface JobHandler {
  readonly operation: string;
  /** What it throws is passing: it is called again. */
  run(execution: Execution): Promise<void>;
}

/**
 * One job after the other, each to whom its `operation` belongs. Updates are the updater's, which asks for them here; what comes
 * before its update is done on the way. An operation that nobody knows is rejected: it would keep all that follows waiting.
 */
export class JobDispatcher implements UpdateJobs {
  readonly #jobs: UpdateJobs;
  readonly #handlers: ReadonlyMap<string, JobHandler>;
  readonly #log: AgentLog;

  constructor(jobs: UpdateJobs, handlers: readonly JobHandler[], log: AgentLog) {
    this.#jobs = jobs;
    this.#handlers = new Map(handlers.map((handler) => [handler.operation, handler]));
    this.#log = log;
  }

  async next(): Promise<Execution | undefined> {
    for (let before: Execution | undefined; ; ) {
      const execution = await this.#jobs.next();
      if (!execution || isUpdate(execution) || isSame(execution, before)) return execution;
      const operation = String(execution.document.operation);
      const handler = this.#handlers.get(operation);
      if (handler) await handler.run(execution);
      else await this.#reject(execution, operation);
      before = execution;
    }
  }

  describe(jobId: string): Promise<Execution | undefined> {
    return this.#jobs.describe(jobId);
  }

  update(
    execution: Pick<Execution, 'jobId' | 'executionNumber'>,
    status: ReportedStatus,
    details: Readonly<Record<string, string>>,
  ): Promise<'taken' | 'over'> {
    return this.#jobs.update(execution, status, details);
  }

  async #reject(execution: Execution, operation: string): Promise<void> {
    this.#log('warn', 'a job of an operation that is not known', { job: execution.jobId, operation });
    await this.#jobs.update(execution, 'REJECTED', { reason: `no operation "${operation.slice(0, 100)}" is known` });
  }
}

/** It was done, and the service still gives it: an answer that says so will come. */
const isSame = (execution: Execution, before: Execution | undefined): boolean =>
  execution.jobId === before?.jobId && execution.executionNumber === before.executionNumber;
