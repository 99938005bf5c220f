import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, Cost, loader, PageInput, pageArgs } from '@throughline/platform';
import { DiscardShadow } from '../../application/shadow/discard-shadow.js';
import { SetDesired } from '../../application/shadow/set-desired.js';
import { Shadows } from '../../application/shadow/shadows.js';
import {
  ShadowArgs,
  ShadowChangeConnection,
  type ShadowChangeType,
  ShadowConnection,
  ShadowType,
  UpdateShadowArgs,
} from './shadow-types.js';
import { DeviceType } from './types.js';

/** Shadows of a device, and changing what is desired of it. */
@Resolver(() => DeviceType)
export class ShadowsResolver {
  constructor(
    private readonly all: Shadows,
    private readonly setDesired: SetDesired,
    private readonly discard: DiscardShadow,
  ) {}

  @Requires('devices:read')
  @ResolveField(() => ShadowConnection, { description: 'By name, the classic one first' })
  shadows(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
    @Args() { first, after }: PageInput,
  ): Promise<Connection<ShadowType>> {
    const page = pageArgs(first, after);
    return loader<string, Connection<ShadowType>>(context, `fleet.shadows:${JSON.stringify(page)}`, (ids) =>
      this.all.pages(scope.data, ids, page),
    ).load(device.id);
  }

  @Requires('devices:read')
  @ResolveField(() => ShadowType, { nullable: true, description: 'The classic one when no name is given' })
  async shadow(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Args('name', { type: () => String, nullable: true, defaultValue: '' }) name?: string | null,
  ): Promise<ShadowType | undefined> {
    return this.all.find(scope.data, device.id, name ?? '');
  }

  @Requires('devices:write')
  @Mutation(() => ShadowType, { description: 'Changes what is desired of a device and tells it' })
  updateShadow(@CurrentScope() scope: RequestScope, @Args() args: UpdateShadowArgs): Promise<ShadowType> {
    const { desired, expectedVersion } = args;
    return this.setDesired.run(scope, { ...targetOf(args), desired, expectedVersion: expectedVersion ?? undefined });
  }

  @Requires('devices:write')
  @Mutation(() => DeviceType, { description: 'Deletes a shadow and tells the device; its versions go on for 48 hours' })
  deleteShadow(@CurrentScope() scope: RequestScope, @Args() args: ShadowArgs): Promise<DeviceType> {
    return this.discard.run(scope, targetOf(args));
  }
}

@Resolver(() => ShadowType)
export class ShadowHistoryResolver {
  constructor(private readonly all: Shadows) {}

  @Requires('devices:read')
  @Cost(3)
  @ResolveField(() => ShadowChangeConnection, { description: 'Newest first; the latest 500 are kept' })
  history(
    @Parent() shadow: ShadowType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after }: PageInput,
  ): Promise<Connection<ShadowChangeType>> {
    return this.all.history(scope.data, shadow, pageArgs(first, after));
  }
}

const targetOf = ({ deviceId, thingName, name }: ShadowArgs) => ({
  deviceId: deviceId ?? undefined,
  thingName: thingName ?? undefined,
  name: name ?? undefined,
});
