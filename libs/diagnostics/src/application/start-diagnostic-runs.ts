import { Injectable } from '@nestjs/common';
import { Installations } from '@throughline/fleet';
import { Clock, type Fault, invalid, isId, newId } from '@throughline/kernel';
import { Database, type DataScope, type EntityManager } from '@throughline/platform';
import type { Execution } from '../domain/execution.js';
import { isProcedure, type ProcedureName, procedures } from '../domain/procedure.js';
import { ExecutionStore } from '../storage/execution.store.js';
import { RunStore } from '../storage/run.store.js';
import { ExecutionChanges } from './execution-changes.js';
import { type LeftOut, MAX_TARGETS, Orders } from './orders.js';
import { keyFaults } from './send-command.js';
import { Sending } from './sending.js';

export interface StartRunsInput {
  readonly procedure: string;
  /** Machines; each is tested by the device that speaks for it now. */
  readonly assetIds: readonly string[];
  readonly deviceIds: readonly string[];
  /** The caller's name of this request: the same again gives the same runs. */
  readonly key: string;
  readonly requestedBy: string;
}

export interface StartedRuns {
  readonly runIds: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

@Injectable()
export class StartDiagnosticRuns {
  constructor(
    private readonly database: Database,
    private readonly installations: Installations,
    private readonly orders: Orders,
    private readonly executions: ExecutionStore,
    private readonly runs: RunStore,
    private readonly sending: Sending,
    private readonly changes: ExecutionChanges,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs a procedure on each of the machines, all in one batch; those it cannot run on are left out with the reason.
   * Errors: INVALID_INPUT with every fault; CONFLICT when the key stands for other commands.
   */
  async run(scope: DataScope, input: StartRunsInput): Promise<StartedRuns> {
    const { procedure, key, requestedBy } = input;
    const faults = [...keyFaults(key), ...targetFaults(input)];
    if (faults.length > 0 || !isProcedure(procedure)) throw invalid(...faults);
    const { executionIds, ...started } = await this.database.transaction(scope, async (em) => {
      const { devices, leftOut } = await this.targets(scope, input);
      const requestKey = `run:${procedure}:${key}`;
      const { command } = procedures[procedure];
      const of = { command, arguments: {}, requestKey, requestedBy };
      const { orders, leftOut: without } = await this.orders.of(em, devices, of);
      // The key makes it one request: what it made before, or another call of it makes at this moment, is not made again.
      const made = await this.sending.queue(em, scope, orders);
      const all = await this.executions.byKeys(
        em,
        devices.map(({ id }) => id),
        requestKey,
      );
      const before = await this.runs.byExecutions(
        em,
        all.map(({ id }) => id),
      );
      const batchId = before[0]?.batchId ?? newId(this.clock.now().getTime());
      const fresh = all.filter(({ id, deviceId }) => made.get(deviceId) === id);
      const runIds = await this.insertRuns(em, fresh, procedure, batchId);
      return {
        runIds: [...before.map(({ id }) => id), ...runIds],
        executionIds: [...made.values()],
        leftOut: [...leftOut, ...without],
      };
    });
    this.changes.announce(executionIds);
    return started;
  }

  /** The devices meant, each once. */
  private async targets(scope: DataScope, { assetIds, deviceIds }: StartRunsInput) {
    const leftOut: LeftOut[] = [];
    const running = await this.installations.runningOfAssets(scope, [...new Set(assetIds)]);
    const deviceOf = new Map(running.map(({ assetId, deviceId }) => [assetId, deviceId]));
    for (const id of new Set(assetIds))
      if (!deviceOf.has(id)) leftOut.push({ id, reason: 'no device speaks for this asset, or it is not yours to see' });
    const found = await this.orders.devicesOf(scope, [...deviceOf.values(), ...deviceIds]);
    return { devices: found.devices, leftOut: [...leftOut, ...found.leftOut] };
  }

  private async insertRuns(
    em: EntityManager,
    executions: readonly Execution[],
    procedure: ProcedureName,
    batchId: string,
  ): Promise<string[]> {
    const runIds: string[] = [];
    for (const { id: executionId, deviceId, assetId, customerId, requestedBy, createdAt } of executions) {
      const id = newId(createdAt.getTime());
      const nothingYet = { from: null, to: null, verdict: null };
      const run = { id, batchId, procedure, executionId, deviceId, assetId, requestedBy, createdAt, ...nothingYet };
      await this.runs.insert(em, run, customerId);
      runIds.push(id);
    }
    return runIds;
  }
}

function targetFaults({ procedure, assetIds, deviceIds }: StartRunsInput): Fault[] {
  const faults: Fault[] = [];
  if (!isProcedure(procedure))
    faults.push({ field: 'procedure', value: procedure, rule: `must be one of ${Object.keys(procedures).join(', ')}` });
  const count = assetIds.length + deviceIds.length;
  if (count === 0 || count > MAX_TARGETS)
    faults.push({ field: 'assetIds and deviceIds', value: count, rule: `must be 1 to ${MAX_TARGETS} in all` });
  for (const [field, ids] of [
    ['assetIds', assetIds],
    ['deviceIds', deviceIds],
  ] as const)
    for (const value of ids) if (!isId(value)) faults.push({ field, value, rule: 'must be ids' });
  return faults.slice(0, 20);
}
