import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AssetType, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { Cost, Database, pageArgs } from '@throughline/platform';
import { DeviceEvents } from '../../application/device-events.js';
import { SeriesReader } from '../../application/series-reader.js';
import { DeviceEventType, SeriesArgs, SeriesType } from './types.js';

@Resolver(() => AssetType)
export class AssetTelemetryResolver {
  constructor(
    private readonly database: Database,
    private readonly reader: SeriesReader,
    private readonly deviceEvents: DeviceEvents,
    private readonly fleet: FleetLoaders,
  ) {}

  @Requires('telemetry:read')
  @Cost(50)
  @ResolveField(() => SeriesType, { description: 'One metric over time; at most 5,000 points' })
  async series(
    @Parent() asset: AssetType,
    @Args() { metric, from, to, maxPoints }: SeriesArgs,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<SeriesType> {
    const { staleAfterMs } = await this.fleet.model(context, asset.modelId);
    const period = { from: from.getTime(), to: to.getTime() };
    const series = await this.database.read(scope.data, (em) =>
      this.reader.read(em, asset, staleAfterMs, metric, period, maxPoints),
    );
    return {
      metric: series.metric.name,
      unit: series.metric.unit,
      points: series.points.map(([at, value]) => ({ at: new Date(at), value })),
      thinned: series.thinned,
    };
  }

  @Requires('telemetry:read')
  @ResolveField(() => [DeviceEventType], { description: 'The newest first' })
  async events(
    @Parent() asset: AssetType,
    @Args('first', { type: () => Int, defaultValue: 20 }) first: number,
    @CurrentScope() scope: RequestScope,
  ): Promise<DeviceEventType[]> {
    const limit = pageArgs(first).first;
    const events = await this.database.read(scope.data, (em) => this.deviceEvents.ofAsset(em, asset.id, limit));
    return events.map(({ id, ts, type, code, detail }) => ({ id, at: ts, type, code: code ?? null, detail }));
  }
}
