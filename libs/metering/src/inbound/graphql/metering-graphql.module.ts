import { Module } from '@nestjs/common';
import { MeteringModule } from '../../metering.module.js';
import { AssetUsageResolver, ModelMetersResolver } from './usage.resolver.js';

/** Metering's part of the schema. */
@Module({ imports: [MeteringModule], providers: [AssetUsageResolver, ModelMetersResolver] })
export class MeteringGraphqlModule {}
