import { Field, Int, ObjectType } from '@nestjs/graphql';
import { MetricValueType, TimelineIntervalType } from '@throughline/availability/graphql';
import { GraphQLISODateTime, Paginated } from '@throughline/platform';

/** `asset` is resolved. */
@ObjectType('EvidenceInterval')
export class EvidenceIntervalType {
  @Field(() => TimelineIntervalType)
  interval!: TimelineIntervalType;

  assetId!: string;
}

export const EvidenceIntervalConnection = Paginated(EvidenceIntervalType);

/** `thingName` is resolved. */
@ObjectType('EvidenceMessage')
export class EvidenceMessageType {
  @Field(() => Int)
  boot!: number;

  @Field(() => Int)
  seq!: number;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => GraphQLISODateTime)
  storedAt!: Date;

  @Field(() => [MetricValueType])
  values!: MetricValueType[];

  deviceId!: string;
}

export const EvidenceMessageConnection = Paginated(EvidenceMessageType);
