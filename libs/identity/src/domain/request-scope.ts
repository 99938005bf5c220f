import { type DataScope, DomainError, everyCustomer } from '@throughline/kernel';
import { type OrganisationKind, type Permission, permissionsOf, type Role } from './roles.js';

export interface Actor {
  readonly kind: 'user' | 'api_key' | 'system';
  /** Id of the user or of the API key. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Who asks, for whom, and which customers' rows the answer may rest on. */
export interface RequestScope {
  readonly actor: Actor;
  readonly organisation: { readonly id: string; readonly kind: OrganisationKind };
  readonly data: DataScope;
  readonly requestId: string;
  /** What the actor may do; its role's permissions when not said. API keys have fewer. */
  readonly permissions?: ReadonlySet<Permission>;
  /** The session of a user, so that its end can be seen while a subscription runs. */
  readonly sessionId?: string;
}

/** The scope of jobs and of the command line. */
export const systemScope: RequestScope = {
  actor: { kind: 'system', id: 'system', name: 'Throughline', role: 'admin' },
  organisation: { id: '00000000-0000-0000-0000-000000000000', kind: 'manufacturer' },
  data: everyCustomer,
  requestId: 'system',
};

export const effectivePermissions = (scope: RequestScope): ReadonlySet<Permission> =>
  scope.permissions ?? permissionsOf(scope.actor.role);

export const mayDo = (scope: RequestScope, permission: Permission): boolean =>
  effectivePermissions(scope).has(permission);

/** Throws FORBIDDEN, naming the permission that is missing. */
export function requirePermission(scope: RequestScope, permission: Permission): void {
  if (!mayDo(scope, permission))
    throw new DomainError('FORBIDDEN', `${scope.actor.name} lacks the permission ${permission}`);
}
