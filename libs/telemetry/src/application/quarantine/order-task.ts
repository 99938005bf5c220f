import { Injectable } from '@nestjs/common';
import { Clock, invalid, newId } from '@throughline/kernel';
import { Database, type DataScope, defineJob, Outbox } from '@throughline/platform';
import type { QuarantineTask } from '@throughline/schema/telemetry';
import { z } from 'zod';
import {
  checkSelection,
  MAX_REASON,
  type QuarantineSelection,
  storedSelection,
} from '../../domain/quarantine-selection.js';
import { QuarantineStore } from '../../storage/quarantine.store.js';
import { QuarantineTaskStore } from '../../storage/quarantine-task.store.js';

/** Some pages of a task; it asks for itself again until the task is over. */
export const runQuarantineTask = defineJob({
  name: 'telemetry.run-quarantine-task',
  queue: 'slow',
  payload: z.object({ taskId: z.string() }),
  attempts: 8,
  backoffMs: 1_000,
  timeoutMs: 300_000,
});

/** How long tasks are kept. */
const KEPT_MS = 180 * 86_400_000;

/** Orders what is done with set-aside messages; the worker does it page by page. */
@Injectable()
export class OrderQuarantineTask {
  constructor(
    private readonly database: Database,
    private readonly messages: QuarantineStore,
    private readonly tasks: QuarantineTaskStore,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Has messages read again by today's schema and state of their device: those that pass are stored as late data, the others
   * stay with the rule that they break now. Errors: INVALID_INPUT for the selection, or when nothing of it is set aside.
   */
  async replay(scope: DataScope, selection: QuarantineSelection, by: string): Promise<QuarantineTask> {
    return this.order(scope, { action: 'replay', selection, reason: null, by });
  }

  /** Gives messages up; their rows stay, with the reason. Errors: INVALID_INPUT, also for a reason that says nothing. */
  async discard(scope: DataScope, selection: QuarantineSelection, reason: string, by: string): Promise<QuarantineTask> {
    const said = reason.trim();
    if (said.length < 3 || said.length > MAX_REASON || /\0/.test(said))
      throw invalid({ field: 'reason', value: reason, rule: `must have 3 to ${MAX_REASON} characters` });
    return this.order(scope, { action: 'discard', selection, reason: said, by });
  }

  private async order(
    scope: DataScope,
    {
      action,
      selection,
      reason,
      by,
    }: Pick<QuarantineTask, 'action' | 'reason'> & { selection: QuarantineSelection; by: string },
  ): Promise<QuarantineTask> {
    checkSelection(selection);
    const createdAt = this.clock.now();
    // Ids begin with their time: what is set aside later, also by this very task, is not its.
    const id = newId(createdAt.getTime());
    return this.database.transaction(scope, async (em) => {
      const total = await this.messages.count(em, selection, id);
      if (total === 0)
        throw invalid({ field: 'selection', value: selection, rule: 'must find a message that is still set aside' });
      await this.tasks.deleteBefore(em, new Date(createdAt.getTime() - KEPT_MS));
      const task: QuarantineTask = {
        id,
        action,
        selection: storedSelection(selection),
        reason,
        requestedBy: by.slice(0, 200),
        createdAt,
        finishedAt: null,
        state: 'running',
        total,
        settled: 0,
        kept: 0,
        cursor: null,
        error: null,
      } as QuarantineTask;
      await this.tasks.add(em, task);
      await this.outbox.enqueue(em, runQuarantineTask, { taskId: task.id });
      return task;
    });
  }
}
