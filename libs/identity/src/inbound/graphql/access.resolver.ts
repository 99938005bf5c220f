import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Connection, GraphQLISODateTime, PageInput, pageArgs } from '@throughline/platform';
import { CurrentScope, Requires } from '../../application/access-policy.js';
import { CreateApiKey } from '../../application/create-api-key.js';
import { Directory } from '../../application/directory.js';
import { RevokeApiKey } from '../../application/revoke-api-key.js';
import { effectivePermissions, type RequestScope } from '../../domain/request-scope.js';
import { roles } from '../../domain/roles.js';
import { ApiKeyType, AuditEntryConnection, type AuditEntryType, CreatedApiKeyType, ViewerType } from './types.js';

/** Who one is, one's API keys, and the audit trail. */
@Resolver()
export class AccessResolver {
  constructor(
    private readonly directory: Directory,
    private readonly newApiKey: CreateApiKey,
    private readonly endApiKey: RevokeApiKey,
  ) {}

  @Requires()
  @Query(() => ViewerType)
  async viewer(@CurrentScope() scope: RequestScope): Promise<ViewerType> {
    const { user, organisation } = await this.directory.self(scope);
    return {
      id: scope.actor.id,
      email: user?.email ?? null,
      name: scope.actor.name,
      role: scope.actor.role,
      organisation,
      consoles: roles[scope.actor.role].consoles,
      permissions: [...effectivePermissions(scope)].sort(),
      language: user?.language ?? organisation.language,
    };
  }

  @Requires('api_keys:read')
  @Query(() => [ApiKeyType])
  apiKeys(@CurrentScope() scope: RequestScope): Promise<ApiKeyType[]> {
    return this.directory.apiKeys(scope);
  }

  @Requires('api_keys:write')
  @Mutation(() => CreatedApiKeyType)
  createApiKey(
    @CurrentScope() scope: RequestScope,
    @Args('name', { type: () => String }) name: string,
    @Args('scopes', { type: () => [String] }) scopes: string[],
    @Args('expiresAt', { type: () => GraphQLISODateTime, nullable: true }) expiresAt?: Date | null,
  ): Promise<CreatedApiKeyType> {
    return this.newApiKey.execute(scope, { name, scopes, expiresAt });
  }

  @Requires('api_keys:write')
  @Mutation(() => ApiKeyType)
  revokeApiKey(@CurrentScope() scope: RequestScope, @Args('id', { type: () => ID }) id: string): Promise<ApiKeyType> {
    return this.endApiKey.execute(scope, id);
  }

  @Requires('audit:read')
  @Query(() => AuditEntryConnection)
  auditTrail(@CurrentScope() scope: RequestScope, @Args() args: PageInput): Promise<Connection<AuditEntryType>> {
    return this.directory.auditTrail(scope, pageArgs(args.first, args.after));
  }
}
