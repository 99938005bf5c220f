import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { CreatePlan } from '../../application/create-plan.js';
import { DraftPlanVersion } from '../../application/draft-plan-version.js';
import { Plans } from '../../application/plans.js';
import { PublishPlanVersion } from '../../application/publish-plan-version.js';
import { RetirePlanVersion } from '../../application/retire-plan-version.js';
import { SaveDraft } from '../../application/save-draft.js';
import { ContractsLoaders } from './contracts-loaders.js';
import { TermsInput } from './terms.types.js';
import { termsFromInput } from './terms-shape.js';
import { PlanType, PlanVersionType, planVersionType } from './types.js';

@Resolver(() => PlanType)
export class PlansResolver {
  constructor(
    private readonly all: Plans,
    private readonly create: CreatePlan,
    private readonly draft: DraftPlanVersion,
    private readonly loaders: ContractsLoaders,
  ) {}

  @Requires('plans:read')
  @Query(() => [PlanType])
  plans(@CurrentScope() scope: RequestScope): Promise<PlanType[]> {
    return this.all.all(scope.data);
  }

  @Requires('plans:read')
  @Query(() => PlanType, { nullable: true })
  plan(@CurrentScope() scope: RequestScope, @Args('id', { type: () => ID }) id: string): Promise<PlanType> {
    return this.all.get(scope.data, id);
  }

  @Requires('plans:write')
  @Mutation(() => PlanVersionType)
  async createPlan(
    @CurrentScope() scope: RequestScope,
    @Args('name', { type: () => String }) name: string,
    @Args('terms', { type: () => TermsInput }) terms: TermsInput,
  ): Promise<PlanVersionType> {
    return planVersionType(await this.create.run(scope.data, name, termsFromInput(terms), userOf(scope)));
  }

  @Requires('plans:write')
  @Mutation(() => PlanVersionType, {
    description: 'Starts the next draft of a plan, copied from the newest version unless terms are given',
  })
  async draftPlanVersion(
    @CurrentScope() scope: RequestScope,
    @Args('planId', { type: () => ID }) planId: string,
    @Args('terms', { type: () => TermsInput, nullable: true }) terms?: TermsInput | null,
  ): Promise<PlanVersionType> {
    const raw = terms ? termsFromInput(terms) : undefined;
    return planVersionType(await this.draft.run(scope.data, planId, raw, userOf(scope)));
  }

  @Requires('plans:read')
  @ResolveField(() => [PlanVersionType], { description: 'Newest first' })
  async versions(@Parent() plan: PlanType, @Context() context: IdentityContext): Promise<PlanVersionType[]> {
    return (await this.loaders.versionsOf(context, plan.id)).map(planVersionType);
  }
}

@Resolver(() => PlanVersionType)
export class PlanVersionsResolver {
  constructor(
    private readonly save: SaveDraft,
    private readonly publish: PublishPlanVersion,
    private readonly retire: RetirePlanVersion,
    private readonly loaders: ContractsLoaders,
  ) {}

  @Requires('plans:write')
  @Mutation(() => PlanVersionType)
  async saveDraft(
    @CurrentScope() scope: RequestScope,
    @Args('planVersionId', { type: () => ID }) planVersionId: string,
    @Args('terms', { type: () => TermsInput }) terms: TermsInput,
  ): Promise<PlanVersionType> {
    return planVersionType(await this.save.run(scope.data, planVersionId, termsFromInput(terms)));
  }

  @Requires('plans:write')
  @Mutation(() => PlanVersionType)
  async publishPlanVersion(
    @CurrentScope() scope: RequestScope,
    @Args('planVersionId', { type: () => ID }) planVersionId: string,
  ): Promise<PlanVersionType> {
    return planVersionType(await this.publish.run(scope.data, planVersionId));
  }

  @Requires('plans:write')
  @Mutation(() => PlanVersionType, { description: 'No new contracts of it; those that exist go on' })
  async retirePlanVersion(
    @CurrentScope() scope: RequestScope,
    @Args('planVersionId', { type: () => ID }) planVersionId: string,
  ): Promise<PlanVersionType> {
    return planVersionType(await this.retire.run(scope.data, planVersionId));
  }

  @Requires('contracts:read')
  @ResolveField(() => PlanType)
  plan(@Parent() version: PlanVersionType, @Context() context: IdentityContext): Promise<PlanType> {
    return this.loaders.plan(context, version.planId);
  }

  @Requires('plans:read')
  @ResolveField(() => Int)
  contractCount(@Parent() version: PlanVersionType, @Context() context: IdentityContext): Promise<number> {
    return this.loaders.contractCount(context, version.id);
  }
}

const userOf = (scope: RequestScope): string | null => (scope.actor.kind === 'user' ? scope.actor.id : null);
