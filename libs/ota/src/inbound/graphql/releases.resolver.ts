import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { FleetLoaders, ModelType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, pageArgs } from '@throughline/platform';
import { CreateRelease } from '../../application/create-release.js';
import { PublishRelease } from '../../application/publish-release.js';
import { Releases } from '../../application/releases.js';
import { WithdrawRelease } from '../../application/withdraw-release.js';
import { givenId, OfModelArgs } from './args.js';
import { OtaLoaders } from './ota-loaders.js';
import { ArtefactType, CreateReleaseInputType, ReleaseConnection, ReleaseType } from './types.js';

@Resolver(() => ReleaseType)
export class ReleasesResolver {
  constructor(
    private readonly all: Releases,
    private readonly create: CreateRelease,
    private readonly publish: PublishRelease,
    private readonly withdraw: WithdrawRelease,
    private readonly loaders: OtaLoaders,
    private readonly fleet: FleetLoaders,
  ) {}

  @Requires('releases:read')
  @Query(() => ReleaseConnection, { description: 'Newest first' })
  releases(@CurrentScope() scope: RequestScope, @Args() args: OfModelArgs): Promise<Connection<ReleaseType>> {
    return this.all.page(scope.data, givenId('modelId', args.modelId), pageArgs(args.first, args.after));
  }

  @Requires('releases:read')
  @Query(() => ReleaseType, { nullable: true })
  async release(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<ReleaseType | undefined> {
    const [release] = await this.all.many(scope.data, [id]);
    return release;
  }

  @Requires('releases:write')
  @Mutation(() => ReleaseType, { description: 'Makes a draft' })
  createRelease(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateReleaseInputType }) input: CreateReleaseInputType,
  ): Promise<ReleaseType> {
    return this.create.run({ ...input, notes: input.notes ?? undefined }, scope.actor.name);
  }

  @Requires('releases:write')
  @Mutation(() => ReleaseType, { description: 'From now on it may be started' })
  publishRelease(@Args('releaseId', { type: () => ID }) releaseId: string): Promise<ReleaseType> {
    return this.publish.run(releaseId);
  }

  @Requires('releases:write')
  @Mutation(() => ReleaseType, {
    description: 'It cannot be started any more, and devices that have not begun do not get it',
  })
  withdrawRelease(
    @CurrentScope() scope: RequestScope,
    @Args('releaseId', { type: () => ID }) releaseId: string,
  ): Promise<ReleaseType> {
    return this.withdraw.run(scope.data, releaseId);
  }

  @Requires('models:read')
  @ResolveField(() => ModelType)
  model(@Parent() release: ReleaseType, @Context() context: IdentityContext): Promise<ModelType> {
    return this.fleet.model(context, release.modelId);
  }

  @Requires('releases:read')
  @ResolveField(() => [ArtefactType], { description: 'By hardware' })
  artefacts(@Parent() release: ReleaseType, @Context() context: IdentityContext): Promise<ArtefactType[]> {
    return this.loaders.artefactsOf(context, release.id);
  }
}
