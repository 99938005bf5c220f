import { Injectable } from '@nestjs/common';
import { Clock, DomainError, type Fault, newId } from '@throughline/kernel';
import { Database, violatedConstraint } from '@throughline/platform';
import { Organisation } from '@throughline/schema/identity';
import { type RequestScope, requirePermission } from '../domain/request-scope.js';
import type { OrganisationKind } from '../domain/roles.js';
import { isEmail, normalEmail, refuseFaults, shortText } from '../domain/text-rules.js';

export interface NewOrganisation {
  readonly kind: OrganisationKind;
  readonly name: string;
  readonly billingEmail?: string | null;
  readonly language?: string;
}

/** A customer, a partner or the manufacturer. Names are unique: CONFLICT. Only the manufacturer's staff make them. */
@Injectable()
export class CreateOrganisation {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async execute(scope: RequestScope, input: NewOrganisation): Promise<Organisation> {
    requirePermission(scope, 'customers:write');
    const faults: Fault[] = [];
    const name = shortText(faults, 'name', input.name, 200);
    const billingEmail = input.billingEmail ? normalEmail(input.billingEmail) : null;
    if (billingEmail !== null && !isEmail(billingEmail))
      faults.push({ field: 'billingEmail', value: input.billingEmail, rule: 'must be an e-mail address' });
    refuseFaults(faults);
    try {
      return await this.database.transaction(scope.data, async (em) => {
        const organisation = em.create(Organisation, {
          id: newId(),
          kind: input.kind,
          name,
          billingEmail,
          language: input.language ?? 'en',
          createdAt: this.clock.now(),
        });
        await em.flush();
        return organisation;
      });
    } catch (error) {
      if (violatedConstraint(error) === 'organisation_name_unique')
        throw new DomainError('CONFLICT', `There is an organisation called ${JSON.stringify(name)} already`);
      throw error;
    }
  }
}
