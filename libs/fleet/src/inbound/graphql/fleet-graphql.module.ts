import { Module } from '@nestjs/common';
import { IdentityGraphqlModule } from '@throughline/identity/graphql';
import { FleetModule } from '../../fleet.module.js';
import { AssetsResolver, CustomerAssetsResolver } from './assets.resolver.js';
import { DevicesResolver } from './devices.resolver.js';
import { FleetLoaders } from './fleet-loaders.js';
import { InstallationsResolver } from './installations.resolver.js';
import { IotJobLoaders } from './iot-jobs.loaders.js';
import { DeviceJobsResolver, JobExecutionsResolver, JobsResolver } from './iot-jobs.resolver.js';
import { ModelsResolver } from './models.resolver.js';

/** Fleet's part of the schema. */
@Module({
  imports: [FleetModule, IdentityGraphqlModule],
  providers: [
    AssetsResolver,
    CustomerAssetsResolver,
    DevicesResolver,
    InstallationsResolver,
    ModelsResolver,
    ...[JobsResolver, JobExecutionsResolver, DeviceJobsResolver, IotJobLoaders],
    FleetLoaders,
  ],
  exports: [FleetLoaders],
})
export class FleetGraphqlModule {}
