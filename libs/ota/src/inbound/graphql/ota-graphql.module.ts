import { Module } from '@nestjs/common';
import { FleetGraphqlModule } from '@throughline/fleet/graphql';
import { OtaModule } from '../../ota.module.js';

/** The part of the schema that ota owns. */
@Module({ imports: [OtaModule, FleetGraphqlModule], providers: [] })
export class OtaGraphqlModule {}
