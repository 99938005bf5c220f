import { AvailabilityModule } from '@throughline/availability';
import { BillingModule } from '@throughline/billing';
import { ContractsModule } from '@throughline/contracts';
import { DiagnosticsModule } from '@throughline/diagnostics';
import { FleetModule } from '@throughline/fleet';
import { IdentityModule } from '@throughline/identity';
import { MeteringModule } from '@throughline/metering';
import { TelemetryModule } from '@throughline/telemetry';
import { TelemetryMqttModule } from '@throughline/telemetry/mqtt';

/** Use cases of every lib, for commands. */
export const libModules = [
  IdentityModule,
  FleetModule,
  TelemetryModule,
  TelemetryMqttModule,
  DiagnosticsModule,
  AvailabilityModule,
  MeteringModule,
  ContractsModule,
  BillingModule,
];
