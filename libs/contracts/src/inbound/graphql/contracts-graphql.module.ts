import { Module } from '@nestjs/common';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { IdentityGraphqlModule } from '@throughline/identity/graphql';
import { ContractsModule } from '../../contracts.module.js';
import { AssetContractResolver, ContractsResolver, CustomerContractsResolver } from './contracts.resolver.js';
import { ContractsLoaders } from './contracts-loaders.js';
import { PlansResolver, PlanVersionsResolver } from './plans.resolver.js';

/** Contracts' part of the schema. */
@Module({
  imports: [ContractsModule, IdentityGraphqlModule, FleetGraphqlModule],
  providers: [
    AssetContractResolver,
    ContractsResolver,
    CustomerContractsResolver,
    PlansResolver,
    PlanVersionsResolver,
    ContractsLoaders,
  ],
  exports: [ContractsLoaders],
})
export class ContractsGraphqlModule {}
