import { Injectable } from '@nestjs/common';
import { notFound } from '@throughline/kernel';
import { type Connection, Database, type DataScope, type PageRequest } from '@throughline/platform';
import type { QuarantinedMessage, QuarantineTask } from '@throughline/schema/telemetry';
import { checkFilter, type QuarantineFilter } from '../../domain/quarantine-selection.js';
import { type QuarantineGroup, QuarantineStore } from '../../storage/quarantine.store.js';
import { QuarantineTaskStore } from '../../storage/quarantine-task.store.js';

export type { QuarantinedMessage, QuarantineGroup, QuarantineTask };

/** Groups of one answer; what lies behind them is found by a narrower filter. */
export const MAX_GROUPS = 100;
const MAX_TASKS = 20;

/** What could not be stored as telemetry, and what was ordered for it. */
@Injectable()
export class Quarantine {
  constructor(
    private readonly database: Database,
    private readonly store: QuarantineStore,
    private readonly tasks: QuarantineTaskStore,
  ) {}

  /** Newest first. Errors: INVALID_INPUT for the filter. */
  async page(scope: DataScope, page: PageRequest, filter: QuarantineFilter): Promise<Connection<QuarantinedMessage>> {
    checkFilter(filter);
    return this.database.read(scope, (em) => this.store.page(em, page, filter));
  }

  async one(scope: DataScope, id: string): Promise<QuarantinedMessage | undefined> {
    return (await this.database.read(scope, (em) => this.store.one(em, id))) ?? undefined;
  }

  /** Messages with one fault of one model together, the most first; at most 100. Errors: INVALID_INPUT for the filter. */
  async groups(scope: DataScope, filter: QuarantineFilter): Promise<QuarantineGroup[]> {
    checkFilter(filter);
    return this.database.read(scope, (em) => this.store.groups(em, filter, MAX_GROUPS));
  }

  /** How many messages of devices are set aside now; in the order of ids. */
  async setAsideOf(scope: DataScope, deviceIds: readonly string[]): Promise<number[]> {
    const counts = await this.database.read(scope, (em) => this.store.setAsideOf(em, deviceIds));
    return deviceIds.map((id) => counts.get(id) ?? 0);
  }

  /** Errors: NOT_FOUND. */
  async task(scope: DataScope, id: string): Promise<QuarantineTask> {
    const task = await this.database.read(scope, (em) => this.tasks.find(em, id));
    if (!task) throw notFound('quarantine task', id);
    return task;
  }

  /** The newest 20. */
  async newestTasks(scope: DataScope): Promise<QuarantineTask[]> {
    return this.database.read(scope, (em) => this.tasks.newest(em, MAX_TASKS));
  }
}
