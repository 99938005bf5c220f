import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { invalid } from '@throughline/kernel';
import { Cost, pageArgs } from '@throughline/platform';
import { ImportDevices } from '../../application/import-devices.js';
import { PreviewTargets } from '../../application/preview-targets.js';
import { type DeviceSearch, SearchDevices } from '../../application/search-devices.js';
import { SetDeviceTags } from '../../application/set-device-tags.js';
import { DeviceTargetInput } from './device-target.js';
import { FleetLoaders } from './fleet-loaders.js';
import {
  DeviceImportType,
  DeviceSearchConnection,
  DeviceTagInput,
  DeviceTagType,
  orderOf,
  SearchDevicesArgs,
  TargetPartType,
  TargetPreviewType,
} from './search.types.js';
import { DeviceType, ModelType } from './types.js';

@Resolver(() => DeviceType)
export class DeviceSearchResolver {
  constructor(
    private readonly search: SearchDevices,
    private readonly setTags: SetDeviceTags,
    private readonly importing: ImportDevices,
    private readonly preview: PreviewTargets,
  ) {}

  @Requires('devices:read')
  @Cost(10)
  @Query(() => DeviceSearchConnection, { description: 'Devices that match a query' })
  searchDevices(@CurrentScope() scope: RequestScope, @Args() args: SearchDevicesArgs): Promise<DeviceSearch> {
    return this.search.page(scope.data, args.query ?? '', orderOf(args.sort), pageArgs(args.first, args.after));
  }

  @Requires('devices:read')
  @Cost(50)
  @Query(() => TargetPreviewType, { description: 'Whom something would be done with, at this moment' })
  targetPreview(
    @CurrentScope() scope: RequestScope,
    @Args('target', { type: () => DeviceTargetInput }) target: DeviceTargetInput,
  ): Promise<TargetPreviewType> {
    return this.preview.run(scope.data, target);
  }

  @Requires('devices:write')
  @Mutation(() => DeviceType, { description: 'Sets these tags, removes those without a value; others stay' })
  setDeviceTags(
    @CurrentScope() scope: RequestScope,
    @Args('deviceId', { type: () => ID }) deviceId: string,
    @Args('tags', { type: () => [DeviceTagInput] }) tags: DeviceTagInput[],
  ): Promise<DeviceType> {
    const entries = tags.map(({ key, value }) => [key, value ?? null] as const);
    if (new Set(tags.map((tag) => tag.key)).size < tags.length)
      throw invalid({ field: 'tags', value: tags.map((tag) => tag.key), rule: 'must name each key once' });
    return this.setTags.run(scope.data, { deviceId, tags: Object.fromEntries(entries) });
  }

  @Requires('devices:write', 'assets:write')
  @Mutation(() => DeviceImportType, {
    description:
      'Registers devices, with their machines, from CSV: all or nothing. A file above 200 kB goes to POST /imports/devices.csv',
  })
  importDevices(
    @CurrentScope() scope: RequestScope,
    @Args('csv', { type: () => String }) csv: string,
    @Args('dryRun', { type: () => Boolean }) dryRun: boolean,
  ): Promise<DeviceImportType> {
    return this.importing.run(scope.data, { csv, dryRun });
  }

  @ResolveField(() => [DeviceTagType], { description: 'By key' })
  tags(@Parent() device: DeviceType): DeviceTagType[] {
    return Object.entries(device.tags)
      .map(([key, value]) => ({ key, value }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

/** Counted only for those who ask. */
@Resolver(() => DeviceSearchConnection)
export class DeviceSearchConnectionResolver {
  @Cost(10)
  @ResolveField(() => Int)
  async totalCount(@Parent() search: DeviceSearch): Promise<number> {
    return (await search.total()).count;
  }

  @ResolveField(() => Boolean, { description: 'There are more matches than totalCount says: it counts to 1000' })
  async moreThanCounted(@Parent() search: DeviceSearch): Promise<boolean> {
    return (await search.total()).more;
  }
}

@Resolver(() => TargetPartType)
export class TargetPartResolver {
  constructor(private readonly loaders: FleetLoaders) {}

  @ResolveField(() => ModelType)
  model(@Parent() part: TargetPartType, @Context() context: IdentityContext): Promise<ModelType> {
    return this.loaders.model(context, part.modelId);
  }
}
