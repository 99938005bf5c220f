import { Injectable } from '@nestjs/common';
import { DomainError, notFound } from '@throughline/kernel';
import { grouped, inOrder, loader } from '@throughline/platform';
import type { IdentityContext } from '../../application/access-policy.js';
import { Directory } from '../../application/directory.js';
import type { RequestScope } from '../../domain/request-scope.js';
import type { CustomerType, SiteType } from './types.js';

/** Batched reads of customers and sites for resolvers of this and of later libs. */
@Injectable()
export class IdentityLoaders {
  constructor(private readonly directory: Directory) {}

  /** The customer of that id; rejects with NOT_FOUND when the caller may not see it. */
  customer(context: IdentityContext, id: string): Promise<CustomerType> {
    return loader<string, CustomerType>(context, 'customer', async (ids) =>
      inOrder(
        ids,
        await this.directory.customersByIds(scopeOf(context), ids),
        (row) => row.id,
        (row, key) => row ?? notFound('customer', key),
      ),
    ).load(id);
  }

  /** The site of that id; rejects with NOT_FOUND when the caller may not see it. */
  site(context: IdentityContext, id: string): Promise<SiteType> {
    return loader<string, SiteType>(context, 'site', async (ids) =>
      inOrder(
        ids,
        await this.directory.sitesByIds(scopeOf(context), ids),
        (row) => row.id,
        (row, key) => row ?? notFound('site', key),
      ),
    ).load(id);
  }

  sitesOfCustomer(context: IdentityContext, customerId: string): Promise<SiteType[]> {
    return loader<string, SiteType[]>(context, 'sitesOfCustomer', async (ids) =>
      grouped(ids, await this.directory.sitesOfCustomers(scopeOf(context), ids), (row) => row.customerId),
    ).load(customerId);
  }
}

function scopeOf(context: IdentityContext): RequestScope {
  if (!context.scope) throw new DomainError('UNAUTHENTICATED', 'Sign in first');
  return context.scope;
}
