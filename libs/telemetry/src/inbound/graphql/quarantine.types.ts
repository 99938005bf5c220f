import { ArgsType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLISODateTime, PageInput, Paginated } from '@throughline/platform';

export enum SetAsideStateEnum {
  set_aside = 'set_aside',
  replayed = 'replayed',
  discarded = 'discarded',
}
registerEnumType(SetAsideStateEnum, { name: 'SetAsideState', description: 'What became of a set-aside message' });

export enum QuarantineActionEnum {
  replay = 'replay',
  discard = 'discard',
}
registerEnumType(QuarantineActionEnum, { name: 'QuarantineAction' });

export enum QuarantineTaskStateEnum {
  running = 'running',
  done = 'done',
  failed = 'failed',
}
registerEnumType(QuarantineTaskStateEnum, { name: 'QuarantineTaskState' });

/** `modelId` and `deviceId` are not part of the schema; `model` and `device` are resolved from them. */
@ObjectType('QuarantinedMessage', { description: 'What could not be stored as telemetry, and why' })
export class QuarantinedMessageType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  thingName!: string;

  @Field(() => String)
  topic!: string;

  @Field(() => GraphQLISODateTime)
  receivedAt!: Date;

  @Field(() => String)
  reason!: string;

  @Field(() => String)
  rule!: string;

  @Field(() => Int, { nullable: true })
  boot!: number | null;

  @Field(() => Float, { nullable: true, description: 'A whole number, up to 2^53' })
  seq!: number | null;

  @Field(() => Int, { description: 'Size of what is kept of the payload' })
  bytes!: number;

  @Field(() => Boolean, { description: 'Whether the payload is UTF-8 text' })
  isText!: boolean;

  @Field(() => String, { description: 'The payload as text, cut at 2,000 characters' })
  preview!: string;

  @Field(() => String, { description: 'The first 2,048 bytes of the payload in hexadecimal digits' })
  hex!: string;

  @Field(() => SetAsideStateEnum)
  state!: SetAsideStateEnum;

  @Field(() => GraphQLISODateTime, { nullable: true })
  settledAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Who had it replayed or discarded' })
  settledBy!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was discarded' })
  settledReason!: string | null;

  modelId!: string | null;
  deviceId!: string | null;
}

@ObjectType('QuarantineGroup', {
  description: 'Set-aside messages with one fault of one model: a flood is one of these',
})
export class QuarantineGroupType {
  @Field(() => String)
  reason!: string;

  @Field(() => String, { description: 'The rule that all of them break, without what each gave' })
  ruleKind!: string;

  @Field(() => Int)
  messages!: number;

  @Field(() => Int)
  devices!: number;

  @Field(() => String, { description: 'One of the devices' })
  thingName!: string;

  @Field(() => GraphQLISODateTime)
  firstAt!: Date;

  @Field(() => GraphQLISODateTime)
  lastAt!: Date;

  modelId!: string | null;
}

@ObjectType('QuarantineTask', { description: 'A replay or a discarding that was ordered, and how far it is' })
export class QuarantineTaskType {
  @Field(() => ID)
  id!: string;

  @Field(() => QuarantineActionEnum)
  action!: QuarantineActionEnum;

  @Field(() => QuarantineTaskStateEnum)
  state!: QuarantineTaskStateEnum;

  @Field(() => String)
  requestedBy!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => Int, { description: 'Messages it was ordered for' })
  total!: number;

  @Field(() => Int, { description: 'Messages that were replayed or discarded' })
  settled!: number;

  @Field(() => Int, { description: 'Messages that stay set aside, each with the rule that it breaks now' })
  kept!: number;

  @Field(() => String, { nullable: true, description: 'Why they are discarded' })
  reason!: string | null;

  @Field(() => String, { nullable: true })
  error!: string | null;
}

export const QuarantinedMessageConnection = Paginated(QuarantinedMessageType);

@InputType('QuarantineFilterInput', { description: 'What is not given does not narrow' })
export class QuarantineFilterInput {
  @Field(() => String, { nullable: true, description: 'Whole, or its beginning and *' })
  thingName?: string | null;

  @Field(() => ID, { nullable: true })
  modelId?: string | null;

  @Field(() => String, { nullable: true })
  reason?: string | null;

  @Field(() => String, { nullable: true, description: 'As in a group' })
  ruleKind?: string | null;

  @Field(() => SetAsideStateEnum, { nullable: true })
  state?: SetAsideStateEnum | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Received then or later' })
  from?: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Received before' })
  to?: Date | null;
}

@ArgsType()
export class QuarantineArgs extends PageInput {
  @Field(() => QuarantineFilterInput, { nullable: true })
  filter?: QuarantineFilterInput | null;
}

@ArgsType()
export class QuarantineSelectionArgs {
  @Field(() => [ID], { nullable: true, description: 'At most 1000' })
  ids?: string[] | null;

  @Field(() => QuarantineFilterInput, {
    nullable: true,
    description: 'Instead of ids: all that it finds and that are set aside',
  })
  filter?: QuarantineFilterInput | null;
}

@ArgsType()
export class DiscardArgs extends QuarantineSelectionArgs {
  @Field(() => String)
  reason!: string;
}
