import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { OtaModule } from '../../ota.module.js';
import { ArtefactsResolver } from './artefacts.resolver.js';
import { OtaLoaders } from './ota-loaders.js';
import { ReleasesResolver } from './releases.resolver.js';
import { DeviceFirmwareResolver, RolloutDevicesResolver, RolloutsResolver } from './rollouts.resolver.js';

/** The part of the schema that ota owns. */
@Module({
  imports: [OtaModule, FleetGraphqlModule, FleetModule],
  providers: [
    ArtefactsResolver,
    ReleasesResolver,
    RolloutsResolver,
    RolloutDevicesResolver,
    DeviceFirmwareResolver,
    OtaLoaders,
  ],
})
export class OtaGraphqlModule {}
