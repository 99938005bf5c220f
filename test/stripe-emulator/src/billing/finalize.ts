import { invalid } from '../core/errors.js';
import { newId, token } from '../core/ids.js';
import type { InvoiceRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import { book } from './balance.js';
import { clockOf } from './drafts.js';
import { recompute, settle } from './totals.js';
import { remeasure } from './usage.js';

const DAY = 86_400;

/** Draft → open: number, due date, balance applied. Nothing to pay makes it paid at once. */
export function finalize(world: World, draft: InvoiceRow): InvoiceRow {
  if (draft.status !== 'draft') {
    throw invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.");
  }
  const clock = clockOf(draft);
  const now = world.now(clock);
  world.unschedule(draft.id, 'finalize_invoice');
  remeasure(world, draft.id);
  const summed = recompute(world, draft);
  const charges = draft.collection_method === 'charge_automatically';
  const { amount_due, ending_balance } = settle(summed.total, summed.starting_balance, summed.currency, charges);
  const moved = ending_balance - summed.starting_balance;
  if (moved !== 0 && summed.customer) {
    book(world, summed.customer, {
      amount: moved,
      currency: summed.currency,
      type: 'applied_to_invoice',
      invoice: summed.id,
    });
  }
  const page = `${summed.id}_${token(20)}`;
  const open = world.store.put('invoices', {
    ...summed,
    amount_due,
    amount_remaining: amount_due,
    automatically_finalizes_at: null,
    due_date: summed._daysUntilDue === null ? summed.due_date : now + summed._daysUntilDue * DAY,
    effective_at: summed.effective_at ?? now,
    ending_balance,
    hosted_invoice_url: `https://invoice.stripe.com/i/acct_emulated/${page}`,
    invoice_pdf: `https://pay.stripe.com/invoice/acct_emulated/${page}/pdf`,
    next_payment_attempt: null,
    number: summed._finalNumber ?? nextNumber(world, summed),
    status: 'open',
    status_transitions: { ...summed.status_transitions, finalized_at: now },
  });
  if (amount_due > 0) openPayment(world, open, now);
  world.emit('invoice.finalized', open);
  if (amount_due > 0) return open;
  const paid = world.store.put('invoices', {
    ...open,
    attempted: true,
    status: 'paid',
    status_transitions: { ...open.status_transitions, paid_at: now },
  });
  world.emit('invoice.payment_succeeded', paid);
  world.emit('invoice.paid', paid);
  return paid;
}

/** Numbers run without holes by customer: PREFIX-0001. */
function nextNumber(world: World, invoice: InvoiceRow): string | null {
  const customer = invoice.customer ? world.store.get('customers', invoice.customer) : undefined;
  if (!customer) return null;
  const sequence = customer.next_invoice_sequence ?? 1;
  world.store.put('customers', { ...customer, next_invoice_sequence: sequence + 1 });
  return `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`;
}

/** The payment that a finalised invoice waits for. */
function openPayment(world: World, invoice: InvoiceRow, created: number): void {
  const intent = newId('pi');
  world.store.put('paymentIntents', {
    id: intent,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: invoice.amount_due,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${intent}_secret_${token(25)}`,
    confirmation_method: 'automatic',
    created,
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    description: 'Payment for Invoice',
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_group: null,
    _invoice: invoice.id,
  });
  world.store.put('invoicePayments', {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
}
