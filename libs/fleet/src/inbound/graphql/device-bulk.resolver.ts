import {
  Args,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
  registerEnumType,
} from '@nestjs/graphql';
import { CurrentScope, type RequestScope, Requires } from '@throughline/identity';
import { invalid } from '@throughline/kernel';
import { Cost, GraphQLISODateTime } from '@throughline/platform';
import { type DeviceBulk, OrderDeviceBulk } from '../../application/bulk/order-device-bulk.js';
import { DeviceTargetInput } from './device-target.js';
import { DeviceTagInput } from './search.types.js';

export enum DeviceBulkActionEnum {
  set_tags = 'set_tags',
  quarantine = 'quarantine',
  release = 'release',
}
registerEnumType(DeviceBulkActionEnum, { name: 'DeviceBulkAction' });

@ObjectType('DeviceBulkFailure')
export class DeviceBulkFailureType {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => String)
  thingName!: string;

  @Field(() => String)
  reason!: string;
}

/** `failures` is resolved. */
@ObjectType('DeviceBulk', { description: 'A change of many devices that was ordered, and how far it is' })
export class DeviceBulkType {
  @Field(() => ID)
  id!: string;

  @Field(() => DeviceBulkActionEnum)
  action!: DeviceBulkActionEnum;

  @Field(() => String)
  requestedBy!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => Int)
  total!: number;

  @Field(() => Int, { description: 'Devices that are as was asked' })
  done!: number;

  @Field(() => Int, { description: 'Devices with which it could not be done' })
  failed!: number;
}

@Resolver(() => DeviceBulkType)
export class DeviceBulkResolver {
  constructor(private readonly order: OrderDeviceBulk) {}

  @Requires('devices:read')
  @Query(() => DeviceBulkType)
  async deviceBulk(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<DeviceBulkType> {
    return shape(await this.order.find(scope.data, id));
  }

  @Requires('devices:write')
  @Cost(50)
  @Mutation(() => DeviceBulkType, { description: 'As setDeviceTags, for up to 100,000 devices' })
  async tagDevices(
    @CurrentScope() scope: RequestScope,
    @Args('target', { type: () => DeviceTargetInput }) target: DeviceTargetInput,
    @Args('tags', { type: () => [DeviceTagInput] }) tags: DeviceTagInput[],
  ): Promise<DeviceBulkType> {
    if (new Set(tags.map((tag) => tag.key)).size < tags.length)
      throw invalid({ field: 'tags', value: tags.map((tag) => tag.key), rule: 'must name each key once' });
    const change = Object.fromEntries(tags.map(({ key, value }) => [key, value ?? null]));
    return shape(await this.order.run(scope.data, target, { action: 'set_tags', tags: change }, scope.actor.name));
  }

  @Requires('devices:write')
  @Cost(50)
  @Mutation(() => DeviceBulkType, { description: 'As quarantineDevice, for up to 100,000 devices' })
  async quarantineDevices(
    @CurrentScope() scope: RequestScope,
    @Args('target', { type: () => DeviceTargetInput }) target: DeviceTargetInput,
  ): Promise<DeviceBulkType> {
    return shape(await this.order.run(scope.data, target, { action: 'quarantine', tags: null }, scope.actor.name));
  }

  @Requires('devices:write')
  @Cost(50)
  @Mutation(() => DeviceBulkType, { description: 'As releaseDevice, for up to 100,000 devices' })
  async releaseDevices(
    @CurrentScope() scope: RequestScope,
    @Args('target', { type: () => DeviceTargetInput }) target: DeviceTargetInput,
  ): Promise<DeviceBulkType> {
    return shape(await this.order.run(scope.data, target, { action: 'release', tags: null }, scope.actor.name));
  }

  @ResolveField(() => [DeviceBulkFailureType], { description: 'The first 100, by thing name' })
  failures(@Parent() bulk: DeviceBulkType, @CurrentScope() scope: RequestScope): Promise<DeviceBulkFailureType[]> {
    return bulk.failed === 0 ? Promise.resolve([]) : this.order.failures(scope.data, bulk.id);
  }
}

const shape = (bulk: DeviceBulk): DeviceBulkType => ({
  ...bulk,
  action: bulk.action as DeviceBulkActionEnum,
  finishedAt: bulk.finishedAt ?? null,
});
