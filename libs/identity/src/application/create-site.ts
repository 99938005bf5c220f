import { Injectable } from '@nestjs/common';
import { type Fault, isId, newId, notFound, parseTimeZone } from '@throughline/kernel';
import { Database } from '@throughline/platform';
import { Organisation, Site } from '@throughline/schema/identity';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';
import { refuseFaults, shortText } from '../domain/text-rules.js';

const MAX_ADDRESS = 500;

export interface NewSite {
  readonly customerId: string;
  readonly name: string;
  readonly address?: string | null;
  /** IANA name. */
  readonly timeZone: string;
}

/** A place of a customer where machines stand. NOT_FOUND when the customer is not one the caller may see. */
@Injectable()
export class CreateSite {
  constructor(private readonly database: Database) {}

  async execute(scope: RequestScope, input: NewSite): Promise<Site> {
    requirePermission(scope, 'sites:write');
    const faults: Fault[] = [];
    const name = shortText(faults, 'name', input.name, 200);
    const address = (input.address ?? '').trim();
    if (address.length > MAX_ADDRESS)
      faults.push({ field: 'address', value: address, rule: `must have at most ${MAX_ADDRESS} characters` });
    refuseFaults(faults);
    const timeZone = parseTimeZone(input.timeZone, 'timeZone');
    return this.database.transaction(scope.data, async (em) => {
      const customer = isId(input.customerId)
        ? await em.findOne(Organisation, { id: input.customerId, kind: 'customer' })
        : null;
      if (!customer) throw notFound('customer', input.customerId);
      const site = em.create(Site, { id: newId(), customerId: customer.id, name, address, timeZone });
      await em.flush();
      return site;
    });
  }
}
