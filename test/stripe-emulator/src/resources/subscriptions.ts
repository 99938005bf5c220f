import type Stripe from 'stripe';
import { prorated } from '../billing/charge.js';
import { charge, methodFor } from '../billing/collect.js';
import { createDraft } from '../billing/drafts.js';
import { finalize } from '../billing/finalize.js';
import { addItem } from '../billing/lines.js';
import { bill, draftOf, endSubscription, licensedLines, periodEnd, periodOf } from '../billing/renew.js';
import { recompute } from '../billing/totals.js';
import { invalid, StripeFault } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import {
  bool,
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
import type { CustomerRow, PriceRow, SubscriptionItemRow, SubscriptionRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';
import { need as needCustomer } from './customers.js';

const create = params<Stripe.SubscriptionCreateParams>()(
  { customer: text(), items: list(shape({ price: text() }, { metadata: metadata(), quantity: int(0) }), 20) },
  {
    billing_mode: shape({ type: oneOf('classic', 'flexible') }, {}),
    cancel_at_period_end: bool(),
    collection_method: oneOf('charge_automatically', 'send_invoice'),
    currency: currency(),
    days_until_due: int(0),
    default_payment_method: text(),
    description: text(500),
    metadata: metadata(),
    off_session: bool(),
    payment_behavior: oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete'),
  },
);
const update = params<Stripe.SubscriptionUpdateParams>()(
  {},
  {
    cancel_at_period_end: bool(),
    default_payment_method: text(),
    description: emptyable(text(500)),
    metadata: metadata(),
  },
);
type Given = ReturnType<typeof create.parse>;

const planOf = (price: PriceRow): SubscriptionItemRow['plan'] => ({
  id: price.id,
  object: 'plan',
  active: price.active,
  amount: price.unit_amount,
  amount_decimal: price.unit_amount_decimal,
  billing_scheme: price.billing_scheme,
  created: price.created,
  currency: price.currency,
  interval: price.recurring?.interval ?? 'month',
  interval_count: price.recurring?.interval_count ?? 1,
  livemode: false,
  metadata: price.metadata,
  meter: price.recurring?.meter ?? null,
  nickname: price.nickname,
  product: price.product,
  tiers_mode: price.tiers_mode,
  transform_usage: price.transform_quantity,
  trial_period_days: null,
  usage_type: price.recurring?.usage_type ?? 'licensed',
});

function readItems(
  world: World,
  given: Given,
): { price: PriceRow; quantity?: number; metadata: Record<string, string> }[] {
  if (given.items.length === 0) throw invalid('Missing required param: items.', 'items', 'parameter_missing');
  const items = given.items.map((one, i) => {
    const price = world.need('prices', 'price', one.price, `items[${i}][price]`, 400);
    if (!price.recurring) {
      throw invalid(
        'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
        `items[${i}][price]`,
      );
    }
    const metered = price.recurring.usage_type === 'metered';
    if (metered && one.quantity !== undefined) {
      throw invalid(`Quantity should not be specified where usage_type is metered.`, `items[${i}][quantity]`);
    }
    return { price, metadata: one.metadata ?? {}, ...(metered ? {} : { quantity: one.quantity ?? 1 }) };
  });
  const first = items[0]?.price;
  for (const { price } of items) {
    const same =
      price.recurring?.interval === first?.recurring?.interval &&
      price.recurring?.interval_count === first?.recurring?.interval_count;
    if (!same || price.currency !== first?.currency) {
      throw invalid('Currency and interval fields must match across all plans on this subscription.', 'items');
    }
  }
  if (given.currency && given.currency !== first?.currency) {
    throw invalid(
      `The price specified only supports \`${first?.currency}\`. This doesn't match the expected currency: \`${given.currency}\`.`,
      'currency',
    );
  }
  return items;
}

function blank(world: World, customer: CustomerRow, given: Given): SubscriptionRow {
  const items = readItems(world, given);
  const method = given.collection_method ?? 'charge_automatically';
  if (method === 'send_invoice' && given.days_until_due === undefined) {
    throw invalid(
      "If subscription collection method is 'send_invoice', you must specify 'days_until_due'.",
      'days_until_due',
    );
  }
  const clock = customer.test_clock ?? null;
  const created = world.now(clock);
  const id = newId('sub');
  const end = items[0]?.price.recurring ? periodEnd(created, items[0].price.recurring, 1) : created;
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: created,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: null, type: given.billing_mode?.type ?? 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: given.cancel_at_period_end ?? false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: method,
    created,
    currency: items[0]?.price.currency ?? 'usd',
    customer: customer.id,
    customer_account: null,
    days_until_due: given.days_until_due ?? null,
    default_payment_method: given.default_payment_method ?? null,
    default_source: null,
    default_tax_rates: [],
    description: given.description ?? null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: {
      object: 'list',
      data: items.map(({ price, quantity, metadata: noted }) => ({
        id: newId('si'),
        object: 'subscription_item',
        billing_thresholds: null,
        created,
        current_period_end: end,
        current_period_start: created,
        current_trial: null,
        discounts: [],
        metadata: noted,
        plan: planOf(price),
        price,
        ...(quantity === undefined ? {} : { quantity }),
        subscription: id,
        tax_rates: [],
      })),
      has_more: false,
      total_count: items.length,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: given.metadata ?? {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: created,
    status: 'active',
    test_clock: clock,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
    _cycle: 0,
  };
}

/** The first invoice is finalised, and charged, at once; a subscription of metered items alone begins without one. */
function firstInvoice(
  world: World,
  customer: CustomerRow,
  subscription: SubscriptionRow,
  behaviour: Given['payment_behavior'],
): void {
  if (subscription.items.data.every((item) => item.price.recurring?.usage_type === 'metered')) return;
  const draft = createDraft(world, customer, { ...draftOf(subscription, 'subscription_create'), auto_advance: false });
  licensedLines(world, subscription, draft.id, periodOf(subscription));
  const summed = recompute(world, { ...draft, auto_advance: true });
  world.emit('invoice.created', summed);
  const open = finalize(world, summed);
  const put = (change: Partial<SubscriptionRow>) =>
    world.store.put('subscriptions', {
      ...(world.store.get('subscriptions', subscription.id) ?? subscription),
      ...change,
    });
  put({ latest_invoice: open.id });
  if (open.status === 'paid' || subscription.collection_method === 'send_invoice') return;
  put({ status: 'incomplete' });
  if (behaviour === 'default_incomplete') return;
  try {
    charge(world, open, methodFor(world, open));
  } catch (error) {
    if (!(error instanceof StripeFault) || error.status !== 402 || behaviour === 'error_if_incomplete') throw error;
  }
}

const find = (world: World, id: string): SubscriptionRow => world.need('subscriptions', 'subscription', id);

/** A subscription as it is shown: the prices of its items without their tiers. */
export const subscriptions = [
  route('POST', '/v1/subscriptions', create, (world, given) => {
    const customer = needCustomer(world, given.customer);
    const row = world.store.put('subscriptions', blank(world, customer, given));
    if (!customer.currency) world.store.put('customers', { ...customer, currency: row.currency });
    world.schedule({ kind: 'renew_subscription', subject: row.id, due: periodOf(row).end, clock: row.test_clock });
    firstInvoice(world, needCustomer(world, customer.id), row, given.payment_behavior);
    const made = find(world, row.id);
    world.emit('customer.subscription.created', made);
    return made;
  }),
  route('GET', '/v1/subscriptions/:id', nothing, (world, _, { id }) => find(world, id)),
  route('POST', '/v1/subscriptions/:id', update, (world, given, { id }) => {
    const before = find(world, id);
    if (before.status === 'canceled')
      throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
    const now = world.now(before.test_clock);
    const end = given.cancel_at_period_end ?? before.cancel_at_period_end;
    const after = world.store.put('subscriptions', {
      ...before,
      cancel_at: end ? periodOf(before).end : null,
      cancel_at_period_end: end,
      canceled_at: end ? (before.canceled_at ?? now) : null,
      default_payment_method: given.default_payment_method ?? before.default_payment_method,
      description: given.description === undefined ? before.description : given.description,
      metadata: mergeMetadata(before.metadata, given.metadata),
    });
    world.emit('customer.subscription.updated', after, differences(before, after));
    return after;
  }),
  route(
    'DELETE',
    '/v1/subscriptions/:id',
    params<Stripe.SubscriptionCancelParams>()({}, { invoice_now: bool(), prorate: bool() }),
    (world, given, { id }) => {
      const row = find(world, id);
      if (row.status === 'canceled') throw invalid('This subscription has already been canceled.', 'id');
      const now = world.now(row.test_clock);
      const period = periodOf(row);
      if (given.prorate) creditUnused(world, row, now, period);
      const ended = endSubscription(world, row, now);
      if (given.invoice_now) {
        const invoice = bill(world, ended, { start: period.start, end: now }, null);
        if (invoice) return world.store.put('subscriptions', { ...find(world, id), latest_invoice: invoice.id });
      }
      return find(world, id);
    },
  ),
  route(
    'GET',
    '/v1/subscriptions',
    params<Stripe.SubscriptionListParams>()(
      {},
      {
        ...paging,
        collection_method: oneOf('charge_automatically', 'send_invoice'),
        created: range(),
        customer: text(),
        price: text(),
        status: oneOf('active', 'all', 'canceled', 'ended', 'incomplete', 'past_due', 'unpaid'),
        test_clock: text(),
      },
    ),
    (world, asked) => {
      const wanted = (status: string) =>
        asked.status === undefined
          ? status !== 'canceled'
          : asked.status === 'all' || status === (asked.status === 'ended' ? 'canceled' : asked.status);
      const rows = world.store
        .all('subscriptions')
        .filter((one) => wanted(one.status) && within(one.created, asked.created))
        .filter((one) => asked.customer === undefined || one.customer === asked.customer)
        .filter((one) => asked.collection_method === undefined || one.collection_method === asked.collection_method)
        .filter((one) => asked.price === undefined || one.items.data.some((item) => item.price.id === asked.price))
        .filter((one) => asked.test_clock === undefined || one.test_clock === asked.test_clock);
      return page(rows.reverse(), '/v1/subscriptions', 'subscription', asked);
    },
  ),
];

/** A pending credit for the part of the period that licensed items were paid for and will not be used. */
function creditUnused(world: World, row: SubscriptionRow, now: number, period: { start: number; end: number }): void {
  for (const item of row.items.data) {
    const unit = item.price.unit_amount_decimal;
    if (item.price.recurring?.usage_type === 'metered' || unit === null) continue;
    const paid = world.store
      .of('lines', row.latest_invoice ?? '')
      .filter((line) => line.parent?.subscription_item_details?.subscription_item === item.id)
      .reduce((sum, line) => sum + line.amount, 0);
    const credit = prorated(-paid, period.end - now, period.end - period.start);
    if (credit === 0) continue;
    addItem(world, {
      customer: row.customer,
      charge: {
        amount: credit,
        currency: row.currency,
        quantity: 1,
        quantity_decimal: '1',
        pricing: {
          type: 'price_details',
          price_details: { price: item.price.id, product: item.price.product },
          unit_amount_decimal: String(credit),
        },
      },
      description: 'Unused time',
      discountable: false,
      metadata: {},
      period: { start: now, end: period.end },
      clock: row.test_clock,
      invoice: null,
    });
  }
}
