import type Stripe from 'stripe';
import { charge, methodFor, paidOutOfBand } from '../billing/collect.js';
import { advancing, clockOf, createDraft } from '../billing/drafts.js';
import { finalize } from '../billing/finalize.js';
import { recompute } from '../billing/totals.js';
import { deleted } from '../core/common.js';
import { invalid, StripeFault } from '../core/errors.js';
import { page } from '../core/listing.js';
import {
  bool,
  currency,
  emptyable,
  int,
  mergeMetadata,
  metadata,
  nothing,
  oneOf,
  paging,
  params,
  range,
  text,
  within,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { InvoiceRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';
import { need as needCustomer } from './customers.js';
import { resolve } from './payment-methods.js';

const DAY = 86_400;
const fields = {
  auto_advance: bool(),
  automatically_finalizes_at: int(0),
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  days_until_due: int(0),
  default_payment_method: text(),
  description: emptyable(text(1500)),
  due_date: int(0),
  effective_at: int(0),
  footer: emptyable(text()),
  metadata: metadata(),
  number: emptyable(text(26)),
};

const create = params<Stripe.InvoiceCreateParams>()(
  { customer: text() },
  {
    ...fields,
    currency: currency(),
    pending_invoice_items_behavior: oneOf('include', 'exclude'),
    subscription: text(),
  },
);
const update = params<Stripe.InvoiceUpdateParams>()({}, fields);
/** What may still change after finalisation. */
const LATE = new Set(['auto_advance', 'default_payment_method', 'due_date', 'metadata']);

const find = (world: World, id: string, param = 'invoice'): InvoiceRow => world.need('invoices', 'invoice', id, param);

function checkDue(method: string, given: { days_until_due?: number; due_date?: number }, known = false): void {
  const dated = given.days_until_due !== undefined || given.due_date !== undefined;
  if (method === 'send_invoice' && !dated && !known) {
    throw invalid("If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.");
  }
  if (method === 'charge_automatically' && dated) {
    throw invalid(
      "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'.",
    );
  }
}

function ownMethod(world: World, id: string | undefined, customer: string | null): void {
  if (id === undefined) return;
  if (world.need('paymentMethods', 'PaymentMethod', id, 'default_payment_method', 400).customer !== customer) {
    throw invalid(`The payment method ${id} does not belong to the customer.`, 'default_payment_method');
  }
}

const opened = (world: World, id: string): InvoiceRow => {
  const invoice = find(world, id, 'id');
  return invoice.status === 'draft' ? finalize(world, invoice) : invoice;
};

function move(
  world: World,
  invoice: InvoiceRow,
  status: 'void' | 'uncollectible',
  stamp: 'voided_at' | 'marked_uncollectible_at',
): InvoiceRow {
  world.unschedule(invoice.id);
  const after = world.store.put('invoices', {
    ...invoice,
    next_payment_attempt: null,
    status,
    status_transitions: { ...invoice.status_transitions, [stamp]: world.now(clockOf(invoice)) },
  });
  world.emit(status === 'void' ? 'invoice.voided' : 'invoice.marked_uncollectible', after);
  return after;
}

export const invoices = [
  route('POST', '/v1/invoices', create, (world, given) => {
    const customer = needCustomer(world, given.customer);
    const method = given.collection_method ?? 'charge_automatically';
    checkDue(method, given);
    ownMethod(world, given.default_payment_method, customer.id);
    const subscription = given.subscription
      ? world.need('subscriptions', 'subscription', given.subscription, 'subscription', 400)
      : null;
    const draft = createDraft(world, customer, {
      currency: given.currency ?? subscription?.currency ?? customer.currency ?? 'usd',
      auto_advance: given.auto_advance ?? false,
      collection_method: method,
      days_until_due: given.days_until_due ?? null,
      due_date: given.due_date ?? null,
      description: given.description ?? null,
      footer: given.footer ?? null,
      metadata: given.metadata ?? {},
      default_payment_method: given.default_payment_method ?? null,
      number: given.number ?? null,
      billing_reason: 'manual',
      subscription: subscription?.id ?? null,
      subscriptionMetadata: subscription?.metadata ?? {},
      period: null,
      takePending: given.pending_invoice_items_behavior === 'include',
    });
    const dated = world.store.put('invoices', { ...draft, effective_at: given.effective_at ?? null });
    const row =
      given.automatically_finalizes_at && dated.auto_advance
        ? advancing(world, dated, given.automatically_finalizes_at)
        : dated;
    world.emit('invoice.created', row);
    return row;
  }),
  route('GET', '/v1/invoices/:id', nothing, (world, _, { id }) => find(world, id)),
  route('POST', '/v1/invoices/:id', update, (world, given, { id }) => {
    const before = find(world, id, 'id');
    const late = Object.keys(given).filter((name) => !LATE.has(name));
    if (before.status !== 'draft' && late.length > 0)
      throw invalid("Finalized invoices can't be updated in this way", late.sort()[0]);
    const method = given.collection_method ?? before.collection_method;
    const wasSent = before.collection_method === 'send_invoice' && before.due_date !== null;
    checkDue(method, given, wasSent);
    ownMethod(world, given.default_payment_method, before.customer);
    const days = given.days_until_due ?? (given.due_date === undefined ? before._daysUntilDue : null);
    const due =
      given.due_date ??
      (given.days_until_due === undefined ? before.due_date : before.created + given.days_until_due * DAY);
    const sends = method === 'send_invoice';
    const number = given.number === undefined ? before.number : given.number;
    let after = world.store.put('invoices', {
      ...before,
      auto_advance: given.auto_advance ?? before.auto_advance,
      collection_method: method,
      default_payment_method: given.default_payment_method ?? before.default_payment_method,
      description: given.description === undefined ? before.description : given.description,
      due_date: sends ? due : null,
      effective_at: given.effective_at ?? before.effective_at,
      footer: given.footer === undefined ? before.footer : given.footer,
      metadata: mergeMetadata(before.metadata, given.metadata),
      number,
      _daysUntilDue: sends ? days : null,
      _finalNumber: number,
    });
    if (
      before.status === 'draft' &&
      (given.auto_advance !== undefined || given.automatically_finalizes_at !== undefined || given.collection_method)
    ) {
      after = advancing(world, after, given.automatically_finalizes_at ?? null);
    }
    if (before.status === 'draft') after = recompute(world, after);
    world.emit('invoice.updated', after, differences(before, after));
    return after;
  }),
  route('DELETE', '/v1/invoices/:id', nothing, (world, _, { id }) => {
    const invoice = find(world, id);
    if (invoice.status !== 'draft') throw invalid('You can only delete draft invoices.');
    if (invoice.parent?.subscription_details) {
      throw invalid('You can only delete invoices that are not for a subscription.');
    }
    world.unschedule(id);
    for (const line of world.store.of('lines', id)) world.store.delete('lines', line.id);
    for (const item of world.store.all('invoiceItems'))
      if (item.invoice === id) world.store.delete('invoiceItems', item.id);
    world.emit('invoice.deleted', invoice);
    world.store.delete('invoices', id);
    return deleted('invoice', id);
  }),
  route(
    'POST',
    '/v1/invoices/:id/finalize',
    params<Stripe.InvoiceFinalizeInvoiceParams>()({}, { auto_advance: bool() }),
    (world, given, { id }) => {
      const draft = find(world, id, 'id');
      const open = finalize(world, { ...draft, auto_advance: given.auto_advance ?? draft.auto_advance });
      if (open.status === 'open' && open.auto_advance && open.collection_method === 'charge_automatically') {
        world.schedule({ kind: 'collect_invoice', subject: id, due: world.now(clockOf(open)), clock: clockOf(open) });
      }
      return open;
    },
  ),
  route(
    'POST',
    '/v1/invoices/:id/pay',
    params<Stripe.InvoicePayParams>()(
      {},
      { forgive: bool(), off_session: bool(), paid_out_of_band: bool(), payment_method: text() },
    ),
    (world, given, { id }) => {
      const known = find(world, id, 'id');
      if (known.status === 'paid') throw invalid('Invoice is already paid');
      if (known.status === 'void') throw invalid("You can only pass in open invoices. This invoice isn't open.");
      const method = given.payment_method ? resolve(world, given.payment_method, 'payment_method') : undefined;
      if (method && method.customer !== null && method.customer !== known.customer) {
        throw invalid(`The payment method ${method.id} belongs to another customer.`, 'payment_method');
      }
      const open = opened(world, id);
      if (open.status === 'paid') return open;
      return given.paid_out_of_band
        ? paidOutOfBand(world, open)
        : charge(world, open, method ?? methodFor(world, open));
    },
  ),
  route('POST', '/v1/invoices/:id/void', nothing, (world, _, { id }) => {
    const invoice = find(world, id, 'id');
    if (invoice.status === 'paid') throw invalid('Invoices with `paid` payments cannot be voided.');
    if (invoice.status !== 'open') throw invalid("You can only pass in open invoices. This invoice isn't open.");
    return move(world, invoice, 'void', 'voided_at');
  }),
  route('POST', '/v1/invoices/:id/mark_uncollectible', nothing, (world, _, { id }) => {
    const invoice = find(world, id, 'id');
    if (invoice.status === 'uncollectible') throw invalid('This invoice has already been marked uncollectible.');
    if (invoice.status !== 'open') throw invalid("You can only pass in open invoices. This invoice isn't open.");
    return move(world, invoice, 'uncollectible', 'marked_uncollectible_at');
  }),
  route('POST', '/v1/invoices/:id/send', nothing, (world, _, { id }) => {
    const known = find(world, id);
    if (known.status !== 'draft' && known.status !== 'open') {
      throw new StripeFault(400, {
        type: 'invalid_request_error',
        message:
          'This invoice cannot be sent right now. Please contact us via https://support.stripe.com/contact with details, so we can help.',
      });
    }
    const open = opened(world, id);
    world.emit('invoice.sent', open);
    return open;
  }),
  route(
    'GET',
    '/v1/invoices',
    params<Stripe.InvoiceListParams>()(
      {},
      {
        ...paging,
        collection_method: oneOf('charge_automatically', 'send_invoice'),
        created: range(),
        customer: text(),
        due_date: range(),
        status: oneOf('draft', 'open', 'void', 'paid', 'uncollectible'),
        subscription: text(),
      },
    ),
    (world, asked) => {
      const rows = world.store
        .all('invoices')
        .filter((one) => within(one.created, asked.created))
        .filter((one) => asked.customer === undefined || one.customer === asked.customer)
        .filter((one) => asked.status === undefined || one.status === asked.status)
        .filter((one) => asked.collection_method === undefined || one.collection_method === asked.collection_method)
        .filter(
          (one) => asked.due_date === undefined || (one.due_date !== null && within(one.due_date, asked.due_date)),
        )
        .filter(
          (one) =>
            asked.subscription === undefined || one.parent?.subscription_details?.subscription === asked.subscription,
        );
      return page(rows.reverse(), '/v1/invoices', 'invoice', asked);
    },
  ),
];
