import { Args, ArgsType, Context, Field, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AssetType, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { DomainError, interval, invalid, notFound } from '@throughline/kernel';
import { GraphQLISODateTime, loader } from '@throughline/platform';
import { LiveStates } from '../../application/live-states.js';
import { Timelines } from '../../application/timeline.js';
import type { TimelineInterval } from '../../domain/category.js';
import { coarsen } from '../../domain/coarsen.js';
import { toAssetLive, toAvailability, toTimelineInterval } from './shapes.js';
import { AssetLiveType, AvailabilityType, MessageRefType, TimelineIntervalType } from './types.js';

/** Intervals in one answer for one asset; a wider zoom asks for a larger `minMs`. */
export const MAX_INTERVALS = 5_000;
/** Stored entries read for one answer, of all its assets. */
const MAX_ENTRIES = 200_000;

@ArgsType()
export class PeriodArgs {
  @Field(() => GraphQLISODateTime)
  from!: Date;

  @Field(() => GraphQLISODateTime)
  to!: Date;
}

@ArgsType()
export class TimelineArgs extends PeriodArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 0,
    description: 'Shorter intervals are put together, for wide zooms',
  })
  minMs?: number | null;
}

/** What availability knows of an asset; a list of assets costs as many queries as one. */
@Resolver(() => AssetType)
export class AssetAvailabilityResolver {
  constructor(
    private readonly timelines: Timelines,
    private readonly states: LiveStates,
  ) {}

  @Requires('telemetry:read')
  @ResolveField(() => AssetLiveType)
  live(
    @Parent() asset: AssetType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<AssetLiveType> {
    return loader<string, AssetLiveType>(context, 'availability.live', async (ids) => {
      const states = await this.states.of(scope.data, ids);
      return ids.map((id) => {
        const state = states.get(id);
        return state ? toAssetLive(state) : notFound('asset', id);
      });
    }).load(asset.id);
  }

  @Requires('telemetry:read')
  @ResolveField(() => [TimelineIntervalType])
  async timeline(
    @Parent() asset: AssetType,
    @Args() { from, to, minMs }: TimelineArgs,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<TimelineIntervalType[]> {
    const range = interval(from, to, 'to');
    const least = minMs ?? 0;
    if (least < 0) throw invalid({ field: 'minMs', value: least, rule: 'must not be negative' });
    const key = `availability.timeline:${range.from}:${range.to}`;
    const whole = await loader<string, TimelineInterval[]>(context, key, async (ids) => {
      const found = await this.timelines.timelinesOf(scope.data, ids, range, { maxEntries: MAX_ENTRIES });
      return ids.map((id) => found.get(id) ?? notFound('asset', id));
    }).load(asset.id);
    const intervals = coarsen(whole, least);
    if (intervals.length > MAX_INTERVALS)
      throw invalid({
        field: 'minMs',
        value: least,
        rule: `must be larger, or the period shorter: ${intervals.length} intervals are more than ${MAX_INTERVALS}`,
      });
    return intervals.map(toTimelineInterval);
  }

  @Requires('telemetry:read')
  @ResolveField(() => AvailabilityType, { description: 'Raw availability (nothing excluded) of any period' })
  availability(
    @Parent() asset: AssetType,
    @Args() { from, to }: PeriodArgs,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<AvailabilityType> {
    const period = interval(from, to, 'to');
    const key = `availability.raw:${period.from}:${period.to}`;
    return loader<string, AvailabilityType>(context, key, async (ids) => {
      const found = await this.timelines.rawAvailabilityOf(scope.data, ids, period);
      return ids.map((id) => {
        const figure = found.get(id);
        return figure ? toAvailability(figure) : notFound('asset', id);
      });
    }).load(asset.id);
  }
}

/** The name of the device that sent a message. */
@Resolver(() => MessageRefType)
export class MessageRefResolver {
  constructor(private readonly fleet: FleetLoaders) {}

  /** A board that has left the customer's asset is no longer the customer's to see, yet its messages are. */
  @ResolveField(() => String)
  async thingName(@Parent() message: MessageRefType, @Context() context: IdentityContext): Promise<string> {
    try {
      return (await this.fleet.device(context, message.deviceId)).thingName;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'NOT_FOUND') return 'an exchanged controller';
      throw error;
    }
  }
}
