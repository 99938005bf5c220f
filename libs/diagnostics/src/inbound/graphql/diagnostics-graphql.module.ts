import { Module } from '@nestjs/common';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { DiagnosticsModule } from '../../diagnostics.module.js';

/** The part of the schema that diagnostics owns. */
@Module({ imports: [DiagnosticsModule, FleetGraphqlModule], providers: [] })
export class DiagnosticsGraphqlModule {}
