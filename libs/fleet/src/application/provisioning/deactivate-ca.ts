import { Injectable } from '@nestjs/common';
import { Clock, notFound } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { type RegisteredCa, RegisteredCaStore } from '../../storage/provisioning/registered-ca.store.js';

@Injectable()
export class DeactivateCa {
  constructor(
    private readonly database: Database,
    private readonly cas: RegisteredCaStore,
    private readonly clock: Clock,
  ) {}

  /** It registers nothing new from now on; devices it has registered go on. Again it changes nothing. Errors: NOT_FOUND. */
  async run(id: string): Promise<RegisteredCa> {
    return this.database.transaction(everyCustomer, async (em) => {
      const ca = await this.cas.byId(em, id);
      if (!ca) throw notFound('CA', id);
      const deactivatedAt = ca.deactivatedAt ?? this.clock.now();
      await this.cas.deactivate(em, id, deactivatedAt);
      return { ...ca, deactivatedAt };
    });
  }
}
