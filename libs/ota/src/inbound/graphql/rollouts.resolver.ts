import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ResolveTargets } from '@throughline/fleet';
import { DeviceTargetInput, DeviceType, devicesMeant, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, pageArgs } from '@throughline/platform';
import { CancelRollout } from '../../application/cancel-rollout.js';
import { Rollouts } from '../../application/rollouts.js';
import { StartRelease } from '../../application/start-release.js';
import { givenId, RolloutDevicesArgs, RolloutsArgs } from './args.js';
import { OtaLoaders } from './ota-loaders.js';
import {
  DeviceFirmwareType,
  ReleaseType,
  RolloutConnection,
  RolloutCountType,
  RolloutDeviceConnection,
  RolloutDeviceType,
  RolloutType,
} from './types.js';

@Resolver(() => RolloutType)
export class RolloutsResolver {
  constructor(
    private readonly all: Rollouts,
    private readonly start: StartRelease,
    private readonly cancel: CancelRollout,
    private readonly targets: ResolveTargets,
    private readonly loaders: OtaLoaders,
  ) {}

  @Requires('releases:read')
  @Query(() => RolloutConnection, { description: 'Newest first' })
  rollouts(@CurrentScope() scope: RequestScope, @Args() args: RolloutsArgs): Promise<Connection<RolloutType>> {
    return this.all.page(scope.data, givenId('releaseId', args.releaseId), pageArgs(args.first, args.after));
  }

  @Requires('releases:read')
  @Query(() => RolloutType, { nullable: true })
  async rollout(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<RolloutType | undefined> {
    const [rollout] = await this.all.many(scope.data, [id]);
    return rollout;
  }

  @Requires('releases:write')
  @Mutation(() => RolloutType, { description: 'Sends a published release to devices; says why for each one left out' })
  async startRelease(
    @CurrentScope() scope: RequestScope,
    @Args('releaseId', { type: () => ID }) releaseId: string,
    @Args('deviceIds', { type: () => [ID], nullable: true, description: 'Instead of a target' }) ids?: string[] | null,
    @Args('target', { type: () => DeviceTargetInput, nullable: true }) target?: DeviceTargetInput | null,
  ): Promise<RolloutType> {
    const deviceIds = await devicesMeant(this.targets, scope.data, target, { field: 'deviceIds', ids });
    return this.start.run(scope.data, { releaseId, deviceIds, startedBy: scope.actor.name });
  }

  @Requires('releases:write')
  @Mutation(() => RolloutType, { description: 'Devices that have not begun do not get the release; the others go on' })
  cancelRollout(
    @CurrentScope() scope: RequestScope,
    @Args('rolloutId', { type: () => ID }) rolloutId: string,
  ): Promise<RolloutType> {
    return this.cancel.run(scope.data, rolloutId);
  }

  @Requires('releases:read')
  @ResolveField(() => ReleaseType)
  release(@Parent() rollout: RolloutType, @Context() context: IdentityContext): Promise<ReleaseType> {
    return this.loaders.release(context, rollout.releaseId);
  }

  @Requires('releases:read')
  @ResolveField(() => [RolloutCountType], { description: 'Devices in each state; states without one are missing' })
  counts(@Parent() rollout: RolloutType, @Context() context: IdentityContext): Promise<RolloutCountType[]> {
    return this.loaders.countsOf(context, rollout.id);
  }

  @Requires('releases:read')
  @ResolveField(() => RolloutDeviceConnection)
  devices(
    @CurrentScope() scope: RequestScope,
    @Parent() rollout: RolloutType,
    @Args() { state, first, after }: RolloutDevicesArgs,
  ): Promise<Connection<RolloutDeviceType>> {
    return this.all.devicesOf(scope.data, rollout.id, state ?? undefined, pageArgs(first, after));
  }
}

@Resolver(() => RolloutDeviceType)
export class RolloutDevicesResolver {
  constructor(private readonly fleet: FleetLoaders) {}

  @Requires('devices:read')
  @ResolveField(() => DeviceType)
  device(@Parent() row: RolloutDeviceType, @Context() context: IdentityContext): Promise<DeviceType> {
    return this.fleet.device(context, row.deviceId);
  }
}

@Resolver(() => DeviceType)
export class DeviceFirmwareResolver {
  constructor(private readonly loaders: OtaLoaders) {}

  @Requires('devices:read')
  @ResolveField(() => DeviceFirmwareType, { nullable: true, description: 'What it last said it runs, in any rollout' })
  async firmware(
    @Parent() device: DeviceType,
    @Context() context: IdentityContext,
  ): Promise<DeviceFirmwareType | undefined> {
    return this.loaders.firmwareOf(context, device.id);
  }
}
