import { invalid, StripeFault } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { present } from '../core/present.js';
import type { InvoiceRow, PaymentIntentRow, PaymentMethodRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import { TEST_CARDS } from './cards.js';
import { clockOf } from './drafts.js';

const DAY = 86_400;
/** Days between the automatic attempts after a failure. */
const RETRY_DAYS = [3, 5, 7];

const NO_METHOD =
  'This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.';

/** The card an invoice is charged to: its own, its subscription's, then the customer's default. */
export function methodFor(world: World, invoice: InvoiceRow): PaymentMethodRow | undefined {
  const subscription = invoice.parent?.subscription_details?.subscription;
  const ids = [
    invoice.default_payment_method,
    subscription ? world.store.get('subscriptions', subscription)?.default_payment_method : null,
    invoice.customer ? world.store.get('customers', invoice.customer)?.invoice_settings.default_payment_method : null,
  ];
  const id = ids.find((one) => typeof one === 'string');
  return id ? world.store.get('paymentMethods', id) : undefined;
}

/** Charges an open invoice to a card. A refused card leaves it open, counts the attempt and throws Stripe's 402. */
export function charge(world: World, invoice: InvoiceRow, method: PaymentMethodRow | undefined): InvoiceRow {
  if (!method) throw invalid(NO_METHOD, undefined, 'resource_missing');
  const refusal = TEST_CARDS[method._token]?.decline;
  const intent = intentOf(world, invoice);
  if (!refusal) return paid(world, invoice, intent, method);
  const failed = attempted(world, invoice);
  const chargeId = newId('ch');
  const error = { type: 'card_error' as const, charge: chargeId, ...refusal };
  if (intent) {
    const kept = world.store.put('paymentIntents', {
      ...intent,
      latest_charge: chargeId,
      last_payment_error: { ...error },
      status: 'requires_payment_method',
    });
    world.emit('payment_intent.payment_failed', kept, undefined, clockOf(invoice));
  }
  world.emit('invoice.payment_failed', failed);
  follow(world, failed, 'past_due');
  throw new StripeFault(402, {
    ...error,
    payment_intent: intent ? present(world, world.store.get('paymentIntents', intent.id)) : undefined,
    payment_method: present(world, method),
  });
}

/** Marks as paid what was paid elsewhere. */
export function paidOutOfBand(world: World, invoice: InvoiceRow): InvoiceRow {
  return close(world, { ...invoice, amount_paid_off_stripe: invoice.amount_remaining });
}

export function intentOf(world: World, invoice: InvoiceRow): PaymentIntentRow | undefined {
  return world.store.all('paymentIntents').findLast((one) => one._invoice === invoice.id);
}

function attempted(world: World, invoice: InvoiceRow): InvoiceRow {
  const count = invoice.attempt_count + 1;
  const days = invoice.auto_advance ? RETRY_DAYS[count - 1] : undefined;
  const clock = clockOf(invoice);
  const next = days === undefined ? null : world.now(clock) + days * DAY;
  world.unschedule(invoice.id, 'collect_invoice');
  if (next !== null) world.schedule({ kind: 'collect_invoice', subject: invoice.id, due: next, clock });
  return world.store.put('invoices', { ...invoice, attempted: true, attempt_count: count, next_payment_attempt: next });
}

function paid(
  world: World,
  invoice: InvoiceRow,
  intent: PaymentIntentRow | undefined,
  method: PaymentMethodRow,
): InvoiceRow {
  if (intent) {
    const succeeded = world.store.put('paymentIntents', {
      ...intent,
      amount_received: invoice.amount_remaining,
      latest_charge: newId('ch'),
      last_payment_error: null,
      payment_method: method.id,
      status: 'succeeded',
    });
    world.emit('payment_intent.succeeded', succeeded, undefined, clockOf(invoice));
  }
  return close(world, { ...invoice, attempted: true, attempt_count: invoice.attempt_count + 1 });
}

function close(world: World, invoice: InvoiceRow): InvoiceRow {
  const now = world.now(clockOf(invoice));
  world.unschedule(invoice.id);
  const done = world.store.put('invoices', {
    ...invoice,
    amount_paid: invoice.amount_paid + invoice.amount_remaining,
    amount_remaining: 0,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  });
  for (const payment of world.store.all('invoicePayments')) {
    if (payment.invoice !== invoice.id || payment.status !== 'open') continue;
    world.store.put('invoicePayments', {
      ...payment,
      amount_paid: invoice.amount_remaining,
      status: 'paid',
      status_transitions: { ...payment.status_transitions, paid_at: now },
    });
  }
  world.emit('invoice.payment_succeeded', done);
  world.emit('invoice.paid', done);
  follow(world, done, 'active');
  return done;
}

/** A subscription's status follows its latest invoice: unpaid makes it past due, a first payment makes it active. */
function follow(world: World, invoice: InvoiceRow, status: 'active' | 'past_due'): void {
  const id = invoice.parent?.subscription_details?.subscription;
  const subscription = id ? world.store.get('subscriptions', id) : undefined;
  if (!subscription || subscription.status === 'canceled' || subscription.status === status) return;
  if (subscription.status === 'incomplete' && status === 'past_due') return;
  const changed = world.store.put('subscriptions', { ...subscription, status });
  world.emit('customer.subscription.updated', changed, { status: subscription.status });
}
