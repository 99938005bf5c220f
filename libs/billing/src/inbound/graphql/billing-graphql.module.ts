import { Module } from '@nestjs/common';
import { ContractsGraphqlModule } from '@throughline/contracts/graphql';
import { FleetModule } from '@throughline/fleet';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { IdentityGraphqlModule } from '@throughline/identity/graphql';
import { BillingModule } from '../../billing.module.js';
import { BillingLoaders } from './billing-loaders.js';
import { AssetGuaranteeResolver, ContractBillingResolver } from './contract-billing.resolver.js';
import * as evidence from './evidence.resolver.js';
import { StatementLinesResolver, StatementsResolver } from './statements.resolver.js';

/** Billing's part of the schema. */
@Module({
  imports: [BillingModule, FleetModule, FleetGraphqlModule, IdentityGraphqlModule, ContractsGraphqlModule],
  providers: [
    AssetGuaranteeResolver,
    BillingLoaders,
    ContractBillingResolver,
    StatementLinesResolver,
    StatementsResolver,
    ...Object.values(evidence),
  ],
})
export class BillingGraphqlModule {}
