import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, type EntityManager, keysetPage, type PageRequest } from '@throughline/platform';
import { RolloutDevice as RolloutDeviceRow } from '@throughline/schema/ota';
import {
  isUnderWay,
  type Reported,
  type RolloutDevice,
  type RolloutDeviceState,
  rolloutDeviceStates,
} from '../domain/rollout.js';
import { plain, uuids } from './rows.js';

const underWay = rolloutDeviceStates.filter(isUnderWay);
const UNDER_WAY = underWay.map((state) => `'${state}'`).join(', ');
const INSERT_BATCH = 1_000;

@Injectable()
export class RolloutDeviceStore {
  async insert(em: EntityManager, devices: readonly RolloutDevice[]): Promise<void> {
    for (let i = 0; i < devices.length; i += INSERT_BATCH)
      await em.execute(
        `insert into rollout_device (rollout_id, device_id, artefact_id, job_id, state, why, changed_at)
         select d.rollout_id, d.device_id, d.artefact_id, d.job_id, d.state, d.why, d.changed_at
         from jsonb_to_recordset(?::jsonb) as d(rollout_id uuid, device_id uuid, artefact_id uuid, job_id text, state text,
           why text, changed_at timestamptz)`,
        [
          JSON.stringify(
            devices.slice(i, i + INSERT_BATCH).map((device) => ({
              rollout_id: device.rolloutId,
              device_id: device.deviceId,
              artefact_id: device.artefactId,
              job_id: device.jobId,
              state: device.state,
              why: device.why,
              changed_at: device.changedAt,
            })),
          ),
        ],
      );
  }

  /** By device id. */
  async page(
    em: EntityManager,
    rolloutId: string,
    state: RolloutDeviceState | undefined,
    page: PageRequest,
  ): Promise<Connection<RolloutDevice>> {
    const found = await keysetPage(em, RolloutDeviceRow, {
      list: `rollout ${rolloutId}`,
      where: state === undefined ? { rolloutId } : { rolloutId, state },
      sort: [{ property: 'deviceId', type: 'string', direction: 'asc' }],
      page,
    });
    return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toDevice(node) })) };
  }

  /** How many devices of each rollout are in each state. */
  async counts(
    em: EntityManager,
    rolloutIds: readonly string[],
  ): Promise<{ rolloutId: string; state: RolloutDeviceState; count: number }[]> {
    const rows = await em.execute<{ rollout_id: string; state: RolloutDeviceState; n: number }[]>(
      `select rollout_id, state, count(*)::int as n from rollout_device where rollout_id = any(?::uuid[]) group by 1, 2`,
      [uuids(rolloutIds)],
    );
    return rows.map((row) => ({ rolloutId: row.rollout_id, state: row.state, count: row.n }));
  }

  async hasUnderWay(em: EntityManager, rolloutId: string): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `select 1 from rollout_device where rollout_id = ? and state in (${UNDER_WAY}) limit 1`,
      [rolloutId],
    );
    return rows.length > 0;
  }

  /** Device → rollout it is under way in. */
  async busy(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await em.execute<{ device_id: string; rollout_id: string }[]>(
      `select device_id, rollout_id from rollout_device where device_id = any(?::uuid[]) and state in (${UNDER_WAY})`,
      [uuids(deviceIds)],
    );
    return new Map(rows.map((row) => [row.device_id, row.rollout_id]));
  }

  /** Device → what it last said it runs. */
  async reported(em: EntityManager, deviceIds: readonly string[]): Promise<Map<string, Reported>> {
    const rows = await em.execute<
      { device_id: string; version: string; counter: number | null; hardware: string | null; at: string }[]
    >(
      `select distinct on (device_id) device_id, reported_version as version, reported_counter as counter,
         reported_hardware as hardware, reported_at as at
       from rollout_device where device_id = any(?::uuid[]) and reported_version is not null
       order by device_id, reported_at desc`,
      [uuids(deviceIds.filter(isId))],
    );
    return new Map(rows.map(({ device_id, ...said }) => [device_id, { ...said, at: new Date(said.at) }]));
  }

  async jobIdsOf(em: EntityManager, rolloutId: string): Promise<string[]> {
    const rows = await em.execute<{ job_id: string }[]>(
      'select distinct job_id from rollout_device where rollout_id = ? and job_id is not null order by job_id',
      [rolloutId],
    );
    return rows.map((row) => row.job_id);
  }

  /** Devices that have been under way without news since `before`, longest first. */
  async silentSince(em: EntityManager, before: Date, limit: number): Promise<RolloutDevice[]> {
    const where = { state: { $in: underWay }, changedAt: { $lt: before } };
    const rows = await em.find(RolloutDeviceRow, where, { ...plain, orderBy: { changedAt: 'asc' }, limit });
    return rows.map(toDevice);
  }

  /** The device's row by the job that carries the update, held until the transaction ends. */
  async lockByJob(em: EntityManager, jobId: string, deviceId: string): Promise<RolloutDevice | undefined> {
    await em.execute('select 1 from rollout_device where job_id = ? and device_id = ? for update', [jobId, deviceId]);
    const row = await em.findOne(RolloutDeviceRow, { jobId, deviceId }, plain);
    return row ? toDevice(row) : undefined;
  }

  async save(em: EntityManager, device: RolloutDevice): Promise<void> {
    await em.execute(
      `update rollout_device set state = ?, percent = ?, why = ?, execution_number = ?, execution_version = ?,
         reported_version = ?, reported_counter = ?, reported_hardware = ?, reported_at = ?, changed_at = ?
       where rollout_id = ? and device_id = ?`,
      [
        device.state,
        device.percent,
        device.why,
        device.executionNumber,
        device.executionVersion,
        device.reported?.version ?? null,
        device.reported?.counter ?? null,
        device.reported?.hardware ?? null,
        device.reported?.at ?? null,
        device.changedAt,
        device.rolloutId,
        device.deviceId,
      ],
    );
  }
}

const toDevice = (row: RolloutDeviceRow): RolloutDevice => ({
  rolloutId: row.rolloutId,
  deviceId: row.deviceId,
  artefactId: row.artefactId ?? null,
  jobId: row.jobId ?? null,
  state: row.state,
  percent: row.percent ?? null,
  why: row.why ?? null,
  executionNumber: row.executionNumber,
  executionVersion: row.executionVersion,
  reported:
    row.reportedVersion && row.reportedAt
      ? {
          version: row.reportedVersion,
          counter: row.reportedCounter ?? null,
          hardware: row.reportedHardware ?? null,
          at: row.reportedAt,
        }
      : null,
  changedAt: row.changedAt,
});
