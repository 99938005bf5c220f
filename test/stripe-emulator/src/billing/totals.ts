import { minimumCharge } from '../core/currencies.js';
import { linesOf } from '../core/present.js';
import type { InvoiceRow } from '../core/rows.js';
import type { World } from '../core/world.js';

export interface Settlement {
  amount_due: number;
  ending_balance: number;
}

/**
 * What a total asks for after the customer's balance (negative is credit): never less than nothing, and nothing where a
 * card could not be charged so little; the difference stays on the balance.
 */
export function settle(total: number, balance: number, currency: string, charges: boolean): Settlement {
  const wanted = total + balance;
  if (wanted <= 0) return { amount_due: 0, ending_balance: wanted };
  if (charges && wanted < minimumCharge(currency)) return { amount_due: 0, ending_balance: wanted };
  return { amount_due: wanted, ending_balance: 0 };
}

/** Sums a draft anew from its lines. */
export function recompute(world: World, invoice: InvoiceRow): InvoiceRow {
  const total = linesOf(world, invoice.id).reduce((sum, line) => sum + line.amount, 0);
  const balance = customerBalance(world, invoice);
  const { amount_due } = settle(total, balance, invoice.currency, invoice.collection_method === 'charge_automatically');
  const summed: InvoiceRow = {
    ...invoice,
    amount_due,
    amount_remaining: amount_due - invoice.amount_paid,
    starting_balance: balance,
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  };
  return world.store.put('invoices', summed);
}

function customerBalance(world: World, invoice: InvoiceRow): number {
  const customer = invoice.customer ? world.store.get('customers', invoice.customer) : undefined;
  return customer && (customer.currency ?? invoice.currency) === invoice.currency ? customer.balance : 0;
}
