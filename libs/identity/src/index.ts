export {
  CurrentScope,
  type IdentityContext,
  PolicyGuard,
  Public,
  policyOf,
  Requires,
} from './application/access-policy.js';
export { type AuditFact, AuditTrail } from './application/audit-trail.js';
export { Authenticate, type Authenticated } from './application/authenticate.js';
export { CreateApiKey, type NewApiKey } from './application/create-api-key.js';
export { CreateOrganisation, type NewOrganisation } from './application/create-organisation.js';
export { CreateSite, type NewSite } from './application/create-site.js';
export { CreateUser, type NewUser } from './application/create-user.js';
export { Directory } from './application/directory.js';
export { LinkPartner } from './application/link-partner.js';
export { RefreshSession } from './application/refresh-session.js';
export { RevokeApiKey } from './application/revoke-api-key.js';
export type { Tokens } from './application/sessions.js';
export { type SignedIn, SignIn } from './application/sign-in.js';
export { SignOut } from './application/sign-out.js';
export {
  type Actor,
  effectivePermissions,
  mayDo,
  type RequestScope,
  requirePermission,
  systemScope,
} from './domain/request-scope.js';
export {
  type Console,
  type OrganisationKind,
  type Permission,
  permissionsOf,
  type Role,
  roles,
} from './domain/roles.js';
export { IdentityModule } from './identity.module.js';
