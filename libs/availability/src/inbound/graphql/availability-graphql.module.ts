import { Module } from '@nestjs/common';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { IdentityModule } from '@throughline/identity';
import { AvailabilityModule } from '../../availability.module.js';
import { AssetAvailabilityResolver, MessageRefResolver } from './asset-availability.resolver.js';
import { AssetLiveResolver } from './asset-live.resolver.js';

/** Availability's part of the schema. */
@Module({
  imports: [AvailabilityModule, FleetGraphqlModule, IdentityModule],
  providers: [AssetAvailabilityResolver, MessageRefResolver, AssetLiveResolver],
})
export class AvailabilityGraphqlModule {}
