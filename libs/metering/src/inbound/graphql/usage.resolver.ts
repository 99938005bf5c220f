import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { PeriodArgs } from '@throughline/availability/graphql';
import { AssetType, ModelType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { interval } from '@throughline/kernel';
import { grouped, loader, quantityType } from '@throughline/platform';
import { Meters } from '../../application/meters.js';
import { Usage, type UsageTotal } from '../../application/usage.js';
import type { Meter } from '../../domain/meter.js';
import { MeterType, UsageTotalType } from './types.js';

export const toMeter = ({ id, name, title, definition, unit }: Meter): MeterType => ({
  id,
  name,
  title,
  type: definition.type,
  unit,
});

@Resolver(() => AssetType)
export class AssetUsageResolver {
  constructor(private readonly usages: Usage) {}

  @Requires('telemetry:read')
  @ResolveField(() => [UsageTotalType], { description: 'Totals of the hours that begin in the period' })
  async usage(
    @Parent() asset: AssetType,
    @Args() { from, to }: PeriodArgs,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<UsageTotalType[]> {
    const period = interval(from, to, 'to');
    const key = `metering.usage:${period.from}:${period.to}`;
    const totals = await loader<string, UsageTotal[]>(context, key, async (assetIds) =>
      grouped(assetIds, await this.usages.totals(scope.data, { assetIds, interval: period }), (t) => t.assetId),
    ).load(asset.id);
    return totals.map(({ meter, quantity, quality, windows }) => ({
      meter: toMeter(meter),
      quantity: quantityType(quantity),
      quality,
      windows,
    }));
  }
}

@Resolver(() => ModelType)
export class ModelMetersResolver {
  constructor(private readonly all: Meters) {}

  @ResolveField(() => [MeterType])
  async meters(@Parent() model: ModelType, @Context() context: IdentityContext): Promise<MeterType[]> {
    const meters = await loader<string, Meter[]>(context, 'metering.metersOfModel', async (ids) =>
      grouped(ids, await this.all.ofModels(ids), (meter) => meter.modelId),
    ).load(model.id);
    return meters.map(toMeter);
  }
}
