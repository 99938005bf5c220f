import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { AssetType, FleetLoaders } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { interval } from '@throughline/kernel';
import { type Connection, pageArgs, quantityType } from '@throughline/platform';
import { LineEvidence } from '../../application/line-evidence.js';
import { BillingLoaders } from './billing-loaders.js';
import {
  EvidenceIntervalConnection,
  EvidenceIntervalType,
  EvidenceMessageConnection,
  EvidenceMessageType,
} from './evidence.types.js';
import { mapped, toInterval, toMessage, toWindow } from './shapes.js';
import {
  AssetEvidenceType,
  AssetPageArgs,
  EvidenceWindowConnection,
  EvidenceWindowType,
  LineEvidenceType,
  MessagePageArgs,
  MessageReadingType,
} from './types.js';

@Resolver(() => LineEvidenceType)
export class LineEvidenceResolver {
  constructor(private readonly evidence: LineEvidence) {}

  @ResolveField(() => Int)
  async windowCount(@Parent() { summary }: LineEvidenceType): Promise<number> {
    return (await summary()).windowCount;
  }

  @ResolveField(() => Int)
  async estimatedCount(@Parent() { summary }: LineEvidenceType): Promise<number> {
    return (await summary()).estimatedCount;
  }

  @ResolveField(() => Int)
  async messageCount(@Parent() { summary }: LineEvidenceType): Promise<number> {
    return (await summary()).messageCount;
  }

  @ResolveField(() => Int, { nullable: true, description: 'Known to be missing; null where it was not counted' })
  async missingCount(@Parent() { summary }: LineEvidenceType): Promise<number | undefined> {
    return (await summary()).missingCount;
  }

  @Requires('telemetry:read')
  @ResolveField(() => [AssetEvidenceType])
  async assets(@Parent() { summary }: LineEvidenceType): Promise<AssetEvidenceType[]> {
    return (await summary()).assets.map(({ assetId, quantity, windowCount }) => ({
      assetId,
      windowCount,
      quantity: quantity ? quantityType(quantity) : null,
    }));
  }

  @Requires('telemetry:read')
  @ResolveField(() => EvidenceWindowConnection)
  async windows(
    @Parent() { of }: LineEvidenceType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after, assetId }: AssetPageArgs,
  ): Promise<Connection<EvidenceWindowType>> {
    return mapped(await this.evidence.windows(scope.data, of, pageArgs(first, after), assetId), toWindow);
  }

  @Requires('telemetry:read')
  @ResolveField(() => EvidenceIntervalConnection)
  async intervals(
    @Parent() { of }: LineEvidenceType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after, assetId }: AssetPageArgs,
  ): Promise<Connection<EvidenceIntervalType>> {
    return mapped(await this.evidence.intervals(scope.data, of, pageArgs(first, after), assetId), toInterval);
  }

  @Requires('telemetry:read')
  @ResolveField(() => EvidenceMessageConnection)
  async messages(
    @Parent() { of }: LineEvidenceType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after, assetId, from, to }: MessagePageArgs,
  ): Promise<Connection<EvidenceMessageType>> {
    const range = interval(from, to, 'to');
    const page = pageArgs(first, after);
    return mapped(await this.evidence.messagesOf(scope.data, of, assetId, range, page), toMessage);
  }
}

interface OfAsset {
  readonly assetId: string;
}

@Resolver(() => AssetEvidenceType)
export class AssetEvidenceResolver {
  constructor(private readonly fleet: FleetLoaders) {}

  @Requires('assets:read')
  @ResolveField(() => AssetType)
  asset(@Parent() { assetId }: OfAsset, @Context() context: IdentityContext): Promise<AssetType> {
    return this.fleet.asset(context, assetId);
  }
}

@Resolver(() => EvidenceWindowType)
export class EvidenceWindowResolver {
  constructor(private readonly fleet: FleetLoaders) {}

  @Requires('assets:read')
  @ResolveField(() => AssetType)
  asset(@Parent() { assetId }: OfAsset, @Context() context: IdentityContext): Promise<AssetType> {
    return this.fleet.asset(context, assetId);
  }
}

@Resolver(() => EvidenceIntervalType)
export class EvidenceIntervalResolver {
  constructor(private readonly fleet: FleetLoaders) {}

  @Requires('assets:read')
  @ResolveField(() => AssetType)
  asset(@Parent() { assetId }: OfAsset, @Context() context: IdentityContext): Promise<AssetType> {
    return this.fleet.asset(context, assetId);
  }
}

@Resolver(() => EvidenceMessageType)
export class EvidenceMessageResolver {
  constructor(private readonly loaders: BillingLoaders) {}

  @ResolveField(() => String)
  thingName(@Parent() { deviceId }: EvidenceMessageType, @Context() context: IdentityContext): Promise<string> {
    return this.loaders.thingName(context, deviceId);
  }
}

@Resolver(() => MessageReadingType)
export class MessageReadingResolver {
  constructor(private readonly loaders: BillingLoaders) {}

  @ResolveField(() => String)
  thingName(@Parent() { deviceId }: MessageReadingType, @Context() context: IdentityContext): Promise<string> {
    return this.loaders.thingName(context, deviceId);
  }
}
