import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError } from '@throughline/kernel';
import type { GraphqlContext } from '@throughline/platform';
import type { GraphQLResolveInfo } from 'graphql';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';
import type { Permission } from '../domain/roles.js';

/** A GraphQL context whose caller is known, or why not. */
export interface IdentityContext extends GraphqlContext {
  scope?: RequestScope;
  /** Why a credential that was shown is not accepted. */
  refusal?: DomainError;
}

const POLICY = 'throughline:policy';

type Policy = { readonly kind: 'public' } | { readonly kind: 'needs'; readonly permissions: readonly Permission[] };

/** Who may use a resolver: signed-in callers with all of these permissions; with none named, any signed-in caller. */
export const Requires = (...permissions: Permission[]): MethodDecorator & ClassDecorator =>
  SetMetadata(POLICY, { kind: 'needs', permissions } satisfies Policy);

/** Anyone may use it, signed in or not. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(POLICY, { kind: 'public' } satisfies Policy);

/** The policy a resolver method declares, for the test that walks the schema. */
export const policyOf = (handler: object): unknown => Reflect.getMetadata(POLICY, handler);

/** The caller's scope as a resolver's parameter. */
export const CurrentScope = createParamDecorator((_: unknown, host: ExecutionContext): RequestScope => {
  const scope = host.getArgs<[unknown, unknown, IdentityContext]>()[2].scope;
  if (!scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return scope;
});

const rootTypes = new Set(['Query', 'Mutation', 'Subscription']);

/** Holds every resolver to its declared policy. A root field without one is refused: forgetting is not allowing. */
@Injectable()
export class PolicyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(host: ExecutionContext): boolean {
    // Plain HTTP routes are few and check their callers themselves (a webhook's signature, nothing for /healthz).
    if (host.getType<string>() !== 'graphql') return true;
    const policy = this.reflector.getAllAndOverride<Policy | undefined>(POLICY, [host.getHandler(), host.getClass()]);
    const [, , context, info] = host.getArgs<[unknown, unknown, IdentityContext, GraphQLResolveInfo]>();
    if (!policy) {
      if (!rootTypes.has(info.parentType.name)) return true;
      throw new DomainError('FORBIDDEN', `${info.fieldName} declares no policy`);
    }
    if (policy.kind === 'public') return true;
    if (!context.scope) throw context.refusal ?? new DomainError('UNAUTHENTICATED', 'Sign in first');
    for (const permission of policy.permissions) requirePermission(context.scope, permission);
    return true;
  }
}
