import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import type { EntityManager } from '@throughline/platform';
import type { Execution } from '../domain/execution.js';
import { asDate, asDateOrNull, uuids } from './rows.js';

interface Raw {
  id: string;
  device_id: string;
  asset_id: string | null;
  customer_id: string | null;
  definition_id: string;
  command: string;
  title: string;
  version: number;
  request_key: string;
  arguments: Execution['arguments'];
  requested_by: string;
  created_at: string;
  expires_at: string;
  timeout_s: number;
  state: Execution['state'];
  sent_at: string | null;
  deliveries: number;
  deadline_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  updated_at: string;
  reason_code: string | null;
  reason_description: string | null;
  progress_percent: number | null;
  progress_step: string | null;
  log: string | null;
  result: Execution['result'];
  result_faults: Execution['resultFaults'];
  late: boolean;
  last_answer: Execution['lastAnswer'];
}

const from = `select e.*, d.name as command, d.title, d.version from command_execution e
  join command_definition d on d.id = e.definition_id`;

/** Whose executions a list shows. */
export type ExecutionsOf = { readonly assetId: string } | { readonly deviceId: string };

@Injectable()
export class ExecutionStore {
  async byIds(em: EntityManager, ids: readonly string[]): Promise<Execution[]> {
    return this.list(em, 'where e.id = any(?::uuid[])', [uuids(ids.filter(isId))]);
  }

  async byKeys(em: EntityManager, deviceIds: readonly string[], requestKey: string): Promise<Execution[]> {
    return this.list(em, 'where e.device_id = any(?::uuid[]) and e.request_key = ?', [uuids(deviceIds), requestKey]);
  }

  /** Newest first. `after`: the last one of the page before. */
  async page(em: EntityManager, of: ExecutionsOf, limit: number, after?: { createdAt: Date; id: string }) {
    const [column, value] = 'assetId' in of ? ['asset_id', of.assetId] : ['device_id', of.deviceId];
    const [count] = await em.execute<{ n: number }[]>(
      `select count(*)::int as n from command_execution where ${column} = ?`,
      [value],
    );
    const rows = await this.list(
      em,
      `where e.${column} = ? ${after ? 'and (e.created_at, e.id) < (?, ?)' : ''} order by e.created_at desc, e.id desc limit ?`,
      [value, ...(after ? [after.createdAt, after.id] : []), limit],
    );
    return { rows, total: count?.n ?? 0 };
  }

  /** Those of an asset that are not at their end, oldest first. */
  async openOfAsset(em: EntityManager, assetId: string, limit: number): Promise<Execution[]> {
    return this.list(
      em,
      `where e.asset_id = ? and e.state in ('queued', 'sent', 'in_progress') order by e.created_at, e.id limit ?`,
      [assetId, limit],
    );
  }

  /** Of these the ones that belong to the asset. */
  async ofAsset(em: EntityManager, assetId: string, ids: readonly string[]): Promise<Execution[]> {
    return this.list(em, 'where e.asset_id = ? and e.id = any(?::uuid[])', [assetId, uuids(ids.filter(isId))]);
  }

  /** Holds it until the transaction ends. */
  async lock(em: EntityManager, id: string): Promise<Execution | undefined> {
    if (!isId(id)) return undefined;
    return (await this.list(em, 'where e.id = ? for update of e', [id]))[0];
  }

  /** Whether a device has what may be sent to it; cheap, for every device that begins to listen. */
  async anyUnanswered(em: EntityManager, deviceId: string): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `select 1 from command_execution where device_id = ? and state in ('queued', 'sent') limit 1`,
      [deviceId],
    );
    return rows.length > 0;
  }

  /** Those not answered yet, oldest first, held until the transaction ends. */
  async lockUnanswered(em: EntityManager, deviceIds: readonly string[], limit: number): Promise<Execution[]> {
    return this.list(
      em,
      `where e.device_id = any(?::uuid[]) and e.state in ('queued', 'sent') order by e.created_at, e.id limit ? for update of e`,
      [uuids(deviceIds), limit],
    );
  }

  /** Devices for which something waits since before an instant, in the order of their ids, from the one after `after` on. */
  async devicesWaiting(em: EntityManager, since: Date, limit: number, after?: string): Promise<string[]> {
    const rows = await em.execute<{ device_id: string }[]>(
      `select distinct device_id from command_execution where state = 'queued' and created_at < ? ${after ? 'and device_id > ?' : ''}
       order by device_id limit ?`,
      [since, ...(after ? [after] : []), limit],
    );
    return rows.map((row) => row.device_id);
  }

  /** Past their time, held until the transaction ends; those that others hold are left to them. */
  async lockOverdue(em: EntityManager, now: Date, limit: number): Promise<Execution[]> {
    return this.list(
      em,
      `where e.id in (
         (select id from command_execution where state = 'queued' and expires_at <= ? order by expires_at limit ?)
         union all
         (select id from command_execution where state in ('sent', 'in_progress') and deadline_at <= ? order by deadline_at limit ?))
       for update of e skip locked`,
      [now, limit, now, limit],
    );
  }

  /** False when the device's key is taken. */
  async insert(em: EntityManager, e: Execution): Promise<boolean> {
    const rows = await em.execute<unknown[]>(
      `insert into command_execution (id, device_id, asset_id, customer_id, definition_id, request_key, arguments, requested_by,
         created_at, expires_at, timeout_s, state, deliveries, updated_at, late)
       values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, false) on conflict (device_id, request_key) do nothing returning id`,
      [
        e.id,
        e.deviceId,
        e.assetId,
        e.customerId,
        e.definitionId,
        e.requestKey,
        JSON.stringify(e.arguments),
        e.requestedBy,
        e.createdAt,
        e.expiresAt,
        e.timeoutSeconds,
        e.state,
        e.deliveries,
        e.updatedAt,
      ],
    );
    return rows.length === 1;
  }

  /** What changes in an execution's life. */
  async update(em: EntityManager, e: Execution): Promise<void> {
    await em.execute(
      `update command_execution set state = ?, sent_at = ?, deliveries = ?, deadline_at = ?, started_at = ?, ended_at = ?,
         updated_at = ?, reason_code = ?, reason_description = ?, progress_percent = ?, progress_step = ?, log = ?,
         result = ?::jsonb, result_faults = ?::jsonb, late = ?, last_answer = ?::jsonb
       where id = ?`,
      [
        e.state,
        e.sentAt,
        e.deliveries,
        e.deadlineAt,
        e.startedAt,
        e.endedAt,
        e.updatedAt,
        e.reasonCode,
        e.reasonDescription,
        e.progressPercent,
        e.progressStep,
        e.log,
        json(e.result),
        json(e.resultFaults),
        e.late,
        json(e.lastAnswer),
        e.id,
      ],
    );
  }

  private async list(em: EntityManager, rest: string, values: unknown[]): Promise<Execution[]> {
    return (await em.execute<Raw[]>(`${from} ${rest}`, values)).map(toExecution);
  }
}

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const toExecution = (row: Raw): Execution => ({
  id: row.id,
  deviceId: row.device_id,
  assetId: row.asset_id,
  customerId: row.customer_id,
  definitionId: row.definition_id,
  command: row.command,
  title: row.title,
  version: row.version,
  requestKey: row.request_key,
  arguments: row.arguments,
  requestedBy: row.requested_by,
  createdAt: asDate(row.created_at),
  expiresAt: asDate(row.expires_at),
  timeoutSeconds: row.timeout_s,
  state: row.state,
  sentAt: asDateOrNull(row.sent_at),
  deliveries: row.deliveries,
  deadlineAt: asDateOrNull(row.deadline_at),
  startedAt: asDateOrNull(row.started_at),
  endedAt: asDateOrNull(row.ended_at),
  updatedAt: asDate(row.updated_at),
  reasonCode: row.reason_code,
  reasonDescription: row.reason_description,
  progressPercent: row.progress_percent,
  progressStep: row.progress_step,
  log: row.log,
  result: row.result,
  resultFaults: row.result_faults,
  late: row.late,
  lastAnswer: row.last_answer,
});
