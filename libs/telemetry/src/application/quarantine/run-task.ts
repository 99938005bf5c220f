import { Injectable } from '@nestjs/common';
import { Clock } from '@throughline/kernel';
import { Database, everyCustomer, Logger, Outbox } from '@throughline/platform';
import type { QuarantineTask } from '@throughline/schema/telemetry';
import { type QuarantineSelection, readSelection } from '../../domain/quarantine-selection.js';
import { QuarantineStore } from '../../storage/quarantine.store.js';
import { QuarantineTaskStore } from '../../storage/quarantine-task.store.js';
import { runQuarantineTask } from './order-task.js';
import { ReplayMessages } from './replay-messages.js';

/** Messages of a page. A set-aside payload has at most 128 kB, so a page of a replay holds at most 25 MB. */
const REPLAY_PAGE = 200;
const DISCARD_PAGE = 2_000;
/** Pages of one run; then others of the queue have their turn. */
const PAGES_A_RUN = 50;

/** Does an ordered task, page by page. A page that was committed and not noted, since the worker died, is done again: that changes nothing. */
@Injectable()
export class RunQuarantineTask {
  constructor(
    private readonly database: Database,
    private readonly messages: QuarantineStore,
    private readonly tasks: QuarantineTaskStore,
    private readonly replaying: ReplayMessages,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run(taskId: string, signal: AbortSignal): Promise<void> {
    for (let page = 0; page < PAGES_A_RUN && !signal.aborted; page += 1) {
      const task = await this.database.read(everyCustomer, (em) => this.tasks.find(em, taskId));
      if (task?.state !== 'running') return;
      const more = task.action === 'replay' ? await this.replay(task, signal) : await this.discard(task);
      if (!more) return;
    }
    await this.database.transaction(everyCustomer, (em) => this.outbox.enqueue(em, runQuarantineTask, { taskId }));
  }

  /** After the last try: whoever asked sees why, and may order it again. */
  async failed(taskId: string, error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    await this.database.transaction(everyCustomer, (em) => this.tasks.ended(em, taskId, this.clock.now(), text));
  }

  private async replay(task: QuarantineTask, signal: AbortSignal): Promise<boolean> {
    const rows = await this.database.read(everyCustomer, (em) =>
      this.messages.next(em, selectionOf(task), {
        until: task.id,
        after: task.cursor ?? null,
        limit: REPLAY_PAGE,
      }),
    );
    const last = rows.at(-1);
    if (!last) return this.over(task);
    const outcomes = await this.replaying.run(rows, signal);
    await this.database.transaction(everyCustomer, async (em) => {
      if (!(await this.isNext(em, task))) return;
      const done = await this.messages.settle(em, outcomes, { at: this.clock.now(), by: task.requestedBy });
      await this.tasks.progressed(em, task.id, { cursor: last.id, ...done });
    });
    return true;
  }

  private async discard(task: QuarantineTask): Promise<boolean> {
    const more = await this.database.transaction(everyCustomer, async (em) => {
      if (!(await this.isNext(em, task))) return true;
      const { discarded, last } = await this.messages.discard(
        em,
        selectionOf(task),
        { until: task.id, after: task.cursor ?? null, limit: DISCARD_PAGE },
        { at: this.clock.now(), by: task.requestedBy, reason: task.reason ?? '' },
      );
      if (last) await this.tasks.progressed(em, task.id, { cursor: last, settled: discarded, kept: 0 });
      return last !== null;
    });
    return more || this.over(task);
  }

  /** Whether nobody else did the page meanwhile. */
  private async isNext(em: Parameters<QuarantineTaskStore['lock']>[0], task: QuarantineTask): Promise<boolean> {
    const now = await this.tasks.lock(em, task.id);
    return now?.state === 'running' && (now.cursor ?? null) === (task.cursor ?? null);
  }

  private async over(task: QuarantineTask): Promise<false> {
    await this.database.transaction(everyCustomer, (em) => this.tasks.ended(em, task.id, this.clock.now(), null));
    this.logger.info(
      { taskId: task.id, action: task.action, messages: task.total },
      'a task of the quarantine is done',
    );
    return false;
  }
}

const selectionOf = (task: QuarantineTask): QuarantineSelection => readSelection(task.selection);
