import type Stripe from 'stripe';
import { REFUSED_ON_ATTACH, TEST_CARDS, tokenOf } from '../billing/cards.js';
import { address, addressFields } from '../core/common.js';
import { invalid, missing, StripeFault } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import {
  emptyable,
  int,
  mergeMetadata,
  metadata,
  nothing,
  oneOf,
  paging,
  params,
  shape,
  text,
} from '../core/params.js';
import { route } from '../core/route.js';
import type { CustomerRow, PaymentMethodRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';

const billing = shape({}, { address: emptyable(addressFields), email: text(), name: text(), phone: text() });
const card = shape(
  {},
  { cvc: text(), exp_month: int(1, 12), exp_year: int(2000, 2199), number: text(), token: text() },
);

const create = params<Stripe.PaymentMethodCreateParams>()(
  { type: oneOf('card') },
  { billing_details: billing, card, metadata: metadata() },
);

function make(world: World, name: string, given: Partial<ReturnType<typeof create.parse>> = {}): PaymentMethodRow {
  const kind = TEST_CARDS[name];
  if (!kind) throw missing('PaymentMethod', name, 'payment_method', 400);
  const details = given.billing_details;
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: details?.address ? address(details.address) : address({}),
      email: details?.email ?? null,
      name: details?.name ?? null,
      phone: details?.phone ?? null,
      tax_id: null,
    },
    card: {
      brand: kind.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
      country: kind.country,
      display_brand: kind.brand,
      exp_month: given.card?.exp_month ?? 12,
      exp_year: given.card?.exp_year ?? new Date(world.now() * 1000).getUTCFullYear() + 2,
      fingerprint: `emulated${kind.last4}${kind.brand}`,
      funding: kind.funding,
      generated_from: null,
      last4: kind.last4,
      networks: { available: [kind.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given.metadata ?? {},
    type: 'card',
    _token: name,
  };
}

/** A stored method, or a new one for a test token such as `pm_card_visa`. */
export function resolve(world: World, id: string, param: string, status = 400): PaymentMethodRow {
  const stored = world.store.get('paymentMethods', id);
  if (stored) return stored;
  if (!(id in TEST_CARDS)) throw missing('PaymentMethod', id, param, status);
  return world.store.put('paymentMethods', make(world, id));
}

/** Gives a method to a customer. Cards that are always declined are refused here already, as Stripe's check does. */
export function attach(world: World, id: string, customer: CustomerRow, param: string): PaymentMethodRow {
  const token = world.store.get('paymentMethods', id)?._token ?? id;
  const refusal = REFUSED_ON_ATTACH.has(token) ? TEST_CARDS[token]?.decline : undefined;
  if (refusal) throw new StripeFault(402, { type: 'card_error', ...refusal });
  const method = resolve(world, id, param);
  if (method.customer === customer.id) return method;
  if (method.customer !== null) {
    throw invalid('The payment method you provided has already been attached to a customer.', param);
  }
  const attached = world.store.put('paymentMethods', { ...method, customer: customer.id });
  world.emit('payment_method.attached', attached);
  return attached;
}

export const paymentMethods = [
  route('POST', '/v1/payment_methods', create, (world, given) => {
    if (!given.card) throw invalid('Missing required param: card.', 'card', 'parameter_missing');
    const name = tokenOf(given.card);
    if (!name) {
      throw new StripeFault(402, {
        type: 'card_error',
        code: 'incorrect_number',
        message: 'Your card number is incorrect.',
        param: 'card[number]',
      });
    }
    return world.store.put('paymentMethods', make(world, name, given));
  }),
  route('GET', '/v1/payment_methods/:id', nothing, (world, _, { id }) => {
    return world.need('paymentMethods', 'PaymentMethod', id, 'payment_method');
  }),
  route(
    'POST',
    '/v1/payment_methods/:id',
    params<Stripe.PaymentMethodUpdateParams>()({}, { billing_details: billing, metadata: metadata() }),
    (world, given, { id }) => {
      const before = world.need('paymentMethods', 'PaymentMethod', id, 'payment_method');
      const { address: given_address, ...details } = given.billing_details ?? {};
      const after = world.store.put('paymentMethods', {
        ...before,
        billing_details: {
          ...before.billing_details,
          ...details,
          ...(given_address === undefined ? {} : { address: given_address && address(given_address) }),
        },
        metadata: mergeMetadata(before.metadata, given.metadata),
      });
      world.emit('payment_method.updated', after, differences(before, after));
      return after;
    },
  ),
  route(
    'POST',
    '/v1/payment_methods/:id/attach',
    params<Stripe.PaymentMethodAttachParams>()({ customer: text() }, {}),
    (world, given, { id }) =>
      attach(world, id, world.need('customers', 'customer', given.customer, 'customer', 400), 'payment_method'),
  ),
  route('POST', '/v1/payment_methods/:id/detach', nothing, (world, _, { id }) => {
    const method = world.need('paymentMethods', 'PaymentMethod', id, 'payment_method');
    if (method.customer === null) {
      throw invalid(
        'The payment method you provided is not attached to a customer so detachment is impossible.',
        'payment_method',
      );
    }
    const owner = world.store.get('customers', method.customer);
    if (owner?.invoice_settings.default_payment_method === id) {
      world.store.put('customers', {
        ...owner,
        invoice_settings: { ...owner.invoice_settings, default_payment_method: null },
      });
    }
    const detached = world.store.put('paymentMethods', { ...method, customer: null });
    world.emit('payment_method.detached', detached, { customer: method.customer });
    return detached;
  }),
  route(
    'GET',
    '/v1/payment_methods',
    params<Stripe.PaymentMethodListParams>()({}, { ...paging, customer: text(), type: oneOf('card') }),
    (world, asked) => {
      const rows = world.store.all('paymentMethods').filter((one) => one.customer === (asked.customer ?? null));
      return page(rows.reverse(), '/v1/payment_methods', 'payment_method', asked);
    },
  ),
  route(
    'GET',
    '/v1/customers/:id/payment_methods',
    params<Stripe.CustomerListPaymentMethodsParams>()({}, { ...paging, type: oneOf('card') }),
    (world, asked, { id }) => {
      world.need('customers', 'customer', id, 'customer');
      const rows = world.store.all('paymentMethods').filter((one) => one.customer === id);
      return page(rows.reverse(), `/v1/customers/${id}/payment_methods`, 'payment_method', asked);
    },
  ),
];
