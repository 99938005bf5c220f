import { ArgsType, Field, Float, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLDecimal, GraphQLISODateTime } from '@throughline/platform';

@ObjectType('Completeness', { description: 'What was received of what the devices of an asset sent' })
export class CompletenessType {
  @Field(() => Int, { description: 'Messages stored' })
  received!: number;

  @Field(() => Float, { description: 'Messages known to be missing, lost ones among them' })
  missing!: number;

  @Field(() => Float, { description: 'Missing ones that will not come any more' })
  lost!: number;

  @Field(() => Boolean, {
    description: 'False when some of it came without boot and seq: nobody can say what is missing',
  })
  provable!: boolean;

  @Field(() => GraphQLDecimal, {
    nullable: true,
    description:
      'Received of received and missing, 0 to 1, never rounded up; null when it is not provable or nothing was sent',
  })
  share!: string | null;
}

@ObjectType('TelemetryGap', {
  description: 'Numbers of a boot that are not stored; the first and the last are included',
})
export class TelemetryGapType {
  @Field(() => String)
  thingName!: string;

  @Field(() => Int)
  boot!: number;

  @Field(() => Float)
  fromSeq!: number;

  @Field(() => Float)
  toSeq!: number;

  @Field(() => Float)
  messages!: number;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'Event time of the stored message before it; null when none is',
  })
  from!: Date | null;

  @Field(() => GraphQLISODateTime, { description: 'Event time of the stored message after it' })
  to!: Date;

  @Field(() => String, { description: 'missing (asked for) or lost (given up)' })
  state!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Of a lost one: unanswered (asked for in vain) or told (the device does not have it any more)',
  })
  reason!: string | null;

  @Field(() => Int, { description: 'How often the device was asked' })
  asked!: number;

  @Field(() => GraphQLISODateTime)
  foundAt!: Date;
}

@ArgsType()
export class PeriodArgs {
  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime)
  to!: Date;
}

@ArgsType()
export class GapsArgs extends PeriodArgs {
  @Field(() => Int, { defaultValue: 20, description: 'At most 100' })
  first!: number;
}
