import { Module } from '@nestjs/common';
import { FleetModule } from '@throughline/fleet';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { IdentityModule } from '@throughline/identity';
import { DiagnosticsModule } from '../../diagnostics.module.js';
import {
  AssetCommandsResolver,
  CommandsResolver,
  DeviceCommandsResolver,
  ModelCommandsResolver,
} from './commands.resolver.js';
import { LiveResolver } from './live.resolver.js';
import { AssetRunsResolver, RunsResolver } from './runs.resolver.js';

/** The part of the schema that diagnostics owns. */
@Module({
  imports: [DiagnosticsModule, FleetGraphqlModule, FleetModule, IdentityModule],
  providers: [
    AssetCommandsResolver,
    AssetRunsResolver,
    CommandsResolver,
    DeviceCommandsResolver,
    LiveResolver,
    ModelCommandsResolver,
    RunsResolver,
  ],
})
export class DiagnosticsGraphqlModule {}
