import { type DynamicModule, Module } from '@nestjs/common';
import { AvailabilityJobsModule, availabilityJobs } from '@throughline/availability/jobs';
import { BillingJobsModule, billingJobs } from '@throughline/billing/jobs';
import { DiagnosticsJobsModule, diagnosticsJobs } from '@throughline/diagnostics/jobs';
import { awsModeJobs, FleetJobsModule, fleetJobs } from '@throughline/fleet/jobs';
import { MeteringJobsModule, meteringJobs } from '@throughline/metering/jobs';
import { OtaJobsModule, otaJobs } from '@throughline/ota/jobs';
import { type Config, type JobDeclaration, PlatformModule } from '@throughline/platform';
import { OperationsModule } from '@throughline/platform/http';
import { TelemetryJobsModule, telemetryJobs } from '@throughline/telemetry/jobs';

/** Every job this process must be able to run; boot fails when one has no handler. */
export const declaredJobs = ({ aws }: Pick<Config, 'aws'>): JobDeclaration<never>[] => [
  ...fleetJobs,
  ...(aws ? awsModeJobs : []),
  ...(telemetryJobs as JobDeclaration<never>[]),
  ...(diagnosticsJobs as JobDeclaration<never>[]),
  ...(availabilityJobs as JobDeclaration<never>[]),
  ...(meteringJobs as JobDeclaration<never>[]),
  ...(billingJobs as JobDeclaration<never>[]),
  ...(otaJobs as JobDeclaration<never>[]),
];

@Module({})
export class WorkerModule {
  static with(config: Config): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PlatformModule.forRoot(config),
        OperationsModule.for(),
        FleetJobsModule.with(config),
        TelemetryJobsModule,
        DiagnosticsJobsModule,
        AvailabilityJobsModule,
        MeteringJobsModule,
        BillingJobsModule,
        OtaJobsModule,
      ],
    };
  }
}
