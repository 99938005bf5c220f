import { Injectable } from '@nestjs/common';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  type EntityManager,
  type PageRequest,
} from '@throughline/platform';
import type { DiagnosticRun } from '../domain/procedure.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { RunStore, type StoredRun } from '../storage/run.store.js';
import { placeOf } from './executions.js';
import { MAX_TARGETS } from './orders.js';

const LIST = 'diagnostic-runs';

/** Procedures that were run, as far as one may see them. */
@Injectable()
export class DiagnosticRuns {
  constructor(
    private readonly database: Database,
    private readonly runs: RunStore,
    private readonly executions: ExecutionStore,
  ) {}

  /** Those that exist and are visible, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<DiagnosticRun[]> {
    return this.database.read(scope, async (em) => this.whole(em, await this.runs.byIds(em, ids)));
  }

  /** The runs of these executions; executions of no run have none. */
  async ofExecutions(scope: DataScope, executionIds: readonly string[]): Promise<DiagnosticRun[]> {
    return this.database.read(scope, async (em) => this.whole(em, await this.runs.byExecutions(em, executionIds)));
  }

  /** Those that were started together. */
  async ofBatch(scope: DataScope, batchId: string): Promise<DiagnosticRun[]> {
    return this.database.read(scope, async (em) => this.whole(em, await this.runs.ofBatch(em, batchId, MAX_TARGETS)));
  }

  /** Newest first; of one asset when its id is given. */
  async page(scope: DataScope, page: PageRequest, assetId?: string): Promise<Connection<DiagnosticRun>> {
    const after = placeOf(LIST, page.after);
    const { rows, total } = await this.database.read(scope, async (em) => {
      const found = await this.runs.page(em, page.first + 1, after, assetId);
      return { rows: await this.whole(em, found.rows), total: found.total };
    });
    return connectionOf(
      LIST,
      rows,
      page,
      total,
      ({ createdAt, id }) => [createdAt.getTime(), id],
      (run) => run,
    );
  }

  private async whole(em: EntityManager, stored: readonly StoredRun[]): Promise<DiagnosticRun[]> {
    const executions = await this.executions.byIds(
      em,
      stored.map(({ executionId }) => executionId),
    );
    const byId = new Map(executions.map((execution) => [execution.id, execution]));
    return stored.flatMap(({ executionId, ...run }) => {
      const execution = byId.get(executionId);
      return execution ? [{ ...run, execution }] : [];
    });
  }
}
