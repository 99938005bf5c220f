import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import { type ExecutionStatus, executionStatuses, pendingStatuses } from '../domain/iot-jobs/execution.js';
import type { IotJob, IotJobStatus, RetryCriterion, StatusCounts } from '../domain/iot-jobs/iot-job.js';
import { containing, type PageOf } from './page.js';
import { asDate, uuids } from './rows.js';

/** Which jobs; fields that are missing do not narrow the list. `search` looks into name and description. */
export interface IotJobFilter {
  readonly search?: string | undefined;
  readonly status?: IotJobStatus | undefined;
}

/** A job that was cancelled or is being deleted, and what its executions have to follow. */
export interface UnsettledJob {
  readonly id: string;
  readonly status: IotJobStatus;
  readonly forced: boolean;
}

interface Raw {
  id: string;
  job_id: string;
  description: string;
  document: string;
  target_label: string;
  status: IotJobStatus;
  in_progress_timeout_minutes: number | null;
  retries: RetryCriterion[];
  created_by: string;
  created_at: string;
  last_updated_at: string;
  completed_at: string | null;
}

@Injectable()
export class IotJobStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<IotJob[]> {
    const rows = await em.execute<Raw[]>('select * from iot_job where id = any(?::uuid[])', [uuids(ids.filter(isId))]);
    return rows.map(fromRaw);
  }

  async byJobId(em: EntityManager, jobId: string): Promise<IotJob | undefined> {
    const [row] = await em.execute<Raw[]>('select * from iot_job where job_id = ?', [jobId]);
    return row && fromRaw(row);
  }

  /** Newest first. */
  async page(em: EntityManager, filter: IotJobFilter, limit: number, afterId?: string): Promise<PageOf<IotJob>> {
    const conditions = ['true'];
    const values: unknown[] = [];
    if (filter.search) {
      conditions.push('(job_id ilike ? or description ilike ?)');
      values.push(containing(filter.search), containing(filter.search));
    }
    if (filter.status) {
      conditions.push('status = ?');
      values.push(filter.status);
    }
    const [count] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from iot_job where ${conditions.join(' and ')}`,
      values,
    );
    if (afterId !== undefined) {
      conditions.push('id < ?');
      values.push(afterId);
    }
    const rows = await em.execute<Raw[]>(
      `select * from iot_job where ${conditions.join(' and ')} order by id desc limit ?`,
      [...values, limit],
    );
    return { rows: rows.map(fromRaw), total: count?.n ?? 0 };
  }

  /** False when the job's name is taken. */
  async insert(em: EntityManager, job: IotJob): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into iot_job (id, job_id, description, document, target_label, status, in_progress_timeout_minutes, retries,
         forced, unsettled, created_by, created_at, last_updated_at)
       values (?, ?, ?, ?, ?, ?, ?, ?::jsonb, false, false, ?, ?, ?) on conflict (job_id) do nothing returning id`,
      [
        job.id,
        job.jobId,
        job.description,
        job.document,
        job.targetLabel,
        job.status,
        job.inProgressTimeoutMinutes,
        JSON.stringify(job.retries),
        job.createdBy,
        job.createdAt,
        job.lastUpdatedAt,
      ],
    );
    return rows.length === 1;
  }

  /**
   * Holds the job until the transaction ends. Whoever also holds devices has taken those first. What was committed while this
   * waited is seen by the statements after it.
   */
  async lock(em: EntityManager, id: string): Promise<IotJob | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await em.execute<Raw[]>('select * from iot_job where id = ? for no key update', [id]);
    return row && fromRaw(row);
  }

  /** From now on its executions have to follow, this one's and those that were forgotten when a process died. */
  async end(em: EntityManager, id: string, to: IotJobStatus, forced: boolean, at: Date): Promise<void> {
    await em.execute(
      `update iot_job set status = ?, forced = forced or ?, unsettled = true, last_updated_at = ? where id = ?`,
      [to, forced, at, id],
    );
  }

  async unsettled(em: EntityManager, limit: number): Promise<UnsettledJob[]> {
    return em.execute<UnsettledJob[]>('select id, status, forced from iot_job where unsettled order by id limit ?', [
      limit,
    ]);
  }

  async setSettled(em: EntityManager, id: string): Promise<void> {
    await em.execute('update iot_job set unsettled = false where id = ?', [id]);
  }

  /** No execution is pending any more. */
  async complete(em: EntityManager, id: string, status: IotJobStatus, at: Date): Promise<void> {
    await em.execute('update iot_job set status = ?, completed_at = ?, last_updated_at = ? where id = ?', [
      status,
      at,
      at,
      id,
    ]);
  }

  /** Not one that AWS IoT has: that is deleted there first. */
  async remove(em: EntityManager, id: string): Promise<void> {
    await em.execute('delete from iot_job where id = ? and aws_state is null', [id]);
  }

  async hasPending(em: EntityManager, id: string): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `select 1 from iot_job_execution where iot_job_id = ? and status in (${pendingList}) limit 1`,
      [id],
    );
    return rows.length > 0;
  }

  /** How many things are where, by the latest execution of each. */
  async counts(em: EntityManager, ids: readonly string[]): Promise<Map<string, StatusCounts>> {
    const rows = await em.execute<{ iot_job_id: string; status: ExecutionStatus; n: number }[]>(
      `select iot_job_id, status, count(*)::int as n from (
         select distinct on (iot_job_id, device_id) iot_job_id, status from iot_job_execution
         where iot_job_id = any(?::uuid[]) order by iot_job_id, device_id, execution_number desc) latest
       group by iot_job_id, status`,
      [uuids(ids)],
    );
    return new Map(
      ids.map((id) => [
        id,
        Object.fromEntries(
          executionStatuses.map((status) => [
            status,
            rows.find((row) => row.iot_job_id === id && row.status === status)?.n ?? 0,
          ]),
        ) as Record<ExecutionStatus, number>,
      ]),
    );
  }
}

/** For `status in (…)`. */
export const pendingList = pendingStatuses.map((status) => `'${status}'`).join(', ');

const fromRaw = (row: Raw): IotJob => ({
  id: row.id,
  jobId: row.job_id,
  description: row.description,
  document: row.document,
  targetLabel: row.target_label,
  status: row.status,
  inProgressTimeoutMinutes: row.in_progress_timeout_minutes,
  retries: row.retries,
  createdBy: row.created_by,
  createdAt: asDate(row.created_at),
  lastUpdatedAt: asDate(row.last_updated_at),
  completedAt: row.completed_at === null ? null : asDate(row.completed_at),
});
