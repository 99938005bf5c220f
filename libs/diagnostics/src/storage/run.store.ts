import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { DiagnosticRun } from '../domain/procedure.js';
import { asDate, asDateOrNull, uuids } from './rows.js';

/** A run without its execution, which is read beside it. */
export type StoredRun = Omit<DiagnosticRun, 'execution'> & { readonly executionId: string };

interface Raw {
  id: string;
  batch_id: string;
  procedure: StoredRun['procedure'];
  device_id: string;
  asset_id: string | null;
  execution_id: string;
  requested_by: string;
  created_at: string;
  from_at: string | null;
  to_at: string | null;
  verdict: StoredRun['verdict'];
}

@Injectable()
export class RunStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<StoredRun[]> {
    return this.list(em, 'id = any(?::uuid[])', [uuids(ids.filter(isId))]);
  }

  async byExecutions(em: EntityManager, executionIds: readonly string[]): Promise<StoredRun[]> {
    return this.list(em, 'execution_id = any(?::uuid[])', [uuids(executionIds.filter(isId))]);
  }

  /** By the order they were made in; at most `limit`. */
  async ofBatch(em: EntityManager, batchId: string, limit: number): Promise<StoredRun[]> {
    if (!isId(batchId)) return [];
    return this.list(em, 'batch_id = ? order by created_at, id limit ?', [batchId, limit]);
  }

  /** Newest first, of one asset when its id is given. `after`: the last one of the page before. */
  async page(em: EntityManager, limit: number, after?: { createdAt: Date; id: string }, assetId?: string) {
    const of = assetId === undefined ? { where: 'true', values: [] } : { where: 'asset_id = ?', values: [assetId] };
    const [count] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from diagnostic_run where ${of.where}`,
      of.values,
    );
    const rows = await this.list(
      em,
      `${of.where} ${after ? 'and (created_at, id) < (?, ?)' : ''} order by created_at desc, id desc limit ?`,
      [...of.values, ...(after ? [after.createdAt, after.id] : []), limit],
    );
    return { rows, total: count?.n ?? 0 };
  }

  async insert(em: EntityManager, run: StoredRun, customerId: string | null): Promise<void> {
    await em.execute(
      `insert into diagnostic_run (id, batch_id, procedure, execution_id, device_id, asset_id, customer_id, requested_by, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        run.id,
        run.batchId,
        run.procedure,
        run.executionId,
        run.deviceId,
        run.assetId,
        customerId,
        run.requestedBy,
        run.createdAt,
      ],
    );
  }

  async setFindings(
    em: EntityManager,
    id: string,
    { from, to, verdict }: Pick<DiagnosticRun, 'from' | 'to' | 'verdict'>,
  ): Promise<void> {
    await em.execute('update diagnostic_run set from_at = ?, to_at = ?, verdict = ? where id = ?', [
      from,
      to,
      verdict,
      id,
    ]);
  }

  private async list(em: EntityManager, where: string, values: unknown[]): Promise<StoredRun[]> {
    const rows = await em.execute<Raw[]>(`select * from diagnostic_run where ${where}`, values);
    return rows.map((row) => ({
      id: row.id,
      batchId: row.batch_id,
      procedure: row.procedure,
      deviceId: row.device_id,
      assetId: row.asset_id,
      executionId: row.execution_id,
      requestedBy: row.requested_by,
      createdAt: asDate(row.created_at),
      from: asDateOrNull(row.from_at),
      to: asDateOrNull(row.to_at),
      verdict: row.verdict,
    }));
  }
}
