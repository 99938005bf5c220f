import { Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLDecimal, GraphQLISODateTime, Paginated } from '@throughline/platform';
import { type Category, categories } from '../../domain/category.js';
import type { StateMap } from '../../domain/model.js';
import { type PresenceState, presenceStates } from '../../domain/presence-state.js';

/** The GraphQL enum of categories, for this lib and those after it. */
export const CategoryEnum = Object.fromEntries(categories.map((c) => [c, c])) as { readonly [C in Category]: C };
registerEnumType(CategoryEnum, { name: 'Category' });

export const PresenceStateEnum = Object.fromEntries(presenceStates.map((s) => [s, s])) as {
  readonly [S in PresenceState]: S;
};
registerEnumType(PresenceStateEnum, { name: 'PresenceState' });

@ObjectType('StateDefinition')
export class StateDefinitionType {
  @Field(() => String)
  value!: string;

  @Field(() => String)
  name!: string;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => GraphQLDecimal, { nullable: true })
  fraction?: string | null;
}

/** `states` is resolved from `stateMap`, which is not part of the schema. */
@ObjectType('Model')
export class ModelType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  title!: string;

  @Field(() => Int)
  staleAfterMs!: number;

  @Field(() => Int, { nullable: true, description: 'A device of it that disconnected is asleep for this long' })
  sleepAfterMs?: number | null;

  stateMap!: StateMap;
}

/** Ids of what it refers to are not part of the schema; `model`, `site`, `customer` and `device` are resolved from them. */
@ObjectType('Asset')
export class AssetType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  serialNumber!: string;

  @Field(() => String)
  location!: string;

  @Field(() => GraphQLISODateTime)
  inServiceSince!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was taken out of service for good' })
  retiredAt!: Date | null;

  customerId!: string;
  siteId!: string;
  modelId!: string;
}

@ObjectType('Device')
export class DeviceType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  thingName!: string;

  @Field(() => String)
  state!: string;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it last connected or disconnected' })
  lastSeenAt!: Date | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => String, { nullable: true, description: 'What it last said that it runs' })
  firmwareVersion!: string | null;

  modelId!: string;
  /** Resolved as a list. */
  tags!: Readonly<Record<string, string>>;
}

@ObjectType('Certificate')
export class CertificateType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  fingerprint!: string;

  @Field(() => String)
  serialNumber!: string;

  @Field(() => GraphQLISODateTime)
  notBefore!: Date;

  @Field(() => GraphQLISODateTime)
  notAfter!: Date;

  @Field(() => String)
  state!: string;
}

@ObjectType('PresenceInterval')
export class PresenceIntervalType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  connectedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  disconnectedAt!: Date | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => String, { nullable: true })
  remoteAddress!: string | null;
}

/** `device` and `asset` are resolved from their ids. */
@ObjectType('Installation')
export class InstallationType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  to!: Date | null;

  @Field(() => Boolean, { description: 'The device is lent' })
  loan!: boolean;

  deviceId!: string;
  assetId!: string;
}

export const AssetConnection = Paginated(AssetType);
export const DeviceConnection = Paginated(DeviceType);

@InputType('AssetFilter')
export class AssetFilterInput {
  @Field(() => String, { nullable: true, description: 'Part of name, serial number or location' })
  search?: string | null;

  @Field(() => ID, { nullable: true })
  customerId?: string | null;

  @Field(() => ID, { nullable: true })
  siteId?: string | null;

  @Field(() => ID, { nullable: true })
  modelId?: string | null;
}

@InputType('DeviceFilter')
export class DeviceFilterInput {
  @Field(() => String, { nullable: true, description: 'Part of the thing name' })
  search?: string | null;

  @Field(() => Boolean, { nullable: true })
  connected?: boolean | null;

  @Field(() => ID, { nullable: true })
  modelId?: string | null;
}

@InputType('CreateAssetInput')
export class CreateAssetInputType {
  @Field(() => ID)
  siteId!: string;

  @Field(() => ID)
  modelId!: string;

  @Field(() => String)
  serialNumber!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  location?: string | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  inServiceSince?: Date | null;
}
