import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { CustomerType, IdentityLoaders, SiteType } from '@throughline/identity/graphql';
import { type Connection, pageArgs } from '@throughline/platform';
import { Assets } from '../../application/assets.js';
import { CreateAsset } from '../../application/create-asset.js';
import { RetireAsset } from '../../application/retire-asset.js';
import { AssetsArgs, given, RetireAssetArgs } from './args.js';
import { FleetLoaders } from './fleet-loaders.js';
import { AssetConnection, AssetType, CreateAssetInputType, DeviceType, ModelType } from './types.js';

@Resolver(() => AssetType)
export class AssetsResolver {
  constructor(
    private readonly all: Assets,
    private readonly create: CreateAsset,
    private readonly retire: RetireAsset,
    private readonly loaders: FleetLoaders,
    private readonly identity: IdentityLoaders,
  ) {}

  @Requires('assets:read')
  @Query(() => AssetConnection)
  assets(@CurrentScope() scope: RequestScope, @Args() args: AssetsArgs): Promise<Connection<AssetType>> {
    return this.all.page(scope.data, given(args.filter), pageArgs(args.first, args.after));
  }

  @Requires('assets:read')
  @Query(() => AssetType, { nullable: true })
  async asset(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<AssetType | undefined> {
    const [asset] = await this.all.many(scope.data, [id]);
    return asset;
  }

  @Requires('assets:write')
  @Mutation(() => AssetType)
  createAsset(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateAssetInputType }) input: CreateAssetInputType,
  ): Promise<AssetType> {
    return this.create.run(scope.data, input);
  }

  @Requires('assets:write')
  @Mutation(() => AssetType, { description: 'Takes a machine out of service for good; its history stays' })
  retireAsset(@CurrentScope() scope: RequestScope, @Args() args: RetireAssetArgs): Promise<AssetType> {
    return this.retire.run(scope.data, args);
  }

  @Requires('models:read')
  @ResolveField(() => ModelType)
  model(@Parent() asset: AssetType, @Context() context: IdentityContext): Promise<ModelType> {
    return this.loaders.model(context, asset.modelId);
  }

  @Requires('sites:read')
  @ResolveField(() => SiteType)
  site(@Parent() asset: AssetType, @Context() context: IdentityContext): Promise<SiteType> {
    return this.identity.site(context, asset.siteId);
  }

  @Requires('customers:read')
  @ResolveField(() => CustomerType)
  customer(@Parent() asset: AssetType, @Context() context: IdentityContext): Promise<CustomerType> {
    return this.identity.customer(context, asset.customerId);
  }

  @ResolveField(() => DeviceType, { nullable: true, description: 'The controller that speaks for it now' })
  device(@Parent() asset: AssetType, @Context() context: IdentityContext): Promise<DeviceType | undefined> {
    return this.loaders.deviceOfAsset(context, asset.id);
  }
}

/** What fleet knows of a customer. */
@Resolver(() => CustomerType)
export class CustomerAssetsResolver {
  constructor(private readonly loaders: FleetLoaders) {}

  @Requires('assets:read')
  @ResolveField(() => Int)
  assetCount(@Parent() customer: CustomerType, @Context() context: IdentityContext): Promise<number> {
    return this.loaders.assetCount(context, customer.id);
  }
}
