import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Connection, pageArgs } from '@throughline/platform';
import { CurrentScope, type IdentityContext, Requires } from '../../application/access-policy.js';
import { CreateOrganisation } from '../../application/create-organisation.js';
import { Directory } from '../../application/directory.js';
import type { RequestScope } from '../../domain/request-scope.js';
import { IdentityLoaders } from './identity-loaders.js';
import { CreateCustomerInput, CustomerConnection, CustomersArgs, CustomerType, SiteType } from './types.js';

@Resolver(() => CustomerType)
export class CustomersResolver {
  constructor(
    private readonly directory: Directory,
    private readonly createOrganisation: CreateOrganisation,
    private readonly loaders: IdentityLoaders,
  ) {}

  @Requires('customers:read')
  @Query(() => CustomerConnection)
  customers(@CurrentScope() scope: RequestScope, @Args() args: CustomersArgs): Promise<Connection<CustomerType>> {
    return this.directory.customers(scope, pageArgs(args.first, args.after), args.filter?.search);
  }

  @Requires('customers:read')
  @Query(() => CustomerType, { nullable: true })
  async customer(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<CustomerType | undefined> {
    const [customer] = await this.directory.customersByIds(scope, [id]);
    return customer;
  }

  @Requires('customers:write')
  @Mutation(() => CustomerType)
  createCustomer(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateCustomerInput }) input: CreateCustomerInput,
  ): Promise<CustomerType> {
    return this.createOrganisation.execute(scope, {
      kind: 'customer',
      name: input.name,
      billingEmail: input.billingEmail,
    });
  }

  @Requires('sites:read')
  @ResolveField(() => [SiteType])
  sites(@Parent() customer: CustomerType, @Context() context: IdentityContext): Promise<SiteType[]> {
    return this.loaders.sitesOfCustomer(context, customer.id);
  }
}
