import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { CategoryEnum } from '@throughline/fleet/graphql';
import { GraphQLDecimal, GraphQLISODateTime } from '@throughline/platform';
import type { Category } from '../../domain/category.js';

/** `thingName` is resolved from the device's id. */
@ObjectType('MessageRef', { description: 'Identity of a message and its event time' })
export class MessageRefType {
  @Field(() => Int)
  boot!: number;

  @Field(() => Int)
  seq!: number;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  deviceId!: string;
}

@ObjectType('IntervalEvidence')
export class IntervalEvidenceType {
  @Field(() => Int, { description: 'Messages that lie in the interval' })
  messages!: number;

  @Field(() => MessageRefType, { nullable: true, description: 'The message that holds at the start' })
  first!: MessageRefType | null;

  @Field(() => MessageRefType, { nullable: true })
  last!: MessageRefType | null;
}

@ObjectType('TimelineInterval')
export class TimelineIntervalType {
  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime)
  to!: Date;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => GraphQLDecimal, { nullable: true, description: 'Of degraded: the share of capability left' })
  fraction!: string | null;

  @Field(() => String, { description: 'state_map, presence or silence' })
  source!: string;

  @Field(() => String, { description: "The state's own name, or why it is unknown" })
  detail!: string;

  @Field(() => IntervalEvidenceType)
  evidence!: IntervalEvidenceType;
}

@ObjectType('CategoryTime')
export class CategoryTimeType {
  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Float)
  ms!: number;
}

@ObjectType('Availability', {
  description: 'measured + excluded + not measured = total; up + down = measured. Lengths in ms',
})
export class AvailabilityType {
  @Field(() => GraphQLDecimal, { nullable: true, description: 'Percent, null when nothing is known' })
  percent!: string | null;

  @Field(() => Float)
  totalMs!: number;

  @Field(() => Float)
  measuredMs!: number;

  @Field(() => Float)
  excludedMs!: number;

  @Field(() => Float, { description: 'Not contracted, or in the future' })
  notMeasuredMs!: number;

  @Field(() => GraphQLDecimal)
  upMs!: string;

  @Field(() => GraphQLDecimal)
  downMs!: string;

  @Field(() => Float)
  unknownMs!: number;

  @Field(() => [CategoryTimeType])
  byCategory!: CategoryTimeType[];
}

@ObjectType('MetricValue')
export class MetricValueType {
  @Field(() => String)
  metric!: string;

  @Field(() => Float, { nullable: true })
  value!: number | null;

  @Field(() => String)
  unit!: string;
}

@ObjectType('AssetLive')
export class AssetLiveType {
  @Field(() => ID)
  assetId!: string;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => String, { nullable: true, description: "State's own name: loaded" })
  state!: string | null;

  @Field(() => GraphQLDecimal, { nullable: true })
  fraction!: string | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  since!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Device time of the newest message' })
  at!: Date | null;

  @Field(() => Boolean)
  connected!: boolean;

  @Field(() => [MetricValueType])
  values!: MetricValueType[];
}
