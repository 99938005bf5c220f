import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { Clock } from '@throughline/kernel';
import { type Connection, pageArgs } from '@throughline/platform';
import { ChangeDeviceState } from '../../application/change-device-state.js';
import { CreateDevice } from '../../application/create-device.js';
import { Devices } from '../../application/devices.js';
import { RevokeCertificate } from '../../application/revoke-certificate.js';
import type { DeviceState } from '../../domain/device-state.js';
import { type PresenceState, presenceState } from '../../domain/presence-state.js';
import { DevicesArgs, given } from './args.js';
import { FleetLoaders } from './fleet-loaders.js';
import {
  AssetType,
  CertificateType,
  DeviceConnection,
  DeviceType,
  InstallationType,
  ModelType,
  PresenceIntervalType,
  PresenceStateEnum,
} from './types.js';

@Resolver(() => DeviceType)
export class DevicesResolver {
  constructor(
    private readonly all: Devices,
    private readonly create: CreateDevice,
    private readonly changeState: ChangeDeviceState,
    private readonly revoke: RevokeCertificate,
    private readonly loaders: FleetLoaders,
    private readonly clock: Clock,
  ) {}

  @Requires('devices:read')
  @Query(() => DeviceConnection)
  devices(@CurrentScope() scope: RequestScope, @Args() args: DevicesArgs): Promise<Connection<DeviceType>> {
    return this.all.page(scope.data, given(args.filter), pageArgs(args.first, args.after));
  }

  @Requires('devices:read')
  @Query(() => DeviceType, { nullable: true })
  async device(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<DeviceType | undefined> {
    const [device] = await this.all.many(scope.data, [id]);
    return device;
  }

  @Requires('devices:write')
  @Mutation(() => DeviceType)
  createDevice(
    @CurrentScope() scope: RequestScope,
    @Args('modelName', { type: () => String }) modelName: string,
    @Args('thingName', { type: () => String }) thingName: string,
  ): Promise<DeviceType> {
    return this.create.run(scope.data, { modelName, thingName });
  }

  @Requires('devices:write')
  @Mutation(() => DeviceType, { description: 'Moves a device to another state of its life' })
  changeDeviceState(
    @CurrentScope() scope: RequestScope,
    @Args('deviceId', { type: () => ID }) deviceId: string,
    @Args('to', { type: () => String }) to: string,
  ): Promise<DeviceType> {
    // The use case refuses what is no state.
    return this.changeState.run(scope.data, { deviceId, to: to as DeviceState });
  }

  @Requires('devices:write')
  @Mutation(() => CertificateType, {
    description: 'Ends a certificate by its fingerprint: its session is cut, the next connection refused',
  })
  revokeCertificate(
    @CurrentScope() scope: RequestScope,
    @Args('fingerprint', { type: () => String }) fingerprint: string,
  ): Promise<CertificateType> {
    return this.revoke.run(scope.data, { fingerprint });
  }

  @Requires('models:read')
  @ResolveField(() => ModelType)
  model(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<ModelType> {
    return this.loaders.model(context, device.modelId);
  }

  @Requires('assets:read')
  @ResolveField(() => AssetType, { nullable: true, description: 'The asset it speaks for now' })
  asset(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<AssetType | undefined> {
    return this.loaders.assetOfDevice(context, device.id);
  }

  @ResolveField(() => Boolean)
  connected(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<boolean> {
    return this.loaders.connected(context, device.id);
  }

  @ResolveField(() => PresenceStateEnum, { description: 'Sleeping: gone for no longer than its model sleeps' })
  async presenceState(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<PresenceState> {
    if (await this.loaders.connected(context, device.id)) return 'connected';
    const { sleepAfterMs } = await this.loaders.model(context, device.modelId);
    return presenceState(device.lastSeenAt, sleepAfterMs ?? null, this.clock.now());
  }

  @Requires('devices:read')
  @ResolveField(() => [CertificateType])
  certificates(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<CertificateType[]> {
    return this.loaders.certificates(context, device.id);
  }

  @Requires('devices:read')
  @ResolveField(() => [PresenceIntervalType], { description: 'Newest first' })
  presence(
    @Parent() device: DeviceType,
    @Context() context: IdentityContext,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first?: number | null,
  ): Promise<PresenceIntervalType[]> {
    return this.loaders.presence(context, device.id, pageArgs(first).first);
  }

  @Requires('devices:read')
  @ResolveField(() => [InstallationType], { description: 'Oldest first' })
  installations(@Parent() device: DeviceType, @Context() context: IdentityContext): Promise<InstallationType[]> {
    return this.loaders.installationsOf(context, device.id);
  }
}
