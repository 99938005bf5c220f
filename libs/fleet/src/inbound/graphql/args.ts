import { ArgsType, Field, ID } from '@nestjs/graphql';
import { type Fault, invalid, isId } from '@throughline/kernel';
import { GraphQLISODateTime, PageInput } from '@throughline/platform';
import { AssetFilterInput, DeviceFilterInput } from './types.js';

@ArgsType()
export class AssetsArgs extends PageInput {
  @Field(() => AssetFilterInput, { nullable: true })
  filter?: AssetFilterInput | null;
}

@ArgsType()
export class DevicesArgs extends PageInput {
  @Field(() => DeviceFilterInput, { nullable: true })
  filter?: DeviceFilterInput | null;
}

@ArgsType()
export class InstallArgs {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => ID)
  assetId!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  at?: Date | null;

  @Field(() => Boolean, { nullable: true, description: 'The device is lent' })
  loan?: boolean | null;
}

@ArgsType()
export class EndInstallationArgs {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  at?: Date | null;
}

@ArgsType()
export class RetireAssetArgs {
  @Field(() => ID)
  assetId!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  at?: Date | null;
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** A filter without its empty fields. Errors: INVALID_INPUT for a field named `…Id` that is no id. */
export function given<T extends object>(filter: T | null | undefined): Given<T> {
  const entries = Object.entries(filter ?? {}).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  const faults: Fault[] = entries
    .filter(([field, value]) => field.endsWith('Id') && !isId(value))
    .map(([field, value]) => ({ field: `filter.${field}`, value, rule: 'must be an id' }));
  if (faults.length > 0) throw invalid(...faults);
  return Object.fromEntries(entries) as Given<T>;
}
