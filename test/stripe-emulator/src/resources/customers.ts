import type Stripe from 'stripe';
import { book } from '../billing/balance.js';
import { endSubscription } from '../billing/renew.js';
import { address, addressFields, deleted } from '../core/common.js';
import { invalid, missing } from '../core/errors.js';
import { newId, token } from '../core/ids.js';
import { page } from '../core/listing.js';
import {
  amount,
  currency,
  emptyable,
  int,
  list,
  mergeMetadata,
  metadata,
  nothing,
  oneOf,
  paging,
  params,
  range,
  shape,
  text,
  within,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { CustomerRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';
import { attach } from './payment-methods.js';

const fields = {
  address: emptyable(addressFields),
  balance: amount(),
  description: emptyable(text()),
  email: emptyable(text(512)),
  invoice_prefix: text(12),
  invoice_settings: shape({}, { default_payment_method: emptyable(text()), footer: emptyable(text()) }),
  metadata: metadata(),
  name: emptyable(text(256)),
  next_invoice_sequence: int(1),
  phone: emptyable(text(20)),
  preferred_locales: list(text()),
  tax_exempt: emptyable(oneOf('none', 'exempt', 'reverse')),
};

const create = params<Stripe.CustomerCreateParams>()({}, { ...fields, payment_method: text(), test_clock: text() });
const update = params<Stripe.CustomerUpdateParams>()({}, fields);
const listed = params<Stripe.CustomerListParams>()(
  {},
  { ...paging, created: range(), email: text(), test_clock: text() },
);

type Given = ReturnType<typeof update.parse>;

function apply(world: World, customer: CustomerRow, given: Given): CustomerRow {
  const method = given.invoice_settings?.default_payment_method;
  if (typeof method === 'string' && world.store.get('paymentMethods', method)?.customer !== customer.id) {
    throw missing('PaymentMethod', method, 'invoice_settings[default_payment_method]', 400);
  }
  if (given.balance !== undefined && given.balance !== customer.balance && !customer.currency) {
    customer = { ...customer, currency: 'usd' };
  }
  return {
    ...customer,
    address: given.address === undefined ? customer.address : given.address && address(given.address),
    balance: given.balance ?? customer.balance,
    description: given.description === undefined ? customer.description : given.description,
    email: given.email === undefined ? customer.email : given.email,
    invoice_prefix: given.invoice_prefix ?? customer.invoice_prefix,
    invoice_settings: {
      ...customer.invoice_settings,
      ...(method === undefined ? {} : { default_payment_method: method }),
      ...(given.invoice_settings?.footer === undefined ? {} : { footer: given.invoice_settings.footer }),
    },
    metadata: mergeMetadata(customer.metadata, given.metadata),
    name: given.name === undefined ? customer.name : given.name,
    next_invoice_sequence: given.next_invoice_sequence ?? customer.next_invoice_sequence,
    phone: given.phone === undefined ? customer.phone : given.phone,
    preferred_locales: given.preferred_locales ?? customer.preferred_locales,
    tax_exempt: given.tax_exempt === undefined ? customer.tax_exempt : (given.tax_exempt ?? 'none'),
  };
}

export const need = (world: World, id: string, param = 'customer', status = 400): CustomerRow =>
  world.need('customers', 'customer', id, param, status);

export const customers = [
  route('POST', '/v1/customers', create, (world, asked) => {
    const given = withUsualMethod(world, asked);
    if (given.test_clock && !world.store.get('clocks', given.test_clock)) {
      throw missing('test_helpers.test_clock', given.test_clock, 'test_clock', 400);
    }
    const blank: CustomerRow = {
      id: newId('cus'),
      object: 'customer',
      address: null,
      balance: 0,
      created: world.now(given.test_clock ?? null),
      currency: null,
      customer_account: null,
      default_source: null,
      delinquent: false,
      description: null,
      discount: null,
      email: null,
      invoice_prefix: token(8).toUpperCase(),
      invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
      livemode: false,
      metadata: {},
      name: null,
      next_invoice_sequence: 1,
      phone: null,
      preferred_locales: [],
      shipping: null,
      tax_exempt: 'none',
      test_clock: given.test_clock ?? null,
    };
    if (given.payment_method === undefined) {
      const made = world.store.put('customers', apply(world, blank, given));
      world.emit('customer.created', made);
      return made;
    }
    // The method must belong to the customer before it can be its default.
    const { invoice_settings: settings, ...rest } = given;
    const first = world.store.put('customers', apply(world, blank, rest));
    try {
      const method = attach(world, given.payment_method, first, 'payment_method');
      const wanted = settings?.default_payment_method;
      const chosen = wanted === given.payment_method ? method.id : wanted;
      const made = world.store.put(
        'customers',
        apply(world, first, { invoice_settings: { ...settings, default_payment_method: chosen } }),
      );
      world.emit('customer.created', made);
      return made;
    } catch (error) {
      world.store.delete('customers', first.id);
      throw error;
    }
  }),
  route(
    'GET',
    '/v1/customers/:id',
    nothing,
    (world, _, { id }) => world.store.get('customers', id) ?? need(world, id, 'id', 404),
  ),
  route('POST', '/v1/customers/:id', update, (world, given, { id }) => {
    const before = need(world, id, 'id', 404);
    const after = apply(world, before, given);
    const previous = differences(before, after);
    world.store.put('customers', after);
    if (Object.keys(previous).length > 0) world.emit('customer.updated', after, previous);
    return after;
  }),
  route('DELETE', '/v1/customers/:id', nothing, (world, _, { id }) => {
    const row = need(world, id, 'id', 404);
    for (const one of world.store.all('subscriptions')) {
      if (one.customer === id && one.status !== 'canceled')
        endSubscription(world, one, world.now(row.test_clock ?? null));
    }
    world.store.put('customers', { ...row, _deleted: true });
    world.emit('customer.deleted', row);
    return deleted('customer', id);
  }),
  route('GET', '/v1/customers', listed, (world, asked) => {
    const rows = world.store
      .all('customers')
      .filter(
        (one) =>
          !one._deleted &&
          within(one.created, asked.created) &&
          (asked.email === undefined || one.email === asked.email) &&
          (one.test_clock ?? undefined) === asked.test_clock,
      );
    return page(rows.reverse(), '/v1/customers', 'customer', asked);
  }),
  route(
    'POST',
    '/v1/customers/:id/balance_transactions',
    params<Stripe.CustomerCreateBalanceTransactionParams>()(
      { amount: amount(), currency: currency() },
      { description: text(), metadata: metadata() },
    ),
    (world, given, { id }) => {
      const customer = need(world, id, 'customer', 404);
      if (customer.currency && customer.currency !== given.currency) {
        throw invalid(
          `The customer's currency is ${customer.currency}; its balance cannot be adjusted in ${given.currency}.`,
          'currency',
        );
      }
      return book(world, id, {
        amount: given.amount,
        currency: given.currency,
        type: 'adjustment',
        description: given.description ?? null,
        metadata: given.metadata ?? {},
      });
    },
  ),
  route(
    'GET',
    '/v1/customers/:id/balance_transactions',
    params<Stripe.CustomerListBalanceTransactionsParams>()({}, { ...paging, created: range(), invoice: text() }),
    (world, asked, { id }) => {
      need(world, id, 'customer', 404);
      const rows = world.store
        .all('balances')
        .filter((one) => one.customer === id && within(one.created, asked.created))
        .filter((one) => asked.invoice === undefined || one.invoice === asked.invoice);
      return page(rows.reverse(), `/v1/customers/${id}/balance_transactions`, 'customer_balance_transaction', asked);
    },
  ),
];

/** A demo's customers pay by themselves: without a method of its own a customer gets the one the emulator was started with. */
function withUsualMethod<T extends { payment_method?: string; invoice_settings?: object }>(world: World, asked: T): T {
  const method = world.customersPayWith;
  if (method === undefined || asked.payment_method !== undefined) return asked;
  return {
    ...asked,
    payment_method: method,
    invoice_settings: { ...asked.invoice_settings, default_payment_method: method },
  };
}
