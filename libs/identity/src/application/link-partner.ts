import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database } from '@throughline/platform';
import { Organisation, PartnerLink } from '@throughline/schema/identity';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';

/** Lets a partner see a customer. Doing it again changes nothing. */
@Injectable()
export class LinkPartner {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async execute(scope: RequestScope, partnerId: string, customerId: string): Promise<void> {
    requirePermission(scope, 'customers:write');
    await this.database.transaction(scope.data, async (em) => {
      if (!(await em.findOne(Organisation, { id: partnerId, kind: 'partner' }))) throw notFound('partner', partnerId);
      if (!(await em.findOne(Organisation, { id: customerId, kind: 'customer' })))
        throw notFound('customer', customerId);
      await em.upsert(
        PartnerLink,
        { partnerId, customerId, createdAt: this.clock.now() },
        { onConflictAction: 'ignore' },
      );
    });
  }
}
