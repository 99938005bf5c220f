import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AssetType } from '@throughline/fleet/graphql';
import { CurrentScope, type RequestScope, Requires } from '@throughline/identity';
import { Cost, pageArgs } from '@throughline/platform';
import { Gaps } from '../../application/gaps/gaps.js';
import { CompletenessType, GapsArgs, PeriodArgs, TelemetryGapType } from './gap.types.js';

@Resolver(() => AssetType)
export class AssetGapsResolver {
  constructor(private readonly reader: Gaps) {}

  @Requires('telemetry:read')
  @Cost(50)
  @ResolveField(() => CompletenessType, { description: 'Of messages with event time in [from, to)' })
  async completeness(@Parent() asset: AssetType, @Args() { from, to }: PeriodArgs): Promise<CompletenessType> {
    const figure = await this.reader.completeness(asset.id, { from: from.getTime(), to: to.getTime() });
    return { ...figure, share: figure.share?.toString() ?? null };
  }

  @Requires('telemetry:read')
  @ResolveField(() => [TelemetryGapType], {
    description: 'Gaps whose following message lies in [from, to), the newest first',
  })
  async gaps(
    @Parent() asset: AssetType,
    @Args() { from, to, first }: GapsArgs,
    @CurrentScope() scope: RequestScope,
  ): Promise<TelemetryGapType[]> {
    const period = { from: from.getTime(), to: to.getTime() };
    const gaps = await this.reader.ofAsset(scope.data, asset.id, period, pageArgs(first).first);
    return gaps.map(({ after, before, foundAt, ...gap }) => ({
      ...gap,
      messages: gap.toSeq - gap.fromSeq + 1,
      from: after === null ? null : new Date(after),
      to: new Date(before),
      foundAt: new Date(foundAt),
    }));
  }
}
