import { Injectable } from '@nestjs/common';
import {
  type Connection,
  connectionOf,
  Database,
  type DataScope,
  decodeCursor,
  type PageRequest,
} from '@throughline/platform';
import type { Execution } from '../domain/execution.js';
import { ExecutionStore, type ExecutionsOf } from '../storage/execution.store.js';

const LIST = 'command-executions';
/** Unfinished ones shown of an asset at once. */
const MAX_OPEN = 100;

/** Commands that were sent, as far as one may see them. */
@Injectable()
export class Executions {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionStore,
  ) {}

  /** Those that exist and are visible, in no order. */
  async many(scope: DataScope, ids: readonly string[]): Promise<Execution[]> {
    return this.database.read(scope, (em) => this.executions.byIds(em, ids));
  }

  /** Of these the ones that belong to the asset. */
  async manyOfAsset(scope: DataScope, assetId: string, ids: readonly string[]): Promise<Execution[]> {
    return this.database.read(scope, (em) => this.executions.ofAsset(em, assetId, ids));
  }

  /** Those of an asset that are not at their end, oldest first, at most 100. */
  async openOfAsset(scope: DataScope, assetId: string): Promise<Execution[]> {
    return this.database.read(scope, (em) => this.executions.openOfAsset(em, assetId, MAX_OPEN));
  }

  /** Newest first. */
  async page(scope: DataScope, of: ExecutionsOf, page: PageRequest): Promise<Connection<Execution>> {
    const after = placeOf(LIST, page.after);
    const { rows, total } = await this.database.read(scope, (em) =>
      this.executions.page(em, of, page.first + 1, after),
    );
    return connectionOf(
      LIST,
      rows,
      page,
      total,
      ({ createdAt, id }) => [createdAt.getTime(), id],
      (execution) => execution,
    );
  }
}

/** The place that a cursor of a list by creation names. Errors: INVALID_INPUT. */
export function placeOf(list: string, cursor: string | undefined): { createdAt: Date; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at, id] = decodeCursor(list, cursor, ['number', 'string']);
  return { createdAt: new Date(Number(at)), id: String(id) };
}
