import { AvailabilityGraphqlModule } from '@throughline/availability/graphql';
import { BillingGraphqlModule } from '@throughline/billing/graphql';
import { ContractsGraphqlModule } from '@throughline/contracts/graphql';
import { DiagnosticsGraphqlModule } from '@throughline/diagnostics/graphql';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { IdentityGraphqlModule } from '@throughline/identity/graphql';
import { MeteringGraphqlModule } from '@throughline/metering/graphql';
import { OtaGraphqlModule } from '@throughline/ota/graphql';
import { TelemetryGraphqlModule } from '@throughline/telemetry/graphql';

/** Each lib's part of the schema. The order of the list is the order of the libs. */
export const graphqlModules = [
  IdentityGraphqlModule,
  FleetGraphqlModule,
  TelemetryGraphqlModule,
  DiagnosticsGraphqlModule,
  AvailabilityGraphqlModule,
  MeteringGraphqlModule,
  ContractsGraphqlModule,
  BillingGraphqlModule,
  OtaGraphqlModule,
];
