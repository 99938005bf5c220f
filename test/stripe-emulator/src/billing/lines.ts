import { invalid } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { linesOf } from '../core/present.js';
import type { InvoiceItemRow, InvoiceRow, LineRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import type { Charged } from './charge.js';

export const MAX_ITEMS = 250;

/** Refuses what would take an invoice over Stripe's 250 items. */
export function checkRoom(world: World, invoice: string, more: number): void {
  if (linesOf(world, invoice).length + more > MAX_ITEMS) {
    throw invalid(`An invoice can have at most ${MAX_ITEMS} invoice items.`, 'lines');
  }
}

export function draftOnly(invoice: InvoiceRow): void {
  if (invoice.status === 'draft') return;
  throw invalid('Invalid invoice: This invoice is no longer editable', 'invoice', 'invoice_not_editable');
}

interface ItemParams {
  customer: string;
  charge: Charged;
  description: string | null;
  discountable: boolean;
  metadata: Record<string, string>;
  period: { start: number; end: number } | null;
  clock: string | null;
  invoice: string | null;
}

/** Makes an invoice item: pending on the customer, or at once a line of a draft. */
export function addItem(world: World, item: ItemParams): InvoiceItemRow {
  const date = world.now(item.clock);
  const row = world.store.put('invoiceItems', {
    id: newId('ii'),
    object: 'invoiceitem',
    amount: item.charge.amount,
    currency: item.charge.currency,
    customer: item.customer,
    customer_account: null,
    date,
    description: item.description,
    discountable: item.discountable,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: item.metadata,
    net_amount: item.charge.amount,
    parent: null,
    period: item.period ?? { start: date, end: date },
    pricing: item.charge.pricing,
    proration: false,
    quantity: item.charge.quantity,
    quantity_decimal: item.charge.quantity_decimal,
    tax_rates: [],
    test_clock: item.clock,
    _line: null,
    _pendingBefore: item.invoice === null,
  });
  const placed = item.invoice === null ? row : place(world, row, item.invoice);
  world.emit('invoiceitem.created', placed);
  return placed;
}

/** Puts an item on a draft as a line. */
export function place(world: World, item: InvoiceItemRow, invoice: string): InvoiceItemRow {
  const line = world.store.put('lines', { ...lineOf(item, newId('il')), invoice });
  return world.store.put('invoiceItems', { ...item, invoice, _line: line.id });
}

/** The line that shows an invoice item. */
export const lineOf = (item: InvoiceItemRow, id: string): LineRow => ({
  id,
  object: 'line_item',
  amount: item.amount,
  currency: item.currency,
  description: item.description,
  discount_amounts: [],
  discountable: item.discountable,
  discounts: [],
  invoice: item.invoice,
  livemode: false,
  metadata: item.metadata ?? {},
  parent: {
    invoice_item_details: {
      invoice_item: item.id,
      proration: item.proration,
      proration_details: null,
      subscription: null,
    },
    subscription_item_details: null,
    type: 'invoice_item_details',
  },
  period: item.period,
  pretax_credit_amounts: [],
  pricing: item.pricing,
  quantity: item.quantity,
  quantity_decimal: item.quantity_decimal,
  subscription: null,
  subtotal: item.amount,
  taxes: [],
  _item: item.id,
  _meter: null,
});

/** Writes a changed item, and its line with it. */
export function changeItem(world: World, item: InvoiceItemRow): InvoiceItemRow {
  const kept = world.store.put('invoiceItems', item);
  if (item._line) world.store.put('lines', { ...lineOf(item, item._line), invoice: item.invoice });
  return kept;
}
