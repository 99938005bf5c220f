import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AssetType, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, mayDo, type RequestScope, Requires } from '@throughline/identity';
import { CustomerType, IdentityLoaders } from '@throughline/identity/graphql';
import { Clock } from '@throughline/kernel';
import { type Connection, Database, GraphQLISODateTime, pageArgs } from '@throughline/platform';
import { Contracts } from '../../application/contracts.js';
import { CreateContract } from '../../application/create-contract.js';
import { EndContract } from '../../application/end-contract.js';
import { contractState } from '../../domain/contract.js';
import { ContractsLoaders } from './contracts-loaders.js';
import {
  ContractConnection,
  ContractsArgs,
  ContractType,
  CreateContractInputType,
  contractType,
  PlanVersionType,
  planVersionType,
} from './types.js';

@Resolver(() => ContractType)
export class ContractsResolver {
  constructor(
    private readonly database: Database,
    private readonly all: Contracts,
    private readonly create: CreateContract,
    private readonly end: EndContract,
    private readonly loaders: ContractsLoaders,
    private readonly identity: IdentityLoaders,
    private readonly fleet: FleetLoaders,
    private readonly clock: Clock,
  ) {}

  @Requires('contracts:read')
  @Query(() => ContractConnection)
  async contracts(@CurrentScope() scope: RequestScope, @Args() args: ContractsArgs): Promise<Connection<ContractType>> {
    const page = pageArgs(args.first, args.after);
    const found = await this.database.read(scope.data, (em) => this.all.page(em, page, args.customerId));
    return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: contractType(node) })) };
  }

  @Requires('contracts:read')
  @Query(() => ContractType, { nullable: true })
  async contract(
    @Context() context: IdentityContext,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<ContractType> {
    return contractType(await this.loaders.contract(context, id));
  }

  @Requires('contracts:write')
  @Mutation(() => ContractType)
  async createContract(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateContractInputType }) input: CreateContractInputType,
  ): Promise<ContractType> {
    return contractType(await this.create.run(scope.data, input));
  }

  @Requires('contracts:write')
  @Mutation(() => ContractType, { description: 'Lets a contract end, now when no instant is given' })
  async endContract(
    @CurrentScope() scope: RequestScope,
    @Args('contractId', { type: () => ID }) contractId: string,
    @Args('at', { type: () => GraphQLISODateTime, nullable: true }) at?: Date | null,
  ): Promise<ContractType> {
    return contractType(await this.end.run(scope.data, contractId, at));
  }

  @ResolveField(() => String, { description: 'upcoming | active | ended' })
  state(@Parent() contract: ContractType): string {
    const bounds = { from: contract.from.getTime(), to: contract.to?.getTime() ?? null };
    return contractState(bounds, this.clock.now().getTime());
  }

  @Requires('customers:read')
  @ResolveField(() => CustomerType)
  customer(@Parent() contract: ContractType, @Context() context: IdentityContext): Promise<CustomerType> {
    return this.identity.customer(context, contract.customerId);
  }

  // A customer may know by name which plan and version its own contract froze; other versions stay behind plans:read.
  @Requires('contracts:read')
  @ResolveField(() => PlanVersionType)
  async planVersion(@Parent() contract: ContractType, @Context() context: IdentityContext): Promise<PlanVersionType> {
    return planVersionType(await this.loaders.planVersion(context, contract.planVersionId));
  }

  @Requires('assets:read')
  @ResolveField(() => [AssetType], { description: 'Every asset that is or was under it' })
  async assets(@Parent() contract: ContractType, @Context() context: IdentityContext): Promise<AssetType[]> {
    const ids = await this.loaders.assetIdsOf(context, contract.id);
    const assets = await Promise.all(ids.map((id) => this.fleet.asset(context, id)));
    return assets.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

@Resolver(() => CustomerType)
export class CustomerContractsResolver {
  constructor(private readonly loaders: ContractsLoaders) {}

  @Requires('contracts:read')
  @ResolveField(() => [ContractType])
  async contracts(@Parent() customer: CustomerType, @Context() context: IdentityContext): Promise<ContractType[]> {
    return (await this.loaders.contractsOfCustomer(context, customer.id)).map(contractType);
  }
}

@Resolver(() => AssetType)
export class AssetContractResolver {
  constructor(private readonly loaders: ContractsLoaders) {}

  /** Pages of an asset are for everyone, so that who may not read contracts sees none there instead of an error. */
  @Requires('assets:read')
  @ResolveField(() => ContractType, {
    nullable: true,
    description: 'The contract it is under now; null also for those who may not read contracts',
  })
  async contract(
    @Parent() asset: AssetType,
    @Context() context: IdentityContext,
    @CurrentScope() scope: RequestScope,
  ): Promise<ContractType | undefined> {
    if (!mayDo(scope, 'contracts:read')) return undefined;
    const contract = await this.loaders.contractOfAsset(context, asset.id);
    return contract && contractType(contract);
  }
}
