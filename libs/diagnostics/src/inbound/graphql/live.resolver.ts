import { setTimeout as sleep } from 'node:timers/promises';
import { Args, Context, ID, Resolver, Subscription } from '@nestjs/graphql';
import {
  Authenticate,
  CurrentScope,
  type IdentityContext,
  type Permission,
  type RequestScope,
  Requires,
  requirePermission,
} from '@throughline/identity';
import { type DataScope, type Fault, invalid, isId } from '@throughline/kernel';
import { LiveSignals, liveFeed } from '@throughline/platform';
import { DiagnosticRuns } from '../../application/diagnostic-runs.js';
import { Executions } from '../../application/executions.js';
import { toExecution, toRun } from './shapes.js';
import { CommandExecutionType, DiagnosticRunType } from './types.js';

/** One is told of changes at most this often. */
const SPACING_MS = 500;
const MAX_IDS = 500;

type Feed<T> = AsyncIterableIterator<T, undefined>;

/** Commands and runs as they go on. Each look is made as the caller, with what it may see by then. */
@Resolver()
export class LiveResolver {
  constructor(
    private readonly signals: LiveSignals,
    private readonly executions: Executions,
    private readonly runs: DiagnosticRuns,
    private readonly authenticate: Authenticate,
  ) {}

  @Requires('commands:read')
  @Subscription(() => CommandExecutionType, {
    resolve: (execution: CommandExecutionType) => execution,
    description: 'Commands of an asset or those named, as they go on; begins with the unfinished, or with those named',
  })
  async commandExecutions(
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
    @Args('assetId', { type: () => ID, nullable: true }) assetId?: string | null,
    @Args('executionIds', { type: () => [ID], nullable: true }) executionIds?: string[] | null,
  ): Promise<Feed<CommandExecutionType>> {
    checkOne({ assetId: assetId ? [assetId] : null, executionIds });
    const initially = assetId
      ? (await this.executions.openOfAsset(scope.data, assetId)).map(({ id }) => id)
      : (executionIds ?? []);
    return this.feed(scope, context, 'commands:read', executionIds, initially, async (data, ids) => {
      const found = assetId
        ? await this.executions.manyOfAsset(data, assetId, ids)
        : await this.executions.many(data, ids);
      return found.map(toExecution);
    });
  }

  @Requires('telemetry:read')
  @Subscription(() => DiagnosticRunType, {
    resolve: (run: DiagnosticRunType) => run,
    description: 'Runs of an asset or of a batch, as they go on; begins with the unfinished, or with all of the batch',
  })
  async diagnosticRunLive(
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
    @Args('assetId', { type: () => ID, nullable: true }) assetId?: string | null,
    @Args('batchId', { type: () => ID, nullable: true }) batchId?: string | null,
  ): Promise<Feed<DiagnosticRunType>> {
    checkOne({ assetId: assetId ? [assetId] : null, batchId: batchId ? [batchId] : null });
    const batch = batchId
      ? (await this.runs.ofBatch(scope.data, batchId)).map(({ execution }) => execution.id)
      : undefined;
    const initially = batch ?? (await this.executions.openOfAsset(scope.data, assetId ?? '')).map(({ id }) => id);
    return this.feed(scope, context, 'telemetry:read', batch, initially, async (data, ids) => {
      const found = await this.runs.ofExecutions(data, ids);
      return found.filter((run) => !assetId || run.assetId === assetId).map(toRun);
    });
  }

  private feed<T>(
    scope: RequestScope,
    context: IdentityContext,
    permission: Permission,
    ids: readonly string[] | null | undefined,
    initially: readonly string[],
    look: (data: DataScope, ids: readonly string[]) => Promise<T[]>,
  ): Feed<T> {
    let lastLook = Number.NEGATIVE_INFINITY;
    return liveFeed<T>({
      signals: this.signals,
      channel: 'command-executions',
      context,
      initially,
      ...(ids ? { ids } : {}),
      load: async (changed) => {
        await sleep(Math.max(0, lastLook + SPACING_MS - performance.now()));
        lastLook = performance.now();
        const caller = await this.authenticate.again(scope);
        requirePermission(caller, permission);
        return look(caller.data, changed);
      },
    });
  }
}

/** Exactly one way of saying what to watch, with ids in it. */
function checkOne(given: Readonly<Record<string, readonly string[] | null | undefined>>): void {
  const ways = Object.entries(given).filter(([, ids]) => ids);
  const faults: Fault[] = [];
  if (ways.length !== 1) {
    const names = Object.keys(given);
    faults.push({ field: names.join(' and '), value: ways.length, rule: 'exactly one of them must be given' });
  }
  for (const [field, ids] of ways) {
    if ((ids?.length ?? 0) > MAX_IDS) faults.push({ field, value: ids?.length, rule: `must be at most ${MAX_IDS}` });
    for (const value of ids?.slice(0, MAX_IDS) ?? [])
      if (!isId(value)) faults.push({ field, value, rule: 'must be an id' });
  }
  if (faults.length > 0) throw invalid(...faults.slice(0, 20));
}
