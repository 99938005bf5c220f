import { Field, ObjectType } from '@nestjs/graphql';
import type { Money, Quantity } from '@throughline/kernel';
import { GraphQLDecimal } from './scalars.js';

@ObjectType('Money')
export class MoneyType {
  @Field(() => GraphQLDecimal)
  amount!: string;

  @Field(() => String)
  currency!: string;
}

@ObjectType('Quantity')
export class QuantityType {
  @Field(() => GraphQLDecimal)
  value!: string;

  @Field(() => String)
  unit!: string;
}

/** An amount as GraphQL shows it, with at least the currency's own decimals. */
export const moneyType = (money: Money): MoneyType => ({ amount: money.toString(), currency: money.currency });

/** A quantity as GraphQL shows it. */
export const quantityType = (quantity: Quantity): QuantityType => ({
  value: quantity.toString(),
  unit: quantity.unit,
});
