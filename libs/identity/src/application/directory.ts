import { Injectable } from '@nestjs/common';
import { isId } from '@throughline/kernel';
import { type Connection, Database, everyCustomer, keysetPage, type PageRequest } from '@throughline/platform';
import { ApiKey, AuditEntry, Organisation, Site, User } from '@throughline/schema/identity';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';
import { ApiKeyStore } from '../storage/api-key.store.js';

const byName = (list: string) => ({
  list,
  sort: [
    { property: 'name', type: 'string', direction: 'asc' } as const,
    { property: 'id', type: 'string', direction: 'asc' } as const,
  ],
});

const likeLiteral = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Reading of what identity owns, always within the caller's data scope. */
@Injectable()
export class Directory {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeyStore,
  ) {}

  customers(scope: RequestScope, page: PageRequest, search?: string | null): Promise<Connection<Organisation>> {
    requirePermission(scope, 'customers:read');
    const named = search?.trim() ? { name: { $ilike: likeLiteral(search.trim().slice(0, 200)) } } : {};
    return this.database.read(scope.data, (em) =>
      keysetPage(em, Organisation, { ...byName('customers'), where: { kind: 'customer', ...named }, page }),
    );
  }

  /** Customers by id, in any order; those the caller may not see are left out. */
  customersByIds(scope: RequestScope, ids: readonly string[]): Promise<Organisation[]> {
    requirePermission(scope, 'customers:read');
    return this.database.read(scope.data, (em) =>
      em.find(Organisation, { id: { $in: ids.filter(isId) }, kind: 'customer' }),
    );
  }

  sites(scope: RequestScope, page: PageRequest, customerId?: string | null): Promise<Connection<Site>> {
    requirePermission(scope, 'sites:read');
    const where = customerId == null ? {} : { customerId: { $in: [customerId].filter(isId) } };
    return this.database.read(scope.data, (em) => keysetPage(em, Site, { ...byName('sites'), where, page }));
  }

  sitesByIds(scope: RequestScope, ids: readonly string[]): Promise<Site[]> {
    requirePermission(scope, 'sites:read');
    return this.database.read(scope.data, (em) => em.find(Site, { id: { $in: ids.filter(isId) } }));
  }

  sitesOfCustomers(scope: RequestScope, customerIds: readonly string[]): Promise<Site[]> {
    requirePermission(scope, 'sites:read');
    return this.database.read(scope.data, (em) =>
      em.find(Site, { customerId: { $in: customerIds.filter(isId) } }, { orderBy: { name: 'asc', id: 'asc' } }),
    );
  }

  /** The caller itself, whatever its permissions; `user` is undefined for API keys. */
  async self(scope: RequestScope): Promise<{ user: User | undefined; organisation: Organisation }> {
    // A partner's own organisation is none of the customers it may see.
    return this.database.read(everyCustomer, async (em) => ({
      user: scope.actor.kind === 'user' ? await em.findOneOrFail(User, { id: scope.actor.id }) : undefined,
      organisation: await em.findOneOrFail(Organisation, { id: scope.organisation.id }),
    }));
  }

  apiKeys(scope: RequestScope): Promise<ApiKey[]> {
    requirePermission(scope, 'api_keys:read');
    return this.database.read(scope.data, (em) => this.keys.list(em, scope.organisation.id));
  }

  auditTrail(scope: RequestScope, page: PageRequest): Promise<Connection<AuditEntry>> {
    requirePermission(scope, 'audit:read');
    return this.database.read(scope.data, (em) =>
      keysetPage(em, AuditEntry, {
        list: 'auditTrail',
        sort: [{ property: 'id', type: 'string', direction: 'desc' }],
        page,
      }),
    );
  }
}
