import { Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLISODateTime, Paginated } from '@throughline/platform';
import { type ReleaseState, releaseStates } from '../../domain/release.js';
import {
  type RolloutDeviceState,
  type RolloutState,
  rolloutDeviceStates,
  rolloutStates,
} from '../../domain/rollout.js';

const enumOf = <T extends string>(words: readonly T[]) =>
  Object.fromEntries(words.map((word) => [word, word])) as { readonly [W in T]: W };

const ReleaseStateEnum = enumOf(releaseStates);
registerEnumType(ReleaseStateEnum, { name: 'ReleaseState' });

const RolloutStateEnum = enumOf(rolloutStates);
registerEnumType(RolloutStateEnum, { name: 'RolloutState' });

export const RolloutDeviceStateEnum = enumOf(rolloutDeviceStates);
registerEnumType(RolloutDeviceStateEnum, { name: 'RolloutDeviceState' });

/** `model` is resolved from its id. */
@ObjectType('Artefact', { description: 'A file for one hardware of a model' })
export class ArtefactType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  hardwareId!: string;

  @Field(() => String)
  version!: string;

  @Field(() => Int)
  counter!: number;

  @Field(() => Int, { description: 'Bytes' })
  length!: number;

  @Field(() => String)
  sha256!: string;

  @Field(() => String)
  fileName!: string;

  @Field(() => String)
  uploadedBy!: string;

  @Field(() => GraphQLISODateTime)
  uploadedAt!: Date;

  modelId!: string;
}

/** `model`, `artefacts` and `rollouts` are resolved. */
@ObjectType('Release', { description: 'What devices of a model are to run' })
export class ReleaseType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  version!: string;

  @Field(() => Int)
  counter!: number;

  @Field(() => String)
  notes!: string;

  @Field(() => ReleaseStateEnum)
  state!: ReleaseState;

  @Field(() => String)
  createdBy!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  publishedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  withdrawnAt!: Date | null;

  modelId!: string;
}

@ObjectType('RolloutCount')
export class RolloutCountType {
  @Field(() => RolloutDeviceStateEnum)
  state!: RolloutDeviceState;

  @Field(() => Int)
  count!: number;
}

/** `release`, `counts` and `devices` are resolved. */
@ObjectType('Rollout', { description: 'A release on its way to a frozen list of devices' })
export class RolloutType {
  @Field(() => ID)
  id!: string;

  @Field(() => RolloutStateEnum)
  state!: RolloutState;

  @Field(() => String)
  startedBy!: string;

  @Field(() => GraphQLISODateTime)
  startedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  endedAt!: Date | null;

  releaseId!: string;
}

@ObjectType('DeviceFirmware', { description: 'What a device said it runs' })
export class DeviceFirmwareType {
  @Field(() => String)
  version!: string;

  @Field(() => Int, { nullable: true })
  counter!: number | null;

  @Field(() => String, { nullable: true })
  hardware!: string | null;

  @Field(() => GraphQLISODateTime)
  at!: Date;
}

/** `device` is resolved from its id. */
@ObjectType('RolloutDevice')
export class RolloutDeviceType {
  @Field(() => RolloutDeviceStateEnum)
  state!: RolloutDeviceState;

  @Field(() => Int, { nullable: true, description: 'Of the download' })
  percent!: number | null;

  @Field(() => String, { nullable: true, description: 'Why it was left out, failed or rolled back' })
  why!: string | null;

  @Field(() => DeviceFirmwareType, { nullable: true, description: 'What it said it runs, in this rollout' })
  reported!: DeviceFirmwareType | null;

  @Field(() => GraphQLISODateTime)
  changedAt!: Date;

  deviceId!: string;
}

export const ArtefactConnection = Paginated(ArtefactType);
export const ReleaseConnection = Paginated(ReleaseType);
export const RolloutConnection = Paginated(RolloutType);
export const RolloutDeviceConnection = Paginated(RolloutDeviceType);

@InputType('CreateReleaseInput')
export class CreateReleaseInputType {
  @Field(() => ID)
  modelId!: string;

  @Field(() => String)
  version!: string;

  @Field(() => Int, { description: 'Counts releases of the model: a higher one is newer' })
  counter!: number;

  @Field(() => [ID])
  artefactIds!: string[];

  @Field(() => String, { nullable: true })
  notes?: string | null;
}
