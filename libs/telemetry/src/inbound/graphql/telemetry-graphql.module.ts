import { Module } from '@nestjs/common';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { TelemetryModule } from '../../telemetry.module.js';
import { AssetGapsResolver } from './asset-gaps.resolver.js';
import { AssetTelemetryResolver } from './asset-telemetry.resolver.js';
import { DeviceTelemetryResolver } from './device-telemetry.resolver.js';
import { ModelTelemetryResolver } from './model-telemetry.resolver.js';
import { DeviceQuarantineResolver, QuarantineGroupResolver, QuarantineResolver } from './quarantine.resolver.js';

/** Telemetry's part of the schema. */
@Module({
  imports: [TelemetryModule, FleetGraphqlModule],
  providers: [
    AssetGapsResolver,
    AssetTelemetryResolver,
    DeviceTelemetryResolver,
    ModelTelemetryResolver,
    QuarantineResolver,
    QuarantineGroupResolver,
    DeviceQuarantineResolver,
  ],
})
export class TelemetryGraphqlModule {}
