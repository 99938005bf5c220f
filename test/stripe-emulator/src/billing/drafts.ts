import { newId } from '../core/ids.js';
import type { CustomerRow, InvoiceRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import { place } from './lines.js';
import { recompute } from './totals.js';

const DAY = 86_400;
const WINDOW = 3600;
/** Stripe's own figure is one second more than the hour. */
const WINDOW_END = WINDOW + 1;

export interface DraftParams {
  currency: string;
  auto_advance: boolean;
  collection_method: 'charge_automatically' | 'send_invoice';
  days_until_due: number | null;
  due_date: number | null;
  description: string | null;
  footer: string | null;
  metadata: Record<string, string>;
  default_payment_method: string | null;
  number: string | null;
  billing_reason: 'manual' | 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  subscription: string | null;
  subscriptionMetadata: Record<string, string>;
  period: { start: number; end: number } | null;
  takePending: boolean;
}

/** A draft of a customer, with its pending items if asked for. The caller announces it. */
export function createDraft(world: World, customer: CustomerRow, given: DraftParams): InvoiceRow {
  const clock = customer.test_clock ?? null;
  const created = world.now(clock);
  if (!customer.currency) world.store.put('customers', { ...customer, currency: given.currency });
  const draft: InvoiceRow = {
    id: newId('in'),
    object: 'invoice',
    account_country: 'US',
    account_name: 'Stripe emulator',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: given.auto_advance,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: given.billing_reason,
    collection_method: given.collection_method,
    created,
    currency: given.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: [],
    default_payment_method: given.default_payment_method,
    default_source: null,
    default_tax_rates: [],
    description: given.description,
    discounts: [],
    due_date: given.due_date ?? (given.days_until_due === null ? null : created + given.days_until_due * DAY),
    effective_at: null,
    ending_balance: null,
    footer: given.footer,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    livemode: false,
    metadata: given.metadata,
    next_payment_attempt: null,
    number: given.number,
    on_behalf_of: null,
    parent: given.subscription
      ? {
          quote_details: null,
          subscription_details: { metadata: given.subscriptionMetadata, subscription: given.subscription },
          type: 'subscription_details',
        }
      : null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: given.period?.end ?? created,
    period_start: given.period?.start ?? created,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: clock,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
    _daysUntilDue: given.days_until_due,
    _finalNumber: given.number,
  };
  const invoice = advancing(world, world.store.put('invoices', draft));
  if (given.takePending) {
    for (const item of world.store.all('invoiceItems')) {
      const pending = item.customer === customer.id && item.invoice === null && item.currency === given.currency;
      if (pending) place(world, item, invoice.id);
    }
  }
  return recompute(world, invoice);
}

/** Sets the draft window by `auto_advance`: finalised an hour after creation, or left alone. */
export function advancing(world: World, invoice: InvoiceRow, at: number | null = null): InvoiceRow {
  world.unschedule(invoice.id, 'finalize_invoice');
  if (!invoice.auto_advance) {
    return world.store.put('invoices', { ...invoice, automatically_finalizes_at: null, next_payment_attempt: null });
  }
  const due = at ?? invoice.created + WINDOW_END;
  world.schedule({ kind: 'finalize_invoice', subject: invoice.id, due, clock: clockOf(invoice) });
  return world.store.put('invoices', {
    ...invoice,
    automatically_finalizes_at: due,
    next_payment_attempt: invoice.collection_method === 'charge_automatically' ? due - 1 : null,
  });
}

export const clockOf = (row: { test_clock?: string | null }): string | null => row.test_clock ?? null;
