import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import type { DeviceState } from '../domain/device-state.js';
import type { IotJobStatus } from '../domain/iot-jobs/iot-job.js';
import { uuids } from './rows.js';

/** A device that AWS IoT does not have as it is here. */
export interface BehindDevice {
  readonly id: string;
  readonly thingName: string;
  readonly state: DeviceState;
  /** What AWS IoT has: "open", "closed", "gone"; null: nothing. */
  readonly awsState: string | null;
  /** What went wrong the last time. */
  readonly problem: string | null;
}

export interface MirroredCertificate {
  readonly id: string;
  readonly fingerprint: string;
  readonly state: 'active' | 'revoked';
  readonly awsState: string | null;
  /** Kept for those issued in AWS mode. */
  readonly pem: string | null;
}

export interface BehindJob {
  readonly id: string;
  readonly jobId: string;
  readonly status: IotJobStatus;
  readonly forced: boolean;
}

export const awsStateOf = (state: DeviceState): 'open' | 'closed' | 'gone' =>
  state === 'retired' ? 'gone' : state === 'suspended' ? 'closed' : 'open';

/** As the partial index has it. */
const deviceBehind = `aws_state is distinct from (case state when 'retired' then 'gone' when 'suspended' then 'closed' else 'open' end)`;

const jobBehind = `(status = 'IN_PROGRESS' and (aws_state is null or aws_state = 'creating'))
  or (status = 'CANCELED' and (aws_state in ('creating', 'created') or (forced and aws_state = 'canceled')))
  or (status = 'DELETION_IN_PROGRESS' and aws_state is not null and not unsettled)`;

/** What of the registry AWS IoT does not have yet is known from the rows themselves, so nothing is missed whatever dies. */
@Injectable()
export class AwsMirrorStore {
  /** Takes some that are behind and due; others that ask leave them alone until `until`. */
  async claimDevices(em: EntityManager, now: Date, until: Date, limit: number): Promise<BehindDevice[]> {
    return em.execute<BehindDevice[]>(
      `update device set aws_retry_at = ? where id in (
         select id from device where (aws_retry_at is null or aws_retry_at <= ?) and id in (
           select id from device where ${deviceBehind}
           union select device_id from certificate where aws_state is distinct from state)
         order by id limit ? for update skip locked)
       returning id, thing_name as "thingName", state, aws_state as "awsState", aws_error as problem`,
      [until, now, limit],
    );
  }

  async certificatesOf(em: EntityManager, deviceId: string): Promise<MirroredCertificate[]> {
    return em.execute<MirroredCertificate[]>(
      `select id, fingerprint, state, aws_state as "awsState", pem from certificate where device_id = ? order by created_at, id`,
      [deviceId],
    );
  }

  /** AWS IoT has it as it was read. What changed meanwhile stays behind. */
  async deviceDone(
    em: EntityManager,
    id: string,
    awsState: string,
    certificates: readonly { id: string; state: string }[],
  ): Promise<void> {
    await em.execute('update device set aws_state = ?, aws_error = null, aws_retry_at = null where id = ?', [
      awsState,
      id,
    ]);
    await em.execute(
      `update certificate c set aws_state = n.state from jsonb_to_recordset(?::jsonb) as n(id uuid, state text) where c.id = n.id`,
      [JSON.stringify(certificates.map(({ id: certificateId, state }) => ({ id: certificateId, state })))],
    );
  }

  async deviceFailed(em: EntityManager, id: string, error: string, retryAt: Date): Promise<void> {
    await em.execute('update device set aws_error = ?, aws_retry_at = ? where id = ?', [error, retryAt, id]);
  }

  /** As `claimDevices`. One to be created is marked, so that nobody forgets it while AWS IoT may have it. */
  async claimJobs(em: EntityManager, now: Date, until: Date, limit: number): Promise<BehindJob[]> {
    return em.execute<BehindJob[]>(
      `update iot_job set aws_retry_at = ?, aws_state = coalesce(aws_state, 'creating') where id in (
         select id from iot_job where (${jobBehind}) and (aws_retry_at is null or aws_retry_at <= ?)
         order by id limit ? for update skip locked)
       returning id, job_id as "jobId", status, forced`,
      [until, now, limit],
    );
  }

  /** Things of a job's pending executions, and whether AWS IoT has them all. */
  async targetsOf(em: EntityManager, iotJobId: string): Promise<{ id: string; thingName: string; there: boolean }[]> {
    return em.execute(
      `select distinct d.id, d.thing_name as "thingName", d.aws_state is not null as there
       from iot_job_execution e join device d on d.id = e.device_id
       where e.iot_job_id = ? and e.status in ('QUEUED', 'IN_PROGRESS') order by d.thing_name`,
      [iotJobId],
    );
  }

  async jobDone(em: EntityManager, id: string, awsState: 'created' | 'canceled' | 'forced'): Promise<void> {
    await em.execute('update iot_job set aws_state = ?, aws_error = null, aws_retry_at = null where id = ?', [
      awsState,
      id,
    ]);
  }

  async jobFailed(em: EntityManager, id: string, error: string, retryAt: Date | null): Promise<void> {
    await em.execute('update iot_job set aws_error = ?, aws_retry_at = ? where id = ?', [error, retryAt, id]);
  }

  async forgetJob(em: EntityManager, id: string): Promise<void> {
    await em.execute('delete from iot_job where id = ?', [id]);
  }

  /** Executions that AWS IoT may have news of, by id, after one. */
  async pendingAtAws(
    em: EntityManager,
    limit: number,
    afterId: string | undefined,
  ): Promise<{ id: string; jobId: string; thingName: string }[]> {
    return em.execute(
      `select e.id, j.job_id as "jobId", d.thing_name as "thingName"
       from iot_job_execution e join iot_job j on j.id = e.iot_job_id join device d on d.id = e.device_id
       where e.status in ('QUEUED', 'IN_PROGRESS') and j.aws_state in ('created', 'canceled', 'forced')
         and j.status <> 'DELETION_IN_PROGRESS' and (?::uuid is null or e.id > ?) order by e.id limit ?`,
      [afterId ?? null, afterId ?? null, limit],
    );
  }

  /** Jobs of which nothing is pending here and which are not over: AWS IoT says whether a retry follows. */
  async unfinished(em: EntityManager, limit: number): Promise<string[]> {
    const rows = await em.execute<{ job_id: string }[]>(
      `select job_id from iot_job j where aws_state in ('created', 'canceled', 'forced') and completed_at is null
         and status <> 'DELETION_IN_PROGRESS' and not exists (
           select 1 from iot_job_execution e where e.iot_job_id = j.id and e.status in ('QUEUED', 'IN_PROGRESS'))
       order by id limit ?`,
      [limit],
    );
    return rows.map((row) => row.job_id);
  }

  /** What went wrong, by the id of the device. */
  async deviceErrors(em: EntityManager, ids: readonly string[]): Promise<Map<string, string>> {
    return this.errors(em, 'device', ids);
  }

  async jobErrors(em: EntityManager, ids: readonly string[]): Promise<Map<string, string>> {
    return this.errors(em, 'iot_job', ids);
  }

  private async errors(em: EntityManager, table: 'device' | 'iot_job', ids: readonly string[]) {
    const rows = await em.execute<{ id: string; aws_error: string }[]>(
      `select id, aws_error from ${table} where id = any(?::uuid[]) and aws_error is not null`,
      [uuids(ids)],
    );
    return new Map(rows.map((row) => [row.id, row.aws_error]));
  }
}
