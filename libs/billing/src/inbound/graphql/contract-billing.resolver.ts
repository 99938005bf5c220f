import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ContractsLoaders, ContractType, TermsInput, termsFromInput } from '@throughline/contracts/graphql';
import { AssetType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { Cost } from '@throughline/platform';
import { PreviewTerms } from '../../application/preview-terms.js';
import { BillingLoaders } from './billing-loaders.js';
import { toGuarantee, toPreview, toStatement } from './shapes.js';
import { GuaranteeFigureType, StatementPreviewType, StatementType } from './types.js';

/** What billing knows of a contract. */
@Resolver(() => ContractType)
export class ContractBillingResolver {
  constructor(
    private readonly preview: PreviewTerms,
    private readonly contracts: ContractsLoaders,
    private readonly loaders: BillingLoaders,
  ) {}

  @Cost(10)
  @Requires('statements:read')
  @ResolveField(() => StatementPreviewType, { description: 'The running month rated with what is known now' })
  async accrued(
    @Parent() contract: ContractType,
    @Context() context: IdentityContext,
    @CurrentScope() scope: RequestScope,
  ): Promise<StatementPreviewType> {
    const known = await this.contracts.contract(context, contract.id);
    return toPreview(await this.preview.accrued(scope.data, known));
  }

  @Requires('statements:read')
  @ResolveField(() => [StatementType], { description: 'Newest month first' })
  async statements(@Parent() contract: ContractType, @Context() context: IdentityContext): Promise<StatementType[]> {
    return (await this.loaders.statementsOf(context, contract.id)).map(toStatement);
  }

  @Cost(20)
  @Requires('plans:read', 'contracts:read')
  @Query(() => StatementPreviewType, {
    description: "What one draft of terms would have billed for a past month of a contract's assets",
  })
  async previewTerms(
    @CurrentScope() scope: RequestScope,
    @Args('terms', { type: () => TermsInput }) terms: TermsInput,
    @Args('contractId', { type: () => ID }) contractId: string,
    @Args('month', { type: () => String }) month: string,
  ): Promise<StatementPreviewType> {
    return toPreview(await this.preview.ofTerms(scope.data, contractId, month, termsFromInput(terms)));
  }
}

@Resolver(() => AssetType)
export class AssetGuaranteeResolver {
  constructor(private readonly loaders: BillingLoaders) {}

  @Requires('assets:read', 'telemetry:read')
  @ResolveField(() => GuaranteeFigureType, {
    nullable: true,
    description:
      "Under the contract's definition, for the running or a named month; null without contract or guarantee",
  })
  async guarantee(
    @Parent() asset: AssetType,
    @Context() context: IdentityContext,
    @Args('month', { type: () => String, nullable: true }) month?: string | null,
  ): Promise<GuaranteeFigureType | undefined> {
    const figure = await this.loaders.guarantee(context, asset.id, month ?? undefined);
    return figure && toGuarantee(figure);
  }
}
