import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLISODateTime, PageInput, Paginated } from '@throughline/platform';
import type { Contract } from '../../domain/contract.js';
import type { PlanVersion } from '../../domain/plan.js';
import { TermsType } from './terms.types.js';
import { termsType } from './terms-shape.js';

/** `versions` is resolved. */
@ObjectType('Plan')
export class PlanType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;
}

/** `plan` and `contractCount` are resolved. */
@ObjectType('PlanVersion')
export class PlanVersionType {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => String, { description: 'draft | published | retired' })
  state!: string;

  @Field(() => TermsType)
  terms!: TermsType;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  publishedAt!: Date | null;

  planId!: string;
}

/** `customer`, `planVersion`, `assets`, `state` and what billing adds are resolved. */
@ObjectType('Contract')
export class ContractType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  number!: string;

  @Field(() => TermsType, { description: "The contract's own frozen copy" })
  terms!: TermsType;

  @Field(() => String)
  currency!: string;

  @Field(() => String)
  timeZone!: string;

  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  to!: Date | null;

  customerId!: string;
  planVersionId!: string;
}

export const ContractConnection = Paginated(ContractType);

@ArgsType()
export class ContractsArgs extends PageInput {
  @Field(() => ID, { nullable: true })
  customerId?: string | null;
}

@InputType('CreateContractInput')
export class CreateContractInputType {
  @Field(() => String)
  number!: string;

  @Field(() => ID)
  customerId!: string;

  @Field(() => ID)
  planVersionId!: string;

  @Field(() => [ID])
  assetIds!: string[];

  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  to?: Date | null;

  @Field(() => String)
  timeZone!: string;
}

export const planVersionType = (version: PlanVersion): PlanVersionType => ({
  ...version,
  terms: termsType(version.terms),
});

export const contractType = (contract: Contract): ContractType => ({
  ...contract,
  terms: termsType(contract.terms),
  from: new Date(contract.from),
  to: contract.to === null ? null : new Date(contract.to),
});
