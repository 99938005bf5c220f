import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { BillingAccount } from '@throughline/schema/billing';

@Injectable()
export class BillingAccountStore {
  /** Stripe's customer id of ours. */
  async find(em: EntityManager, customerId: string): Promise<string | undefined> {
    return (await em.findOne(BillingAccount, { customerId }))?.stripeCustomerId;
  }

  /** Notes Stripe's id unless one is noted already; gives the one that is. */
  async keep(em: EntityManager, customerId: string, stripeCustomerId: string): Promise<string> {
    const [row] = await em.execute<{ stripe_customer_id: string }[]>(
      `insert into billing_account (customer_id, stripe_customer_id) values (?, ?)
       on conflict (customer_id) do update set stripe_customer_id = billing_account.stripe_customer_id
       returning stripe_customer_id`,
      [customerId, stripeCustomerId],
    );
    return row?.stripe_customer_id ?? stripeCustomerId;
  }
}
