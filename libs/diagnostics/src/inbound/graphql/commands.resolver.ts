import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ResolveTargets } from '@throughline/fleet';
import { AssetType, DeviceType, FleetLoaders, ModelType } from '@throughline/fleet/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { type Connection, Cost, grouped, loader, PageInput, pageArgs } from '@throughline/platform';
import { CancelCommand } from '../../application/cancel-command.js';
import { Commands } from '../../application/commands.js';
import { Executions } from '../../application/executions.js';
import { RegisterCommand } from '../../application/register-command.js';
import { SendCommand } from '../../application/send-command.js';
import { SendCommands } from '../../application/send-commands.js';
import type { CommandDefinition, CommandInput } from '../../domain/command.js';
import { parsedJson, toDefinition, toExecution } from './shapes.js';
import {
  CommandDefinitionType,
  CommandExecutionConnection,
  CommandExecutionType,
  RegisterCommandInputType,
  SendCommandInputType,
  SendCommandsInputType,
  SentCommandsType,
} from './types.js';

@Resolver(() => CommandExecutionType)
export class CommandsResolver {
  constructor(
    private readonly executions: Executions,
    private readonly registerOne: RegisterCommand,
    private readonly send: SendCommand,
    private readonly sendMany: SendCommands,
    private readonly targets: ResolveTargets,
    private readonly cancel: CancelCommand,
    private readonly fleet: FleetLoaders,
  ) {}

  @Requires('commands:read')
  @Query(() => CommandExecutionType, { nullable: true })
  async commandExecution(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<CommandExecutionType | undefined> {
    const [execution] = await this.executions.many(scope.data, [id]);
    return execution && toExecution(execution);
  }

  @Requires('models:write')
  @Mutation(() => CommandDefinitionType, {
    description: "Adds a command to a model's catalogue, or its next version when the name is there with other content",
  })
  async registerCommand(
    @Args('input', { type: () => RegisterCommandInputType }) { modelId, ...input }: RegisterCommandInputType,
  ): Promise<CommandDefinitionType> {
    // The use case refuses what is no schema.
    const schema = (field: 'argumentsSchema' | 'resultSchema') =>
      parsedJson(field, input[field]) as CommandInput['argumentsSchema'];
    const [argumentsSchema, resultSchema] = [schema('argumentsSchema'), schema('resultSchema')];
    return toDefinition(await this.registerOne.run(modelId, { ...input, argumentsSchema, resultSchema }));
  }

  @Requires('commands:write')
  @Mutation(() => CommandExecutionType, {
    description: 'Sends a command, at once when the device is connected, else when it connects within the expiry',
  })
  async sendCommand(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => SendCommandInputType }) input: SendCommandInputType,
  ): Promise<CommandExecutionType> {
    const args = parsedJson('arguments', input.arguments);
    const requestedBy = scope.actor.name;
    return toExecution(await this.send.run(scope.data, { ...input, arguments: args, requestedBy }));
  }

  @Requires('commands:write')
  @Cost(50)
  @Mutation(() => SentCommandsType, {
    description: 'Sends a command to each of up to 500 devices, those left out with the reason',
  })
  async sendCommands(
    @CurrentScope() scope: RequestScope,
    @Args('input', { type: () => SendCommandsInputType }) { target, ...input }: SendCommandsInputType,
  ): Promise<SentCommandsType> {
    const args = parsedJson('arguments', input.arguments);
    const deviceIds = await this.targets.run(scope.data, target);
    const requestedBy = scope.actor.name;
    const sent = await this.sendMany.run(scope.data, { ...input, deviceIds, arguments: args, requestedBy });
    return { executions: sent.executions.map(toExecution), leftOut: [...sent.leftOut] };
  }

  @Requires('commands:write')
  @Mutation(() => CommandExecutionType, { description: 'Withdraws a command that is queued' })
  async cancelCommand(
    @CurrentScope() scope: RequestScope,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<CommandExecutionType> {
    return toExecution(await this.cancel.run(scope.data, id, scope.actor.name));
  }

  @ResolveField(() => DeviceType)
  device(@Parent() execution: CommandExecutionType, @Context() context: IdentityContext): Promise<DeviceType> {
    return this.fleet.device(context, execution.deviceId);
  }

  @Requires('assets:read')
  @ResolveField(() => AssetType, { nullable: true, description: 'What the device spoke for when it was asked for' })
  async asset(
    @Parent() execution: CommandExecutionType,
    @Context() context: IdentityContext,
  ): Promise<AssetType | undefined> {
    return execution.assetId === null ? undefined : this.fleet.asset(context, execution.assetId);
  }
}

@Resolver(() => ModelType)
export class ModelCommandsResolver {
  constructor(private readonly all: Commands) {}

  @Requires('models:read')
  @ResolveField(() => [CommandDefinitionType], { description: 'The newest version of each command, by name' })
  commands(@Parent() model: ModelType, @Context() context: IdentityContext): Promise<CommandDefinitionType[]> {
    return loader<string, CommandDefinition[]>(context, 'diagnostics.commands', async (ids) =>
      grouped(ids, await this.all.ofModels(ids), (definition) => definition.modelId),
    ).load(model.id);
  }
}

@Resolver(() => DeviceType)
export class DeviceCommandsResolver {
  constructor(private readonly executions: Executions) {}

  @Requires('commands:read')
  @Cost(20)
  @ResolveField(() => CommandExecutionConnection, { description: 'Newest first' })
  async commandExecutions(
    @Parent() device: DeviceType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after }: PageInput,
  ): Promise<Connection<CommandExecutionType>> {
    const page = await this.executions.page(scope.data, { deviceId: device.id }, pageArgs(first, after));
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: toExecution(node) })) };
  }
}

@Resolver(() => AssetType)
export class AssetCommandsResolver {
  constructor(private readonly executions: Executions) {}

  @Requires('commands:read')
  @Cost(20)
  @ResolveField(() => CommandExecutionConnection, { description: 'Newest first' })
  async commandExecutions(
    @Parent() asset: AssetType,
    @CurrentScope() scope: RequestScope,
    @Args() { first, after }: PageInput,
  ): Promise<Connection<CommandExecutionType>> {
    const page = await this.executions.page(scope.data, { assetId: asset.id }, pageArgs(first, after));
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: toExecution(node) })) };
  }
}
