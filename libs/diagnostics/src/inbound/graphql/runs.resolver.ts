import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ResolveTargets } from '@throughline/fleet';
import { AssetType, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, Cost, PageInput, pageArgs } from '@throughline/platform';
import { DiagnosticRuns } from '../../application/diagnostic-runs.js';
import { StartDiagnosticRuns } from '../../application/start-diagnostic-runs.js';
import { toRun } from './shapes.js';
import {
  CommandExecutionType,
  DiagnosticRunConnection,
  DiagnosticRunType,
  StartDiagnosticRunsInputType,
  StartedDiagnosticRunsType,
} from './types.js';

@Resolver(() => DiagnosticRunType)
export class RunsResolver {
  constructor(
    private readonly runs: DiagnosticRuns,
    private readonly start: StartDiagnosticRuns,
    private readonly fleet: FleetLoaders,
    private readonly targets: ResolveTargets,
  ) {}

  @Requires('telemetry:read')
  @Query(() => DiagnosticRunType, { nullable: true })
  async diagnosticRun(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<DiagnosticRunType | undefined> {
    const [run] = await this.runs.many(scope.data, [id]);
    return run && toRun(run);
  }

  @Requires('telemetry:read')
  @Cost(50)
  @Query(() => [DiagnosticRunType], { description: 'Those that were started together, as far as one may see them' })
  async diagnosticRunsOfBatch(
    @CurrentScope() scope: RequestScope,
    @Args('batchId', { type: () => ID }) batchId: string,
  ): Promise<DiagnosticRunType[]> {
    return (await this.runs.ofBatch(scope.data, batchId)).map(toRun);
  }

  @Requires('telemetry:read')
  @Cost(20)
  @Query(() => DiagnosticRunConnection, { description: 'Of the whole fleet, newest first' })
  diagnosticRuns(
    @CurrentScope() scope: RequestScope,
    @Args() { first, after }: PageInput,
  ): Promise<Connection<DiagnosticRunType>> {
    return pageOf(this.runs, scope, first, after);
  }

  @Requires('commands:write')
  @Cost(50)
  @Mutation(() => StartedDiagnosticRunsType, { description: 'Runs a procedure on each of up to 500 machines' })
  async startDiagnosticRuns(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => StartDiagnosticRunsInputType })
    { target, assetIds, deviceIds, ...input }: StartDiagnosticRunsInputType,
  ): Promise<StartedDiagnosticRunsType> {
    const requestedBy = scope.actor.name;
    const meant = target ? await this.targets.run(scope.data, target) : [];
    const targets = { assetIds: assetIds ?? [], deviceIds: [...new Set([...(deviceIds ?? []), ...meant])] };
    const { runIds, leftOut } = await this.start.run(scope.data, { ...input, ...targets, requestedBy });
    const runs = await this.runs.many(scope.data, runIds);
    return { runs: runs.map(toRun), leftOut: [...leftOut] };
  }

  @Requires('assets:read')
  @ResolveField(() => AssetType, { nullable: true })
  async asset(@Parent() run: DiagnosticRunType, @Context() context: IdentityContext): Promise<AssetType | undefined> {
    return run.assetId === null ? undefined : this.fleet.asset(context, run.assetId);
  }

  @Requires('commands:read')
  @ResolveField(() => CommandExecutionType)
  execution(@Parent() run: DiagnosticRunType): CommandExecutionType {
    return run.execution;
  }
}

@Resolver(() => AssetType)
export class AssetRunsResolver {
  constructor(private readonly runs: DiagnosticRuns) {}

  @Requires('telemetry:read')
  @Cost(20)
  @ResolveField(() => DiagnosticRunConnection, { description: 'Newest first' })
  diagnosticRuns(
    @Parent() asset: AssetType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after }: PageInput,
  ): Promise<Connection<DiagnosticRunType>> {
    return pageOf(this.runs, scope, first, after, asset.id);
  }
}

async function pageOf(
  runs: DiagnosticRuns,
  scope: RequestScope,
  first: number | null | undefined,
  after: string | null | undefined,
  assetId?: string,
): Promise<Connection<DiagnosticRunType>> {
  const page = await runs.page(scope.data, pageArgs(first, after), assetId);
  return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: toRun(node) })) };
}
