import { newId } from '../core/ids.js';
import type { BalanceRow } from '../core/rows.js';
import type { World } from '../core/world.js';

interface Entry {
  amount: number;
  currency: string;
  type: BalanceRow['type'];
  invoice?: string;
  creditNote?: string;
  description?: string | null;
  metadata?: Record<string, string>;
}

/** Books on a customer's balance; a negative amount is credit for coming invoices. */
export function book(world: World, customerId: string, entry: Entry): BalanceRow {
  const customer = world.need('customers', 'customer', customerId);
  const clock = customer.test_clock ?? null;
  const ending = customer.balance + entry.amount;
  world.store.put('customers', { ...customer, balance: ending, currency: customer.currency ?? entry.currency });
  return world.store.put('balances', {
    id: newId('cbtxn'),
    object: 'customer_balance_transaction',
    amount: entry.amount,
    checkout_session: null,
    created: world.now(clock),
    credit_note: entry.creditNote ?? null,
    currency: entry.currency,
    customer: customerId,
    customer_account: null,
    description: entry.description ?? null,
    ending_balance: ending,
    invoice: entry.invoice ?? null,
    livemode: false,
    metadata: entry.metadata ?? {},
    type: entry.type,
  });
}
