import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { Category } from '@throughline/availability';
import { CategoryEnum } from '@throughline/fleet/graphql';
import { GraphQLDecimal } from '@throughline/platform';

@ObjectType('Tier')
export class TierType {
  @Field(() => GraphQLDecimal, { nullable: true, description: 'Null: no end' })
  upTo!: string | null;

  @Field(() => GraphQLDecimal)
  unitPrice!: string;
}

@ObjectType('Charge', { description: 'Flat shape of the two kinds; fields that do not belong to a kind are null' })
export class ChargeType {
  @Field(() => String, { description: 'recurring | usage' })
  kind!: string;

  @Field(() => String)
  key!: string;

  @Field(() => String)
  description!: string;

  @Field(() => GraphQLDecimal, { nullable: true })
  amount!: string | null;

  @Field(() => String, { nullable: true, description: 'asset | contract' })
  per!: string | null;

  @Field(() => String, { nullable: true })
  meter!: string | null;

  @Field(() => String, { nullable: true })
  unit!: string | null;

  @Field(() => String, { nullable: true, description: 'per_unit | graduated' })
  priceModel!: string | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  unitPrice!: string | null;

  @Field(() => [TierType], { nullable: true })
  tiers!: TierType[] | null;

  @Field(() => String, { nullable: true, description: 'contract | asset' })
  pooling!: string | null;
}

@ObjectType('CreditBand')
export class CreditBandType {
  @Field(() => GraphQLDecimal, { description: 'Percent; the band applies strictly below it' })
  below!: string;

  @Field(() => GraphQLDecimal, { description: 'Percent of the basis' })
  creditPercent!: string;
}

@ObjectType('AvailabilityDefinition')
export class AvailabilityDefinitionType {
  @Field(() => [CategoryEnum])
  up!: readonly Category[];

  @Field(() => [CategoryEnum])
  down!: readonly Category[];

  @Field(() => [CategoryEnum])
  excluded!: readonly Category[];

  @Field(() => String, { description: 'removed | counted_as_up' })
  exclusions!: string;

  @Field(() => String, { description: 'excluded | up | down | last_state_for' })
  unknownMode!: string;

  @Field(() => Int, { nullable: true })
  unknownMinutes!: number | null;

  @Field(() => String, { nullable: true, description: 'excluded | up | down, after unknownMinutes' })
  unknownThen!: string | null;

  @Field(() => String, { description: 'by_fraction | as_up' })
  degraded!: string;

  @Field(() => Int)
  decimals!: number;
}

@ObjectType('Guarantee')
export class GuaranteeType {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  description!: string;

  @Field(() => GraphQLDecimal, { description: 'Percent' })
  target!: string;

  @Field(() => String, { description: 'Key of the recurring charge that credits are a share of' })
  basis!: string;

  @Field(() => GraphQLDecimal, { description: 'Greatest credit of a period, percent of all basis fees' })
  capPercent!: string;

  @Field(() => [CreditBandType])
  bands!: readonly CreditBandType[];

  @Field(() => AvailabilityDefinitionType)
  definition!: AvailabilityDefinitionType;
}

@ObjectType('Terms')
export class TermsType {
  @Field(() => String)
  currency!: string;

  @Field(() => String, { description: 'month' })
  cadence!: string;

  @Field(() => [ChargeType])
  charges!: ChargeType[];

  @Field(() => [GuaranteeType])
  guarantees!: GuaranteeType[];
}

@InputType('TierInput')
export class TierInput {
  @Field(() => GraphQLDecimal, { nullable: true })
  upTo?: string | null;

  @Field(() => GraphQLDecimal)
  unitPrice!: string;
}

@InputType('ChargeInput')
export class ChargeInput {
  @Field(() => String)
  kind!: string;

  @Field(() => String)
  key!: string;

  @Field(() => String)
  description!: string;

  @Field(() => GraphQLDecimal, { nullable: true })
  amount?: string | null;

  @Field(() => String, { nullable: true })
  per?: string | null;

  @Field(() => String, { nullable: true })
  meter?: string | null;

  @Field(() => String, { nullable: true })
  unit?: string | null;

  @Field(() => String, { nullable: true })
  priceModel?: string | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  unitPrice?: string | null;

  @Field(() => [TierInput], { nullable: true })
  tiers?: TierInput[] | null;

  @Field(() => String, { nullable: true })
  pooling?: string | null;
}

@InputType('CreditBandInput')
export class CreditBandInput {
  @Field(() => GraphQLDecimal)
  below!: string;

  @Field(() => GraphQLDecimal)
  creditPercent!: string;
}

@InputType('AvailabilityDefinitionInput')
export class AvailabilityDefinitionInput {
  @Field(() => [CategoryEnum])
  up!: Category[];

  @Field(() => [CategoryEnum])
  down!: Category[];

  @Field(() => [CategoryEnum])
  excluded!: Category[];

  @Field(() => String)
  exclusions!: string;

  @Field(() => String)
  unknownMode!: string;

  @Field(() => Int, { nullable: true })
  unknownMinutes?: number | null;

  @Field(() => String, { nullable: true })
  unknownThen?: string | null;

  @Field(() => String)
  degraded!: string;

  @Field(() => Int)
  decimals!: number;
}

@InputType('GuaranteeInput')
export class GuaranteeInput {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  description!: string;

  @Field(() => GraphQLDecimal)
  target!: string;

  @Field(() => String)
  basis!: string;

  @Field(() => GraphQLDecimal)
  capPercent!: string;

  @Field(() => [CreditBandInput])
  bands!: CreditBandInput[];

  @Field(() => AvailabilityDefinitionInput)
  definition!: AvailabilityDefinitionInput;
}

@InputType('TermsInput')
export class TermsInput {
  @Field(() => String)
  currency!: string;

  @Field(() => [ChargeInput])
  charges!: ChargeInput[];

  @Field(() => [GuaranteeInput])
  guarantees!: GuaranteeInput[];
}
