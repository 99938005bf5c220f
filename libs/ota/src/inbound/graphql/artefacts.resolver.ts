import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { FleetLoaders, ModelType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, pageArgs } from '@throughline/platform';
import { Artefacts } from '../../application/artefacts.js';
import { givenId, OfModelArgs } from './args.js';
import { ArtefactConnection, ArtefactType } from './types.js';

@Resolver(() => ArtefactType)
export class ArtefactsResolver {
  constructor(
    private readonly all: Artefacts,
    private readonly fleet: FleetLoaders,
  ) {}

  @Requires('releases:read')
  @Query(() => ArtefactConnection, { description: 'Newest first. They are uploaded with POST /artefacts' })
  artefacts(@CurrentScope() scope: RequestScope, @Args() args: OfModelArgs): Promise<Connection<ArtefactType>> {
    return this.all.page(scope.data, givenId('modelId', args.modelId), pageArgs(args.first, args.after));
  }

  @Requires('models:read')
  @ResolveField(() => ModelType)
  model(@Parent() artefact: ArtefactType, @Context() context: IdentityContext): Promise<ModelType> {
    return this.fleet.model(context, artefact.modelId);
  }
}
