import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GraphqlCallers, MutationJournal } from '@throughline/platform';
import { PolicyGuard } from '../../application/access-policy.js';
import { IdentityModule } from '../../identity.module.js';
import { AccessResolver } from './access.resolver.js';
import { CustomersResolver } from './customers.resolver.js';
import { IdentityCallers } from './identity-callers.js';
import { IdentityJournal } from './identity-journal.js';
import { IdentityLoaders } from './identity-loaders.js';
import { SignInResolver } from './sign-in.resolver.js';
import { SitesResolver } from './sites.resolver.js';

/** Identity's part of the schema, and the guard that holds every part to its policy. */
@Module({
  imports: [IdentityModule],
  providers: [
    AccessResolver,
    CustomersResolver,
    SignInResolver,
    SitesResolver,
    IdentityLoaders,
    { provide: APP_GUARD, useClass: PolicyGuard },
    { provide: GraphqlCallers, useClass: IdentityCallers },
    { provide: MutationJournal, useClass: IdentityJournal },
  ],
  exports: [GraphqlCallers, MutationJournal, IdentityLoaders],
})
export class IdentityGraphqlModule {}
