import { Module } from '@nestjs/common';
import { IdentityGraphqlModule } from '@throughline/identity/graphql';
import { FleetModule } from '../../fleet.module.js';
import { AssetsResolver, CustomerAssetsResolver } from './assets.resolver.js';
import { DeviceAwsProblemResolver, JobAwsProblemResolver } from './aws-problems.resolver.js';
import { DeviceBulkResolver } from './device-bulk.resolver.js';
import { DeviceGroupsResolver, DeviceInGroupsResolver } from './device-groups.resolver.js';
import { DeviceSearchConnectionResolver, DeviceSearchResolver, TargetPartResolver } from './device-search.resolver.js';
import { DevicesResolver } from './devices.resolver.js';
import { FleetLoaders } from './fleet-loaders.js';
import { InstallationsResolver } from './installations.resolver.js';
import { IotJobLoaders } from './iot-jobs.loaders.js';
import { DeviceJobsResolver, JobExecutionsResolver, JobsResolver } from './iot-jobs.resolver.js';
import { ModelsResolver } from './models.resolver.js';
import {
  ClaimBatchesResolver,
  ProvisioningAttemptsResolver,
  ProvisioningTemplatesResolver,
  RegisteredCasResolver,
} from './provisioning.resolver.js';
import { ShadowHistoryResolver, ShadowsResolver } from './shadows.resolver.js';

/** Fleet's part of the schema. */
@Module({
  imports: [FleetModule, IdentityGraphqlModule],
  providers: [
    AssetsResolver,
    CustomerAssetsResolver,
    DevicesResolver,
    DeviceSearchResolver,
    DeviceSearchConnectionResolver,
    TargetPartResolver,
    DeviceBulkResolver,
    DeviceGroupsResolver,
    DeviceInGroupsResolver,
    InstallationsResolver,
    ModelsResolver,
    ...[JobsResolver, JobExecutionsResolver, DeviceJobsResolver, IotJobLoaders],
    FleetLoaders,
    ...[DeviceAwsProblemResolver, JobAwsProblemResolver],
    ...[ShadowsResolver, ShadowHistoryResolver],
    ProvisioningTemplatesResolver,
    ClaimBatchesResolver,
    RegisteredCasResolver,
    ProvisioningAttemptsResolver,
  ],
  exports: [FleetLoaders],
})
export class FleetGraphqlModule {}
