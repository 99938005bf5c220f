import { Module } from '@nestjs/common';
import { AccessTokens } from './application/access-tokens.js';
import { AuditTrail } from './application/audit-trail.js';
import { Authenticate } from './application/authenticate.js';
import { CreateApiKey } from './application/create-api-key.js';
import { CreateOrganisation } from './application/create-organisation.js';
import { CreateSite } from './application/create-site.js';
import { CreateUser } from './application/create-user.js';
import { Directory } from './application/directory.js';
import { LinkPartner } from './application/link-partner.js';
import { Passwords } from './application/passwords.js';
import { RefreshSession } from './application/refresh-session.js';
import { RevokeApiKey } from './application/revoke-api-key.js';
import { Sessions } from './application/sessions.js';
import { SignIn } from './application/sign-in.js';
import { SignOut } from './application/sign-out.js';
import { ApiKeyStore } from './storage/api-key.store.js';
import { IdentityStore } from './storage/identity.store.js';
import { SignInAttemptStore } from './storage/sign-in-attempt.store.js';

const useCases = [
  AuditTrail,
  Authenticate,
  CreateApiKey,
  CreateOrganisation,
  CreateSite,
  CreateUser,
  Directory,
  LinkPartner,
  RefreshSession,
  RevokeApiKey,
  SignIn,
  SignOut,
];

/** Who people and programs are, and what they may see. */
@Module({
  providers: [...useCases, AccessTokens, ApiKeyStore, IdentityStore, Passwords, Sessions, SignInAttemptStore],
  exports: useCases,
})
export class IdentityModule {}
