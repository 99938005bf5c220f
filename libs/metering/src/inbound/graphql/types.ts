import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { QuantityType } from '@throughline/platform';

@ObjectType('Meter')
export class MeterType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  title!: string;

  @Field(() => String, { description: 'counter, time_in_state or available_hours' })
  type!: string;

  @Field(() => String, { description: 'UCUM unit of its quantities' })
  unit!: string;
}

@ObjectType('UsageTotal')
export class UsageTotalType {
  @Field(() => MeterType)
  meter!: MeterType;

  @Field(() => QuantityType)
  quantity!: QuantityType;

  @Field(() => String, { description: 'measured, estimated or edited: the weakest of its windows' })
  quality!: string;

  @Field(() => Int, { description: 'Hours with usage' })
  windows!: number;
}
