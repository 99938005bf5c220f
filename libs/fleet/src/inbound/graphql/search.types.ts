import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { GraphQLISODateTime, PageInput } from '@throughline/platform';
import type { DeviceGroupKind } from '../../domain/device-group.js';
import { type DeviceOrder, deviceOrders } from '../../domain/device-order.js';
import { DeviceConnection, DeviceType } from './types.js';

export const DeviceOrderEnum = Object.fromEntries(deviceOrders.map((o) => [o, o])) as {
  readonly [O in DeviceOrder['by']]: O;
};
registerEnumType(DeviceOrderEnum, { name: 'DeviceOrder' });

@InputType('DeviceSort', { description: 'Among equal values the thing name decides, in the same direction' })
export class DeviceSortInput {
  @Field(() => DeviceOrderEnum)
  by!: DeviceOrder['by'];

  @Field(() => Boolean, { nullable: true, defaultValue: false })
  descending?: boolean | null;
}

export const orderOf = (sort: DeviceSortInput | null | undefined): DeviceOrder => ({
  by: sort?.by ?? 'thingName',
  descending: sort?.descending ?? false,
});

@ArgsType()
export class SortedDevicesArgs extends PageInput {
  @Field(() => DeviceSortInput, { nullable: true })
  sort?: DeviceSortInput | null;
}

@ArgsType()
export class SearchDevicesArgs extends SortedDevicesArgs {
  @Field(() => String, {
    nullable: true,
    defaultValue: '',
    description: 'Such as: model:rx90 AND tags.region:north AND shadow.reported.temperature >= 20. Empty: every device',
  })
  query?: string | null;
}

@ObjectType('DeviceSearchConnection')
export class DeviceSearchConnection extends DeviceConnection {
  @Field(() => Boolean, { description: 'There are more matches than totalCount says: it counts to 1000' })
  moreThanCounted!: boolean;
}

/** `model` is resolved. */
@ObjectType('TargetPart', { description: 'Devices of a target that are alike' })
export class TargetPartType {
  @Field(() => String)
  state!: string;

  @Field(() => Boolean)
  connected!: boolean;

  @Field(() => String, { nullable: true })
  firmwareVersion!: string | null;

  @Field(() => Int)
  count!: number;

  modelId!: string;
}

@ObjectType('TargetPreview', { description: 'Whom something would be done with' })
export class TargetPreviewType {
  @Field(() => Int)
  total!: number;

  @Field(() => [TargetPartType], { description: 'The largest first' })
  parts!: readonly TargetPartType[];

  @Field(() => [DeviceType], { description: 'The first 200 by thing name' })
  devices!: readonly DeviceType[];
}

@ObjectType('DeviceTag')
export class DeviceTagType {
  @Field(() => String)
  key!: string;

  @Field(() => String)
  value!: string;
}

@InputType('DeviceTagInput')
export class DeviceTagInput {
  @Field(() => String)
  key!: string;

  @Field(() => String, { nullable: true, description: 'Null removes the tag' })
  value?: string | null;
}

/** `members` is resolved. */
@ObjectType('DeviceGroup')
export class DeviceGroupType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'static: devices were added; dynamic: its query says who is in it' })
  kind!: DeviceGroupKind;

  @Field(() => String)
  description!: string;

  @Field(() => String, { nullable: true })
  query!: string | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}

@ObjectType('ChangedMembers')
export class ChangedMembersType {
  @Field(() => DeviceGroupType)
  group!: DeviceGroupType;

  @Field(() => Int, { description: 'How many devices were added or removed' })
  changed!: number;
}

@InputType('CreateDeviceGroupInput')
export class CreateDeviceGroupInputType {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => String, { nullable: true, description: 'Makes the group dynamic' })
  query?: string | null;
}

@InputType('ChangeDeviceGroupInput')
export class ChangeDeviceGroupInputType {
  @Field(() => ID)
  groupId!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => String, { nullable: true, description: 'Of a dynamic group' })
  query?: string | null;
}

@ArgsType()
export class GroupMembersArgs {
  @Field(() => ID)
  groupId!: string;

  @Field(() => [String], { nullable: true, description: 'Thing names, at most 1000' })
  things?: string[] | null;

  @Field(() => String, { nullable: true, description: 'What matches it now' })
  query?: string | null;
}

@ObjectType('ImportFault')
export class ImportFaultType {
  @Field(() => Int, { description: 'Line of the file; the head is 1' })
  row!: number;

  @Field(() => String)
  field!: string;

  @Field(() => String)
  value!: string;

  @Field(() => String)
  rule!: string;
}

@ObjectType('DeviceImport')
export class DeviceImportType {
  @Field(() => Boolean, { description: 'False in a dry run, and when there are faults' })
  written!: boolean;

  @Field(() => Int)
  devices!: number;

  @Field(() => Int, { description: 'New machines' })
  assets!: number;

  @Field(() => Int)
  installations!: number;

  @Field(() => [ImportFaultType], { description: 'At most 1000 of faultCount' })
  faults!: readonly ImportFaultType[];

  @Field(() => Int)
  faultCount!: number;
}
