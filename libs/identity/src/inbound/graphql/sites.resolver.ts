import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Connection, pageArgs } from '@throughline/platform';
import { CurrentScope, type IdentityContext, Requires } from '../../application/access-policy.js';
import { CreateSite } from '../../application/create-site.js';
import { Directory } from '../../application/directory.js';
import type { RequestScope } from '../../domain/request-scope.js';
import { IdentityLoaders } from './identity-loaders.js';
import { CreateSiteInput, CustomerType, SiteConnection, SitesArgs, SiteType } from './types.js';

@Resolver(() => SiteType)
export class SitesResolver {
  constructor(
    private readonly directory: Directory,
    private readonly newSite: CreateSite,
    private readonly loaders: IdentityLoaders,
  ) {}

  @Requires('sites:read')
  @Query(() => SiteConnection)
  sites(@CurrentScope() scope: RequestScope, @Args() args: SitesArgs): Promise<Connection<SiteType>> {
    return this.directory.sites(scope, pageArgs(args.first, args.after), args.customerId);
  }

  @Requires('sites:write')
  @Mutation(() => SiteType)
  createSite(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateSiteInput }) input: CreateSiteInput,
  ): Promise<SiteType> {
    return this.newSite.execute(scope, input);
  }

  @Requires('customers:read')
  @ResolveField(() => CustomerType)
  customer(@Parent() site: SiteType, @Context() context: IdentityContext): Promise<CustomerType> {
    return this.loaders.customer(context, site.customerId);
  }
}
