import { type DynamicModule, Module } from '@nestjs/common';
import { BillingHttpModule } from '@throughline/billing/http';
import { FleetHttpModule } from '@throughline/fleet/http';
import { IdentityGraphqlModule } from '@throughline/identity/graphql';
import type { Clock } from '@throughline/kernel';
import { OtaHttpModule } from '@throughline/ota/http';
import { type Config, PlatformModule } from '@throughline/platform';
import { GraphqlPlumbingModule } from '@throughline/platform/graphql';
import { OperationsModule } from '@throughline/platform/http';
import { graphqlModules } from './graphql-modules.js';

/** Everything the API process is made of. */
@Module({})
export class ApiModule {
  static for(config: Config, clock?: Clock): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        PlatformModule.forRoot(config, clock),
        OperationsModule.for(),
        GraphqlPlumbingModule.for([IdentityGraphqlModule]),
        ...graphqlModules,
        FleetHttpModule,
        BillingHttpModule,
        OtaHttpModule,
      ],
    };
  }
}
