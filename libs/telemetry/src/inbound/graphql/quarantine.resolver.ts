import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { DeviceType, FleetLoaders, ModelType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { isId } from '@throughline/kernel';
import { type Connection, loader, pageArgs } from '@throughline/platform';
import { OrderQuarantineTask } from '../../application/quarantine/order-task.js';
import { Quarantine, type QuarantinedMessage, type QuarantineTask } from '../../application/quarantine/quarantine.js';
import type { QuarantineFilter, QuarantineSelection } from '../../domain/quarantine-selection.js';
import type { RefusalReason } from '../../domain/refusal.js';
import {
  DiscardArgs,
  QuarantineArgs,
  QuarantinedMessageConnection,
  QuarantinedMessageType,
  QuarantineFilterInput,
  QuarantineGroupType,
  QuarantineSelectionArgs,
  QuarantineTaskType,
} from './quarantine.types.js';

const PREVIEW_CHARACTERS = 2_000;
/** UTF-8 has at most four bytes a character. */
const PREVIEW_BYTES = PREVIEW_CHARACTERS * 4;
const HEX_BYTES = 2_048;

@Resolver(() => QuarantinedMessageType)
export class QuarantineResolver {
  constructor(
    private readonly messages: Quarantine,
    private readonly order: OrderQuarantineTask,
    private readonly loaders: FleetLoaders,
  ) {}

  @Requires('quarantine:read')
  @Query(() => QuarantinedMessageConnection, { description: 'Newest first' })
  async quarantine(
    @CurrentScope() scope: RequestScope,
    @Args() args: QuarantineArgs,
  ): Promise<Connection<QuarantinedMessageType>> {
    const page = pageArgs(args.first, args.after);
    const { edges, ...rest } = await this.messages.page(scope.data, page, filterOf(args.filter));
    return { ...rest, edges: edges.map(({ cursor, node }) => ({ cursor, node: shape(node) })) };
  }

  @Requires('quarantine:read')
  @Query(() => QuarantinedMessageType, { nullable: true })
  async quarantinedMessage(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<QuarantinedMessageType | null> {
    const message = isId(id) ? await this.messages.one(scope.data, id) : undefined;
    return message ? shape(message) : null;
  }

  @Requires('quarantine:read')
  @Query(() => [QuarantineGroupType], { description: 'The most messages first; at most 100' })
  quarantineGroups(
    @CurrentScope() scope: RequestScope,
    @Args('filter', { type: () => QuarantineFilterInput, nullable: true }) filter?: QuarantineFilterInput | null,
  ): Promise<QuarantineGroupType[]> {
    return this.messages.groups(scope.data, filterOf(filter));
  }

  @Requires('quarantine:read')
  @Query(() => QuarantineTaskType)
  async quarantineTask(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<QuarantineTaskType> {
    return task(await this.messages.task(scope.data, id));
  }

  @Requires('quarantine:read')
  @Query(() => [QuarantineTaskType], { description: 'The newest 20' })
  async quarantineTasks(@CurrentScope() scope: RequestScope): Promise<QuarantineTaskType[]> {
    return (await this.messages.newestTasks(scope.data)).map(task);
  }

  @Requires('quarantine:write')
  @Mutation(() => QuarantineTaskType, {
    description:
      'Reads set-aside messages again by the schema and the state of today; what passes is stored as late data',
  })
  async replayQuarantine(
    @CurrentScope() scope: RequestScope,
    @Args() args: QuarantineSelectionArgs,
  ): Promise<QuarantineTaskType> {
    return task(await this.order.replay(scope.data, selectionOf(args), scope.actor.name));
  }

  @Requires('quarantine:write')
  @Mutation(() => QuarantineTaskType, { description: 'Gives set-aside messages up; they stay to be looked at' })
  async discardQuarantine(@CurrentScope() scope: RequestScope, @Args() args: DiscardArgs): Promise<QuarantineTaskType> {
    return task(await this.order.discard(scope.data, selectionOf(args), args.reason, scope.actor.name));
  }

  @Requires('models:read')
  @ResolveField(() => ModelType, { nullable: true })
  async model(
    @Parent() message: QuarantinedMessageType,
    @Context() context: IdentityContext,
  ): Promise<ModelType | null> {
    return message.modelId === null ? null : this.loaders.model(context, message.modelId);
  }

  @Requires('devices:read')
  @ResolveField(() => ID, { nullable: true, description: 'Of the device that sent it' })
  deviceId(@Parent() message: QuarantinedMessageType): string | null {
    return message.deviceId;
  }
}

@Resolver(() => QuarantineGroupType)
export class QuarantineGroupResolver {
  constructor(private readonly loaders: FleetLoaders) {}

  @Requires('models:read')
  @ResolveField(() => ModelType, { nullable: true })
  async model(@Parent() group: QuarantineGroupType, @Context() context: IdentityContext): Promise<ModelType | null> {
    return group.modelId === null ? null : this.loaders.model(context, group.modelId);
  }
}

@Resolver(() => DeviceType)
export class DeviceQuarantineResolver {
  constructor(private readonly messages: Quarantine) {}

  @Requires('quarantine:read')
  @ResolveField(() => Int, { description: 'Messages of it that are set aside now' })
  setAsideMessages(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Context() context: IdentityContext,
  ): Promise<number> {
    return loader<string, number>(context, 'telemetry.setAsideOfDevice', (ids) =>
      this.messages.setAsideOf(scope.data, ids),
    ).load(device.id);
  }
}

const filterOf = (input: QuarantineFilterInput | null | undefined): QuarantineFilter => ({
  thingName: input?.thingName ?? undefined,
  modelId: input?.modelId ?? undefined,
  // The use case refuses what is no reason.
  reason: (input?.reason ?? undefined) as RefusalReason | undefined,
  ruleKind: input?.ruleKind ?? undefined,
  state: input?.state ?? undefined,
  from: input?.from ?? undefined,
  to: input?.to ?? undefined,
});

const selectionOf = ({ ids, filter }: QuarantineSelectionArgs): QuarantineSelection => ({
  ids: ids ?? undefined,
  filter: filter ? filterOf(filter) : undefined,
});

const task = (row: QuarantineTask): QuarantineTaskType => row as QuarantineTaskType;

function shape(message: QuarantinedMessage): QuarantinedMessageType {
  const raw = Buffer.from(message.raw);
  const text = raw.subarray(0, PREVIEW_BYTES).toString('utf8').slice(0, PREVIEW_CHARACTERS);
  return {
    id: message.id,
    thingName: message.thingName,
    topic: message.topic,
    receivedAt: message.receivedAt,
    reason: message.reason,
    rule: message.rule,
    boot: message.boot ?? null,
    seq: message.seq ?? null,
    bytes: raw.length,
    isText: isReadable(text),
    preview: text,
    hex: raw.subarray(0, HEX_BYTES).toString('hex'),
    state: message.state as QuarantinedMessageType['state'],
    settledAt: message.settledAt ?? null,
    settledBy: message.settledBy ?? null,
    settledReason: message.settledReason ?? null,
    modelId: message.modelId ?? null,
    deviceId: message.deviceId ?? null,
  };
}

/** No control characters but tabs and line ends, and nothing that was no UTF-8; a cut may have gone through the last character. */
const isReadable = (text: string): boolean => !/[^\P{Cc}\t\n\r]|\uFFFD./su.test(text);
