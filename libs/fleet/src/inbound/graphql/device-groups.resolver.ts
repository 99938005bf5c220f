import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { Cost, pageArgs } from '@throughline/platform';
import { ChangeDeviceGroup } from '../../application/change-device-group.js';
import { type ChangedMembers, ChangeGroupMembers } from '../../application/change-group-members.js';
import { CreateDeviceGroup } from '../../application/create-device-group.js';
import { DeleteDeviceGroup } from '../../application/delete-device-group.js';
import { DeviceGroups } from '../../application/device-groups.js';
import type { DeviceSearch } from '../../application/search-devices.js';
import { FleetLoaders } from './fleet-loaders.js';
import {
  ChangeDeviceGroupInputType,
  ChangedMembersType,
  CreateDeviceGroupInputType,
  DeviceGroupType,
  DeviceSearchConnection,
  GroupMembersArgs,
  orderOf,
  SortedDevicesArgs,
} from './search.types.js';
import { DeviceType } from './types.js';

@Resolver(() => DeviceGroupType)
export class DeviceGroupsResolver {
  constructor(
    private readonly groups: DeviceGroups,
    private readonly create: CreateDeviceGroup,
    private readonly change: ChangeDeviceGroup,
    private readonly remove: DeleteDeviceGroup,
    private readonly changeMembers: ChangeGroupMembers,
  ) {}

  @Requires('devices:read')
  @Query(() => [DeviceGroupType], { description: 'By name; there are at most 1000' })
  deviceGroups(@CurrentScope() scope: RequestScope): Promise<DeviceGroupType[]> {
    return this.groups.all(scope.data);
  }

  @Requires('devices:read')
  @Query(() => DeviceGroupType, { nullable: true })
  deviceGroup(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<DeviceGroupType | undefined> {
    return this.groups.find(scope.data, id);
  }

  @Requires('groups:write')
  @Mutation(() => DeviceGroupType, { description: 'A dynamic group when a query is given, else a static one' })
  createDeviceGroup(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => CreateDeviceGroupInputType }) input: CreateDeviceGroupInputType,
  ): Promise<DeviceGroupType> {
    return this.create.run(scope.data, input);
  }

  @Requires('groups:write')
  @Mutation(() => DeviceGroupType, { description: 'Changes what is given' })
  changeDeviceGroup(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => ChangeDeviceGroupInputType }) input: ChangeDeviceGroupInputType,
  ): Promise<DeviceGroupType> {
    return this.change.run(scope.data, input);
  }

  @Requires('groups:write')
  @Mutation(() => DeviceGroupType, { description: 'Its devices stay' })
  deleteDeviceGroup(
    @CurrentScope() scope: RequestScope,
    @Args('groupId', { type: () => ID }) groupId: string,
  ): Promise<DeviceGroupType> {
    return this.remove.run(scope.data, groupId);
  }

  @Requires('groups:write')
  @Mutation(() => ChangedMembersType, { description: 'To a static group' })
  addToDeviceGroup(@CurrentScope() scope: RequestScope, @Args() args: GroupMembersArgs): Promise<ChangedMembers> {
    return this.changeMembers.add(scope.data, args);
  }

  @Requires('groups:write')
  @Mutation(() => ChangedMembersType, { description: 'From a static group' })
  removeFromDeviceGroup(@CurrentScope() scope: RequestScope, @Args() args: GroupMembersArgs): Promise<ChangedMembers> {
    return this.changeMembers.remove(scope.data, args);
  }

  @Requires('devices:read')
  @Cost(10)
  @ResolveField(() => DeviceSearchConnection, { description: 'Who is in it now, of those one may see' })
  members(
    @CurrentScope() scope: RequestScope,
    @Parent() group: DeviceGroupType,
    @Args() args: SortedDevicesArgs,
  ): Promise<DeviceSearch> {
    return this.groups.members(scope.data, group, orderOf(args.sort), pageArgs(args.first, args.after));
  }
}

/** Groups of a device. */
@Resolver(() => DeviceType)
export class DeviceInGroupsResolver {
  constructor(private readonly loaders: FleetLoaders) {}

  @Requires('devices:read')
  @ResolveField(() => [DeviceGroupType], { description: 'Static groups that it is in, by name' })
  staticGroups(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<DeviceGroupType[]> {
    return this.loaders.staticGroups(context, device.id);
  }
}
