import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { DeviceState } from '../domain/device-state.js';
import type { ExecutionStatus, JobExecution, StatusDetails } from '../domain/iot-jobs/execution.js';
import { pendingList } from './iot-job.store.js';
import type { PageOf } from './page.js';
import { asDate, uuids } from './rows.js';

/** A device as its executions need it. */
export interface Thing {
  readonly id: string;
  readonly thingName: string;
  readonly customerId: string | null;
  readonly state: DeviceState;
}

interface RawThing {
  id: string;
  thing_name: string;
  customer_id: string | null;
  state: DeviceState;
}

interface Raw {
  id: string;
  iot_job_id: string;
  job_id: string;
  device_id: string;
  customer_id: string | null;
  execution_number: number;
  status: ExecutionStatus;
  status_details: StatusDetails;
  version_number: number;
  queued_at: string;
  started_at: string | null;
  last_updated_at: string;
  in_progress_until: string | null;
  times_out_at: string | null;
}

const SELECT = 'select e.*, j.job_id from iot_job_execution e join iot_job j on j.id = e.iot_job_id';

@Injectable()
export class JobExecutionStore {
  /**
   * Holds the devices until the transaction ends, in the order of their ids: what happens to executions of one thing happens
   * one after the other, on whichever process.
   */
  async lockThings(em: EntityManager, deviceIds: readonly string[]): Promise<Thing[]> {
    const rows = await em.execute<RawThing[]>(
      'select id, thing_name, customer_id, state from device where id = any(?::uuid[]) order by id for no key update',
      [uuids(deviceIds)],
    );
    return rows.map(toThing);
  }

  async thingsByName(em: EntityManager, thingNames: readonly string[]): Promise<Thing[]> {
    const rows = await em.execute<RawThing[]>(
      `select id, thing_name, customer_id, state from device
       where thing_name in (select json_array_elements_text(?::json))`,
      [JSON.stringify(thingNames)],
    );
    return rows.map(toThing);
  }

  /** How much the devices still have to do; those with nothing are left out. */
  async pendingCounts(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await em.execute<{ device_id: string; n: number }[]>(
      `select device_id, count(*)::int as n from iot_job_execution
       where device_id = any(?::uuid[]) and status in (${pendingList}) group by device_id`,
      [uuids(deviceIds)],
    );
    return new Map(rows.map((row) => [row.device_id, row.n]));
  }

  /** What the devices still have to do, in no order. */
  async pendingOf(em: EntityManager, deviceIds: readonly string[]): Promise<JobExecution[]> {
    return this.list(em, `where e.device_id = any(?::uuid[]) and e.status in (${pendingList})`, [uuids(deviceIds)]);
  }

  /** The latest execution of the job on the thing, or the one with that number. */
  async ofThing(
    em: EntityManager,
    deviceId: string,
    jobId: string,
    executionNumber?: number,
  ): Promise<JobExecution | undefined> {
    const [found] = await this.list(
      em,
      `where e.device_id = ? and j.job_id = ? ${executionNumber === undefined ? '' : 'and e.execution_number = ?'}
       order by e.execution_number desc limit 1`,
      [deviceId, jobId, ...(executionNumber === undefined ? [] : [executionNumber])],
    );
    return found;
  }

  async byIds(em: EntityManager, ids: readonly string[]): Promise<JobExecution[]> {
    return this.list(em, 'where e.id = any(?::uuid[])', [uuids(ids.filter(isId))]);
  }

  /** Every execution of a job on a thing, oldest first. */
  async tries(em: EntityManager, iotJobId: string, deviceId: string): Promise<JobExecution[]> {
    return this.list(em, 'where e.iot_job_id = ? and e.device_id = ? order by e.execution_number', [
      iotJobId,
      deviceId,
    ]);
  }

  /** Of a job, those with one of the statuses, by device; at most `limit`. */
  async ofJob(
    em: EntityManager,
    iotJobId: string,
    statuses: readonly ExecutionStatus[],
    limit: number,
  ): Promise<JobExecution[]> {
    return this.list(
      em,
      `where e.iot_job_id = ? and e.status in (${statuses.map(() => '?').join(', ')}) order by e.device_id limit ?`,
      [iotJobId, ...statuses, limit],
    );
  }

  /** Those whose time is over, longest first. */
  async overdue(em: EntityManager, now: Date, limit: number): Promise<JobExecution[]> {
    return this.list(em, `where e.status = 'IN_PROGRESS' and e.times_out_at <= ? order by e.times_out_at limit ?`, [
      now,
      limit,
    ]);
  }

  /** In the order they were queued. */
  async page(
    em: EntityManager,
    filter: { iotJobId: string; status?: ExecutionStatus | undefined },
    limit: number,
    afterId?: string,
  ): Promise<PageOf<JobExecution>> {
    const conditions = ['e.iot_job_id = ?'];
    const values: unknown[] = [filter.iotJobId];
    if (filter.status) {
      conditions.push('e.status = ?');
      values.push(filter.status);
    }
    const [count] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from iot_job_execution e where ${conditions.join(' and ')}`,
      values,
    );
    if (afterId !== undefined) {
      conditions.push('e.id > ?');
      values.push(afterId);
    }
    const rows = await this.list(em, `where ${conditions.join(' and ')} order by e.id limit ?`, [...values, limit]);
    return { rows, total: count?.n ?? 0 };
  }

  /** Newest first, at most `first` a device. */
  async latestOfDevices(em: EntityManager, deviceIds: readonly string[], first: number): Promise<JobExecution[]> {
    return this.list(
      em,
      `where e.id in (select p.id from unnest(?::uuid[]) as d(id) cross join lateral (
         select id from iot_job_execution where device_id = d.id order by queued_at desc, id desc limit ?) p)
       order by e.queued_at desc, e.id desc`,
      [uuids(deviceIds), first],
    );
  }

  /** Queues the job for the things; `ids` are the executions', in the things' order. */
  async queue(
    em: EntityManager,
    iotJobId: string,
    things: readonly Thing[],
    ids: readonly string[],
    at: Date,
  ): Promise<void> {
    await em.execute(
      `insert into iot_job_execution (id, iot_job_id, device_id, customer_id, execution_number, status, status_details,
         version_number, queued_at, last_updated_at)
       select t.id, ?, d.id, d.customer_id, 1, 'QUEUED', '{}'::jsonb, 1, ?, ?
       from unnest(?::uuid[], ?::uuid[]) as t(id, device_id) join device d on d.id = t.device_id`,
      [iotJobId, at, at, uuids(ids), uuids(things.map(({ id }) => id))],
    );
  }

  async insert(em: EntityManager, e: JobExecution): Promise<void> {
    await em.execute(
      `insert into iot_job_execution (id, iot_job_id, device_id, customer_id, execution_number, status, status_details,
         version_number, queued_at, started_at, last_updated_at, in_progress_until, times_out_at)
       values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?)`,
      [
        e.id,
        e.iotJobId,
        e.deviceId,
        e.customerId,
        e.executionNumber,
        e.status,
        JSON.stringify(e.statusDetails),
        e.versionNumber,
        e.queuedAt,
        e.startedAt,
        e.lastUpdatedAt,
        e.inProgressUntil,
        e.timesOutAt,
      ],
    );
  }

  /** False when the execution was changed or deleted since it was read. */
  async save(em: EntityManager, e: JobExecution, formerVersion: number): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `update iot_job_execution set status = ?, status_details = ?::jsonb, version_number = ?, started_at = ?,
         last_updated_at = ?, in_progress_until = ?, times_out_at = ?
       where id = ? and version_number = ? returning id`,
      [
        e.status,
        JSON.stringify(e.statusDetails),
        e.versionNumber,
        e.startedAt,
        e.lastUpdatedAt,
        e.inProgressUntil,
        e.timesOutAt,
        e.id,
        formerVersion,
      ],
    );
    return rows.length === 1;
  }

  /** As `save` for executions that end, each one version after the one it was read with. Gives the number of those saved. */
  async saveEnded(em: EntityManager, ended: readonly JobExecution[]): Promise<number> {
    const rows = await em.execute<unknown[]>(
      `update iot_job_execution e set status = n.status, version_number = n.version, last_updated_at = n.at, times_out_at = null
       from jsonb_to_recordset(?::jsonb) as n(id uuid, status text, version int, at timestamptz)
       where e.id = n.id and e.version_number = n.version - 1 returning e.id`,
      [
        JSON.stringify(
          ended.map(({ id, status, versionNumber, lastUpdatedAt }) => ({
            id,
            status,
            version: versionNumber,
            at: lastUpdatedAt,
          })),
        ),
      ],
    );
    return rows.length;
  }

  async remove(em: EntityManager, ids: readonly string[]): Promise<void> {
    await em.execute('delete from iot_job_execution where id = any(?::uuid[])', [uuids(ids)]);
  }

  private async list(em: EntityManager, rest: string, values: unknown[]): Promise<JobExecution[]> {
    return (await em.execute<Raw[]>(`${SELECT} ${rest}`, values)).map(fromRaw);
  }
}

const toThing = (row: RawThing): Thing => ({
  id: row.id,
  thingName: row.thing_name,
  customerId: row.customer_id,
  state: row.state,
});

const orNull = (value: string | null): Date | null => (value === null ? null : asDate(value));

const fromRaw = (row: Raw): JobExecution => ({
  id: row.id,
  iotJobId: row.iot_job_id,
  jobId: row.job_id,
  deviceId: row.device_id,
  customerId: row.customer_id,
  executionNumber: row.execution_number,
  status: row.status,
  statusDetails: row.status_details,
  versionNumber: row.version_number,
  queuedAt: asDate(row.queued_at),
  startedAt: orNull(row.started_at),
  lastUpdatedAt: asDate(row.last_updated_at),
  inProgressUntil: orNull(row.in_progress_until),
  timesOutAt: orNull(row.times_out_at),
});
