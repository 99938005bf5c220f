import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@throughline/platform';
import { BillingAccount } from '@throughline/schema/billing';

@Injectable()
export class BillingAccountStore {
  /** Stripe's customer id of ours. */
  async find(em: EntityManager, customerId: string): Promise<string | undefined> {
    return (await em.findOne(BillingAccount, { customerId }))?.stripeCustomerId;
  }

  /** Notes Stripe's id unless another is noted than the one that is `gone`; gives the one that is. */
  async keep(em: EntityManager, customerId: string, stripeCustomerId: string, gone?: string): Promise<string> {
    const [row] = await em.execute<{ stripe_customer_id: string }[]>(
      `insert into billing_account (customer_id, stripe_customer_id) values (?, ?)
       on conflict (customer_id) do update set stripe_customer_id = case
         when billing_account.stripe_customer_id = ? then excluded.stripe_customer_id
         else billing_account.stripe_customer_id end
       returning stripe_customer_id`,
      [customerId, stripeCustomerId, gone ?? null],
    );
    return row?.stripe_customer_id ?? stripeCustomerId;
  }
}
