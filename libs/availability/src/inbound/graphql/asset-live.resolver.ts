import { setTimeout as sleep } from 'node:timers/promises';
import { Args, Context, ID, Resolver, Subscription } from '@nestjs/graphql';
import {
  Authenticate,
  CurrentScope,
  type IdentityContext,
  type RequestScope,
  Requires,
  requirePermission,
} from '@throughline/identity';
import { type Fault, invalid, isId } from '@throughline/kernel';
import { LiveSignals, liveFeed } from '@throughline/platform';
import { LiveStates } from '../../application/live-states.js';
import { toAssetLive } from './shapes.js';
import { AssetLiveType } from './types.js';

/** An asset is told of at most once in this time. */
const SPACING_MS = 1_000;
const MAX_ASSETS = 500;

@Resolver()
export class AssetLiveResolver {
  constructor(
    private readonly signals: LiveSignals,
    private readonly states: LiveStates,
    private readonly authenticate: Authenticate,
  ) {}

  /** Begins with the present state of the assets named. Each look is made as the caller, with what it may see by then. */
  @Requires('assets:read', 'telemetry:read')
  @Subscription(() => AssetLiveType, {
    resolve: (state: AssetLiveType) => state,
    description:
      'Live state of the assets one may see; one message an asset and change, at most about one a second an asset',
  })
  assetLive(
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
    @Args('assetIds', { type: () => [ID], nullable: true }) assetIds?: string[] | null,
  ): AsyncIterableIterator<AssetLiveType, undefined> {
    if (assetIds) checkIds(assetIds);
    let lastLook = 0;
    return liveFeed<AssetLiveType>({
      signals: this.signals,
      channel: 'asset-live',
      context,
      ...(assetIds ? { ids: assetIds, initially: assetIds } : {}),
      load: async (ids) => {
        await sleep(Math.max(0, lastLook + SPACING_MS - performance.now()));
        lastLook = performance.now();
        const caller = await this.authenticate.again(scope);
        for (const permission of ['assets:read', 'telemetry:read'] as const) requirePermission(caller, permission);
        const found = await this.states.of(caller.data, ids.filter(isId));
        return [...found.values()].map(toAssetLive);
      },
    });
  }
}

function checkIds(ids: readonly string[]): void {
  const faults: Fault[] = ids
    .filter((id) => !isId(id))
    .map((value) => ({ field: 'assetIds', value, rule: 'must be ids of assets' }));
  if (ids.length > MAX_ASSETS)
    faults.push({ field: 'assetIds', value: ids.length, rule: `must be at most ${MAX_ASSETS}` });
  if (faults.length > 0) throw invalid(...faults);
}
