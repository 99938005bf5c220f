import { ArgsType, Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { GraphQLISODateTime, GraphQLJSON } from '@throughline/platform';

@ObjectType('Metric', { description: 'One value of a telemetry message under its schema' })
export class MetricType {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  title!: string;

  @Field(() => String, { description: 'UCUM code' })
  unit!: string;

  @Field(() => String, { description: 'gauge, counter, state or flag' })
  kind!: string;

  @Field(() => Float, { nullable: true })
  min?: number | null;

  @Field(() => Float, { nullable: true })
  max?: number | null;
}

@ObjectType('SeriesPoint')
export class SeriesPointType {
  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => Float, { nullable: true, description: 'Null where nothing came for longer than the model allows' })
  value!: number | null;
}

@ObjectType('Series')
export class SeriesType {
  @Field(() => String)
  metric!: string;

  @Field(() => String)
  unit!: string;

  @Field(() => [SeriesPointType])
  points!: SeriesPointType[];

  @Field(() => Boolean, {
    description: 'True when points were thinned to maxPoints (min and max of each bucket are kept)',
  })
  thinned!: boolean;
}

@ArgsType()
export class SeriesArgs {
  @Field(() => String)
  metric!: string;

  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime)
  to!: Date;

  @Field(() => Int, { defaultValue: 500 })
  maxPoints!: number;
}

@ObjectType('DeviceEvent', { description: 'What a device said besides measurements' })
export class DeviceEventType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => String)
  type!: string;

  @Field(() => String, { nullable: true })
  code!: string | null;

  @Field(() => GraphQLJSON)
  detail!: unknown;
}
