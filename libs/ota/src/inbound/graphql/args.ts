import { ArgsType, Field, ID } from '@nestjs/graphql';
import { invalid, isId } from '@throughline/kernel';
import { PageInput } from '@throughline/platform';
import type { RolloutDeviceState } from '../../domain/rollout.js';
import { RolloutDeviceStateEnum } from './types.js';

@ArgsType()
export class OfModelArgs extends PageInput {
  @Field(() => ID, { nullable: true })
  modelId?: string | null;
}

@ArgsType()
export class RolloutsArgs extends PageInput {
  @Field(() => ID, { nullable: true })
  releaseId?: string | null;
}

@ArgsType()
export class RolloutDevicesArgs extends PageInput {
  @Field(() => RolloutDeviceStateEnum, { nullable: true })
  state?: RolloutDeviceState | null;
}

/** Errors: INVALID_INPUT for what is no id. */
export function givenId(field: string, value: string | null | undefined): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (!isId(value)) throw invalid({ field, value, rule: 'must be an id' });
  return value;
}
