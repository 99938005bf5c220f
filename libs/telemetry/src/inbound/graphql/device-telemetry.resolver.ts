import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { DeviceType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { Database, GraphQLISODateTime, loader } from '@throughline/platform';
import { LatestReadings } from '../../application/latest-readings.js';
import type { StoredReading } from '../../domain/reading.js';

@Resolver(() => DeviceType)
export class DeviceTelemetryResolver {
  constructor(
    private readonly database: Database,
    private readonly latest: LatestReadings,
  ) {}

  @Requires('telemetry:read')
  @ResolveField(() => GraphQLISODateTime, {
    nullable: true,
    description: "Time of the newest message by the device's own clock",
  })
  async lastMessageAt(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<Date | null> {
    const reading = await this.newest(context, scope, device.id);
    return reading ? new Date(reading.ts) : null;
  }

  @Requires('telemetry:read')
  @ResolveField(() => GraphQLISODateTime, { nullable: true, description: 'When we stored that message' })
  async lastMessageStoredAt(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<Date | null> {
    const reading = await this.newest(context, scope, device.id);
    return reading ? new Date(reading.storedAt) : null;
  }

  private newest(context: IdentityContext, scope: RequestScope, deviceId: string): Promise<StoredReading | undefined> {
    return loader<string, StoredReading | undefined>(context, 'telemetry.latestOfDevice', async (ids) => {
      const readings = await this.database.read(scope.data, (em) => this.latest.ofDevices(em, ids));
      return ids.map((id) => readings.get(id));
    }).load(deviceId);
  }
}
