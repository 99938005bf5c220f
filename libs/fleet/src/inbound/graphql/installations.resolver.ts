import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { EndInstallation } from '../../application/end-installation.js';
import { InstallDevice } from '../../application/install-device.js';
import { SwapDevice } from '../../application/swap-device.js';
import { EndInstallationArgs, InstallArgs } from './args.js';
import { FleetLoaders } from './fleet-loaders.js';
import { AssetType, DeviceType, InstallationType } from './types.js';

@Resolver(() => InstallationType)
export class InstallationsResolver {
  constructor(
    private readonly install: InstallDevice,
    private readonly end: EndInstallation,
    private readonly swap: SwapDevice,
    private readonly loaders: FleetLoaders,
  ) {}

  @Requires('devices:write')
  @Mutation(() => InstallationType)
  installDevice(@CurrentScope() scope: RequestScope, @Args() args: InstallArgs): Promise<InstallationType> {
    return this.install.run(scope.data, args);
  }

  @Requires('devices:write')
  @Mutation(() => InstallationType)
  endInstallation(@CurrentScope() scope: RequestScope, @Args() args: EndInstallationArgs): Promise<InstallationType> {
    return this.end.run(scope.data, args);
  }

  @Requires('devices:write')
  @Mutation(() => InstallationType, {
    description: "Replaces the asset's controller at one instant; answers the new installation",
  })
  async swapDevice(@CurrentScope() scope: RequestScope, @Args() args: InstallArgs): Promise<InstallationType> {
    return (await this.swap.run(scope.data, args)).started;
  }

  @ResolveField(() => DeviceType)
  device(@Parent() installation: InstallationType, @Context() context: IdentityContext): Promise<DeviceType> {
    return this.loaders.device(context, installation.deviceId);
  }

  @ResolveField(() => AssetType)
  asset(@Parent() installation: InstallationType, @Context() context: IdentityContext): Promise<AssetType> {
    return this.loaders.asset(context, installation.assetId);
  }
}
