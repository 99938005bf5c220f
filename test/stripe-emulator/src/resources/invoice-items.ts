import type Stripe from 'stripe';
import { charged, chargeFields } from '../billing/charge.js';
import { addItem, changeItem, checkRoom, draftOnly, MAX_ITEMS } from '../billing/lines.js';
import { recompute } from '../billing/totals.js';
import { deleted } from '../core/common.js';
import { invalid } from '../core/errors.js';
import { page } from '../core/listing.js';
import {
  bool,
  currency,
  decimal,
  emptyable,
  int,
  mergeMetadata,
  metadata,
  nothing,
  paging,
  params,
  range,
  shape,
  text,
  within,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { InvoiceRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';
import { need as needCustomer } from './customers.js';

const period = shape({ end: int(0), start: int(0) }, {});
const common = {
  ...chargeFields,
  description: emptyable(text()),
  discountable: bool(),
  metadata: metadata(),
  period,
  unit_amount_decimal: decimal(12, true),
};

const create = params<Stripe.InvoiceItemCreateParams>()(
  { customer: text() },
  { ...common, currency: currency(), invoice: text() },
);
const update = params<Stripe.InvoiceItemUpdateParams>()({}, common);
const CHARGE = ['amount', 'price_data', 'pricing', 'quantity', 'quantity_decimal', 'unit_amount_decimal'] as const;

export function checkPeriod(given: { start: number; end: number } | undefined, path = 'period'): void {
  if (given && given.end < given.start) throw invalid('The period end must be after the period start.', `${path}[end]`);
}

const needItem = (world: World, id: string) => world.need('invoiceItems', 'Invoice Item', id);

/** Sums a draft anew after its lines changed and announces it. */
export function relined(world: World, invoice: InvoiceRow): InvoiceRow {
  const after = recompute(world, invoice);
  world.emit('invoice.updated', after, differences(invoice, after));
  return after;
}

export const invoiceItems = [
  route('POST', '/v1/invoiceitems', create, (world, given) => {
    const customer = needCustomer(world, given.customer);
    const invoice = given.invoice ? world.need('invoices', 'invoice', given.invoice, 'invoice', 400) : null;
    checkPeriod(given.period);
    if (invoice) {
      draftOnly(invoice);
      if (invoice.customer !== customer.id) {
        throw invalid(`The invoice ${invoice.id} does not belong to customer ${customer.id}.`, 'invoice');
      }
      checkRoom(world, invoice.id, 1);
    } else if (
      world.store.all('invoiceItems').filter((one) => one.customer === customer.id && !one.invoice).length >= MAX_ITEMS
    ) {
      throw invalid(`A customer can have at most ${MAX_ITEMS} pending invoice items.`, 'customer');
    }
    if (given.currency && given.price_data && given.currency !== given.price_data.currency) {
      throw invalid('The currency must match the currency of price_data.', 'currency');
    }
    const expected =
      invoice?.currency ?? given.currency ?? (given.price_data || given.pricing ? null : (customer.currency ?? 'usd'));
    if (invoice && given.currency && given.currency !== invoice.currency) {
      throw invalid(
        `The invoice item's currency (${given.currency}) must match the invoice's (${invoice.currency}).`,
        'currency',
      );
    }
    const charge = charged(world, given, expected, given.description ?? null);
    const item = addItem(world, {
      customer: customer.id,
      charge,
      description: given.description ?? null,
      discountable: given.discountable ?? charge.amount >= 0,
      metadata: given.metadata ?? {},
      period: given.period ?? null,
      clock: customer.test_clock ?? null,
      invoice: invoice?.id ?? null,
    });
    if (invoice) relined(world, invoice);
    else if (!customer.currency) world.store.put('customers', { ...customer, currency: charge.currency });
    return item;
  }),
  route('GET', '/v1/invoiceitems/:id', nothing, (world, _, { id }) => needItem(world, id)),
  route('POST', '/v1/invoiceitems/:id', update, (world, given, { id }) => {
    const before = needItem(world, id);
    const invoice = before.invoice ? world.store.get('invoices', before.invoice) : undefined;
    if (invoice) draftOnly(invoice);
    checkPeriod(given.period);
    const charge = CHARGE.some((name) => given[name] !== undefined)
      ? charged(world, withUnit(given, before.pricing?.unit_amount_decimal ?? '0'), before.currency, before.description)
      : null;
    const after = changeItem(world, {
      ...before,
      ...(charge
        ? {
            amount: charge.amount,
            net_amount: charge.amount,
            pricing: charge.pricing,
            quantity: charge.quantity,
            quantity_decimal: charge.quantity_decimal,
          }
        : {}),
      description: given.description === undefined ? before.description : given.description,
      discountable: given.discountable ?? before.discountable,
      metadata: mergeMetadata(before.metadata, given.metadata),
      period: given.period ?? before.period,
    });
    if (invoice) relined(world, invoice);
    return after;
  }),
  route('DELETE', '/v1/invoiceitems/:id', nothing, (world, _, { id }) => {
    const item = needItem(world, id);
    const invoice = item.invoice ? world.store.get('invoices', item.invoice) : undefined;
    if (invoice && invoice.status !== 'draft') {
      throw invalid(
        `You can only delete this invoice item if it is not attached to an invoice or its invoice is a draft.`,
      );
    }
    if (item._line) world.store.delete('lines', item._line);
    world.store.delete('invoiceItems', id);
    world.emit('invoiceitem.deleted', item);
    if (invoice) relined(world, invoice);
    return deleted('invoiceitem', id);
  }),
  route(
    'GET',
    '/v1/invoiceitems',
    params<Stripe.InvoiceItemListParams>()(
      {},
      { ...paging, created: range(), customer: text(), invoice: text(), pending: bool() },
    ),
    (world, asked) => {
      const rows = world.store
        .all('invoiceItems')
        .filter((one) => within(one.date, asked.created))
        .filter((one) => asked.customer === undefined || one.customer === asked.customer)
        .filter((one) => asked.invoice === undefined || one.invoice === asked.invoice)
        .filter((one) => asked.pending === undefined || (one.invoice === null) === asked.pending);
      return page(rows.reverse(), '/v1/invoiceitems', 'invoiceitem', asked);
    },
  ),
];

/** A new quantity alone keeps the unit amount. */
export function withUnit<
  T extends { amount?: number; price_data?: unknown; pricing?: unknown; unit_amount_decimal?: string },
>(given: T, unit: string): T {
  const named =
    given.amount !== undefined || given.price_data || given.pricing || given.unit_amount_decimal !== undefined;
  return named ? given : { ...given, unit_amount_decimal: unit };
}
