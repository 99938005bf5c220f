import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CurrentScope, type IdentityContext, type RequestScope, Requires } from '@throughline/identity';
import { invalid, isId, notFound } from '@throughline/kernel';
import { type Connection, inOrder, loader, PageInput, pageArgs } from '@throughline/platform';
import { ChangeDeviceState } from '../../application/change-device-state.js';
import { CreateClaimBatch } from '../../application/provisioning/create-claim-batch.js';
import { CreateProvisioningTemplate } from '../../application/provisioning/create-provisioning-template.js';
import { DeactivateCa } from '../../application/provisioning/deactivate-ca.js';
import { DeactivateClaimBatch } from '../../application/provisioning/deactivate-claim-batch.js';
import { ProvisioningLists } from '../../application/provisioning/provisioning-lists.js';
import { RefusedConnections, type TlsRefusal } from '../../application/provisioning/refused-connections.js';
import { RegisterCa } from '../../application/provisioning/register-ca.js';
import { RequestRotation } from '../../application/provisioning/request-rotation.js';
import type { ProvisioningTemplate } from '../../domain/provisioning/template.js';
import { FleetLoaders } from './fleet-loaders.js';
import {
  AttemptsArgs,
  ClaimBatchConnection,
  ClaimBatchType,
  ConfigurationEntryType,
  CreateClaimBatchInput,
  CreateProvisioningTemplateInput,
  NewClaimBatchType,
  ProvisioningAttemptConnection,
  ProvisioningAttemptType,
  ProvisioningTemplateConnection,
  ProvisioningTemplateType,
  RefusedConnectionsConnection,
  RefusedConnectionsType,
  RegisterCaInputType,
  RegisteredCaConnection,
  RegisteredCaType,
  TemplateParameterType,
} from './provisioning.types.js';
import { DeviceType, ModelType } from './types.js';

@Resolver(() => ProvisioningTemplateType)
export class ProvisioningTemplatesResolver {
  constructor(
    private readonly lists: ProvisioningLists,
    private readonly create: CreateProvisioningTemplate,
    private readonly loaders: FleetLoaders,
  ) {}

  @Requires('provisioning:read')
  @Query(() => ProvisioningTemplateConnection, { description: 'By name' })
  provisioningTemplates(@Args() page: PageInput): Promise<Connection<ProvisioningTemplateType>> {
    return this.lists.templatePage(pageArgs(page.first, page.after));
  }

  @Requires('provisioning:write')
  @Mutation(() => ProvisioningTemplateType)
  createProvisioningTemplate(
    @Args('input') { name, modelName, thingNamePattern, hookUrl, ...input }: CreateProvisioningTemplateInput,
  ): Promise<ProvisioningTemplateType> {
    return this.create.run({
      name,
      modelName,
      thingNamePattern,
      hookUrl: hookUrl ?? null,
      parameters: Object.fromEntries(input.parameters.map((p) => [p.name, p.default ?? null])),
      deviceConfiguration: Object.fromEntries((input.deviceConfiguration ?? []).map((e) => [e.name, e.value])),
    });
  }

  @Requires('models:read')
  @ResolveField(() => ModelType)
  model(@Parent() template: ProvisioningTemplateType, @Context() context: IdentityContext): Promise<ModelType> {
    return this.loaders.model(context, template.modelId);
  }

  @ResolveField(() => [TemplateParameterType])
  parameters(@Parent() template: ProvisioningTemplate): TemplateParameterType[] {
    return Object.entries(template.parameters).map(([name, value]) => ({ name, default: value }));
  }

  @ResolveField(() => [ConfigurationEntryType])
  deviceConfiguration(@Parent() template: ProvisioningTemplate): ConfigurationEntryType[] {
    return Object.entries(template.deviceConfiguration).map(([name, value]) => ({ name, value }));
  }
}

@Resolver(() => ClaimBatchType)
export class ClaimBatchesResolver {
  constructor(
    private readonly lists: ProvisioningLists,
    private readonly create: CreateClaimBatch,
    private readonly deactivate: DeactivateClaimBatch,
  ) {}

  @Requires('provisioning:read')
  @Query(() => ClaimBatchConnection, { description: 'Newest first' })
  claimBatches(@Args() page: PageInput): Promise<Connection<ClaimBatchType>> {
    return this.lists.batchPage(pageArgs(page.first, page.after));
  }

  @Requires('provisioning:write')
  @Mutation(() => NewClaimBatchType)
  createClaimBatch(@Args('input') { serialNumbers, ...input }: CreateClaimBatchInput): Promise<NewClaimBatchType> {
    return this.create.run({ ...input, serialNumbers: serialNumbers ?? undefined });
  }

  @Requires('provisioning:write')
  @Mutation(() => ClaimBatchType, { description: 'Ends what its claim certificate may do; devices made of it go on' })
  deactivateClaimBatch(@Args('id', { type: () => ID }) id: string): Promise<ClaimBatchType> {
    return this.deactivate.run(id);
  }

  @Requires('provisioning:read')
  @ResolveField(() => ProvisioningTemplateType)
  template(@Parent() batch: ClaimBatchType, @Context() context: IdentityContext): Promise<ProvisioningTemplateType> {
    return templateOf(this.lists, context, batch.templateId);
  }
}

@Resolver(() => RegisteredCaType)
export class RegisteredCasResolver {
  constructor(
    private readonly lists: ProvisioningLists,
    private readonly register: RegisterCa,
    private readonly deactivate: DeactivateCa,
  ) {}

  @Requires('provisioning:read')
  @Query(() => RegisteredCaConnection, { description: 'Newest first' })
  registeredCas(@Args() page: PageInput): Promise<Connection<RegisteredCaType>> {
    return this.lists.caPage(pageArgs(page.first, page.after));
  }

  @Requires('provisioning:read')
  @Query(() => String, { description: 'Common name of the certificate by which a CA proves that its key is yours' })
  caRegistrationCode(): Promise<string> {
    return this.register.code();
  }

  @Requires('provisioning:write')
  @Mutation(() => RegisteredCaType, { description: 'Devices with certificates of this CA register themselves' })
  registerCa(@Args('input') input: RegisterCaInputType): Promise<RegisteredCaType> {
    return this.register.run(input);
  }

  @Requires('provisioning:write')
  @Mutation(() => RegisteredCaType, { description: 'It registers nothing new; its devices go on' })
  deactivateCa(@Args('id', { type: () => ID }) id: string): Promise<RegisteredCaType> {
    return this.deactivate.run(id);
  }

  @Requires('provisioning:read')
  @ResolveField(() => ProvisioningTemplateType)
  template(@Parent() ca: RegisteredCaType, @Context() context: IdentityContext): Promise<ProvisioningTemplateType> {
    return templateOf(this.lists, context, ca.templateId);
  }
}

@Resolver(() => ProvisioningAttemptType)
export class ProvisioningAttemptsResolver {
  constructor(
    private readonly lists: ProvisioningLists,
    private readonly refused: RefusedConnections,
    private readonly rotation: RequestRotation,
    private readonly changeState: ChangeDeviceState,
  ) {}

  @Requires('provisioning:read')
  @Query(() => ProvisioningAttemptConnection, { description: 'Newest first' })
  async provisioningAttempts(@Args() args: AttemptsArgs): Promise<Connection<ProvisioningAttemptType>> {
    const { accepted, batchId } = args;
    if (batchId && !isId(batchId)) throw invalid({ field: 'batchId', value: batchId, rule: 'must be an id' });
    const filter = { accepted: accepted ?? undefined, batchId: batchId ?? undefined };
    return this.lists.attemptPage(filter, pageArgs(args.first, args.after));
  }

  @Requires('provisioning:read')
  @Query(() => RefusedConnectionsConnection, {
    description: 'Connections that were not let in; those of one hour, reason and party are one. The latest first',
  })
  async refusedConnections(@Args() { first, after }: PageInput): Promise<Connection<RefusedConnectionsType>> {
    const { edges, ...rest } = await this.refused.page(pageArgs(first, after));
    return { ...rest, edges: edges.map(({ cursor, node }) => ({ cursor, node: refusedConnections(node) })) };
  }

  @Requires('provisioning:read')
  @ResolveField(() => [ConfigurationEntryType], { description: 'As the board sent them, shortened' })
  parameters(@Parent() attempt: { parameters?: Readonly<Record<string, string>> | null }): ConfigurationEntryType[] {
    return Object.entries(attempt.parameters ?? {}).map(([name, value]) => ({ name, value }));
  }

  @Requires('provisioning:write')
  @Mutation(() => Int, { description: 'Asks devices to get new certificates; gives how many are asked' })
  rotateCertificates(
    @CurrentScope() scope: RequestScope,
    @Args('deviceIds', { type: () => [ID] }) deviceIds: string[],
  ): Promise<number> {
    return this.rotation.run(scope.data, deviceIds);
  }

  @Requires('devices:write')
  @Mutation(() => DeviceType, { description: 'It stays connected; what it says is kept apart and counts for nothing' })
  quarantineDevice(
    @CurrentScope() scope: RequestScope,
    @Args('deviceId', { type: () => ID }) deviceId: string,
  ): Promise<DeviceType> {
    return this.changeState.run(scope.data, { deviceId, to: 'quarantined' });
  }

  @Requires('devices:write')
  @Mutation(() => DeviceType, { description: 'Out of quarantine: what it says from now on counts' })
  releaseDevice(
    @CurrentScope() scope: RequestScope,
    @Args('deviceId', { type: () => ID }) deviceId: string,
  ): Promise<DeviceType> {
    return this.changeState.run(scope.data, { deviceId, to: 'active', from: 'quarantined' });
  }
}

function templateOf(lists: ProvisioningLists, context: IdentityContext, id: string): Promise<ProvisioningTemplate> {
  return loader<string, ProvisioningTemplate>(context, 'fleet.provisioningTemplate', async (ids) =>
    inOrder(
      ids,
      await lists.templatesById(ids),
      (template) => template.id,
      (template, wanted) => template ?? notFound('provisioning template', wanted),
    ),
  ).load(id);
}

const refusedConnections = (row: TlsRefusal): RefusedConnectionsType => ({
  id: `${row.hour.getTime()}/${row.reason}/${row.party}`,
  hour: row.hour,
  reason: row.reason,
  connections: row.connections,
  firstAt: row.firstAt,
  lastAt: row.lastAt,
  remoteAddress: row.remoteAddress ?? null,
  fingerprint: row.fingerprint ?? null,
  subject: row.subject ?? null,
  detail: row.detail,
  others: row.party === '',
});
