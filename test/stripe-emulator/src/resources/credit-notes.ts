import type Stripe from 'stripe';
import { book } from '../billing/balance.js';
import { intentOf } from '../billing/collect.js';
import { clockOf } from '../billing/drafts.js';
import { invalid } from '../core/errors.js';
import { newId } from '../core/ids.js';
import { page } from '../core/listing.js';
import { lineAmount, wholeOrNull } from '../core/money.js';
import {
  amount,
  decimal,
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
import type { CreditNoteRow, InvoiceRow } from '../core/rows.js';
import { differences, type World } from '../core/world.js';

const line = shape(
  { type: oneOf('custom_line_item', 'invoice_line_item') },
  {
    amount: amount(0),
    description: text(),
    invoice_line_item: text(),
    metadata: metadata(),
    quantity: int(1),
    unit_amount: amount(0),
    unit_amount_decimal: decimal(),
  },
);

const create = params<Stripe.CreditNoteCreateParams>()(
  { invoice: text() },
  {
    amount: amount(1),
    credit_amount: amount(0),
    effective_at: int(0),
    email_type: oneOf('credit_note', 'none'),
    lines: list(line),
    memo: text(),
    metadata: metadata(),
    out_of_band_amount: amount(0),
    reason: oneOf('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'),
    refund_amount: amount(0),
  },
);
type Given = ReturnType<typeof create.parse>;
type NoteLine = CreditNoteRow['_lines'][number];

function lineOf(world: World, invoice: InvoiceRow, given: NonNullable<Given['lines']>[number], path: string): NoteLine {
  const source = given.invoice_line_item ? world.store.get('lines', given.invoice_line_item) : undefined;
  if (given.type === 'invoice_line_item' && source?.invoice !== invoice.id) {
    throw invalid(
      `No such invoice line item: '${given.invoice_line_item ?? ''}'`,
      `${path}[invoice_line_item]`,
      'resource_missing',
    );
  }
  const unit = given.unit_amount_decimal ?? (given.unit_amount === undefined ? undefined : String(given.unit_amount));
  const quantity = given.quantity ?? null;
  const unitAmount = unit ?? source?.pricing?.unit_amount_decimal ?? null;
  const value = given.amount ?? (unitAmount === null ? undefined : lineAmount(unitAmount, quantity ?? 1));
  if (value === undefined)
    throw invalid(`Missing required param: ${path}[amount].`, `${path}[amount]`, 'parameter_missing');
  if (source && value > source.amount) {
    throw invalid(
      `The credit amount of the line (${value}) is greater than its invoice line item's (${source.amount}).`,
      `${path}[amount]`,
    );
  }
  return {
    id: newId('cnli'),
    object: 'credit_note_line_item',
    amount: value,
    description: given.description ?? source?.description ?? null,
    discount_amount: 0,
    discount_amounts: [],
    ...(source ? { invoice_line_item: source.id } : {}),
    livemode: false,
    metadata: given.metadata ?? {},
    pretax_credit_amounts: [],
    quantity,
    tax_rates: [],
    taxes: [],
    type: given.type,
    unit_amount: given.amount === undefined && unitAmount !== null ? wholeOrNull(unitAmount) : null,
    unit_amount_decimal: given.amount === undefined ? unitAmount : null,
  };
}

/** What a note comes to, how it divides before and after payment, and where the part after payment goes. */
function reckon(world: World, invoice: InvoiceRow, given: Given) {
  if (invoice.status === 'draft' || invoice.status === 'void') {
    throw invalid('Invoice must be open, paid or uncollectible to create a credit note.', 'invoice');
  }
  if (given.amount !== undefined && given.lines) {
    throw invalid('You may only specify one of these parameters: amount, lines.', 'amount');
  }
  const lines = (given.lines ?? []).map((one, i) => lineOf(world, invoice, one, `lines[${i}]`));
  const total = given.amount ?? lines.reduce((sum, one) => sum + one.amount, 0);
  if (given.amount === undefined && lines.length === 0)
    throw invalid('Missing required param: amount.', 'amount', 'parameter_missing');
  if (total <= 0) throw invalid('The credit note total must be greater than 0.', 'amount', 'parameter_invalid_integer');
  const creditable = invoice.amount_remaining + invoice.amount_paid - invoice.post_payment_credit_notes_amount;
  if (total > creditable) {
    throw invalid(
      `The sum of credit note amounts cannot be greater than the amount that can be credited on this invoice (${creditable}).`,
      'amount',
    );
  }
  const before = Math.min(total, invoice.amount_remaining);
  const after = total - before;
  const parts = {
    credit: given.credit_amount ?? 0,
    refund: given.refund_amount ?? 0,
    outside: given.out_of_band_amount ?? 0,
  };
  if (parts.credit + parts.refund + parts.outside !== after) {
    throw invalid(
      `The sum of credit amount, refund amount and out of band amount (${parts.credit + parts.refund + parts.outside}) must equal the post payment credit note amount (${after}).`,
      'credit_amount',
    );
  }
  return { lines, total, before, after, parts };
}

function refund(world: World, invoice: InvoiceRow, value: number): string {
  const intent = intentOf(world, invoice);
  if (intent?.status !== 'succeeded')
    throw invalid('The invoice was not paid by a charge that can be refunded.', 'refund_amount');
  const row = world.store.put('refunds', {
    id: newId('re'),
    object: 'refund',
    amount: value,
    balance_transaction: null,
    charge: intent.latest_charge,
    created: world.now(clockOf(invoice)),
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    metadata: {},
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  });
  world.emit('refund.created', row, undefined, clockOf(invoice));
  return row.id;
}

/** Takes a note off an open invoice, or counts it on a paid one; nothing left to pay makes it paid. */
function applyTo(world: World, invoice: InvoiceRow, before: number, after: number): void {
  const remaining = invoice.amount_remaining - before;
  const settled = before > 0 && remaining === 0 && invoice.status === 'open';
  const changed = world.store.put('invoices', {
    ...invoice,
    amount_due: invoice.amount_due - before,
    amount_remaining: remaining,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + before,
    post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + after,
    ...(settled
      ? { status: 'paid', status_transitions: { ...invoice.status_transitions, paid_at: world.now(clockOf(invoice)) } }
      : {}),
  });
  world.emit('invoice.updated', changed, differences(invoice, changed));
  if (settled) {
    world.unschedule(invoice.id);
    world.emit('invoice.paid', changed);
  }
}

function make(world: World, given: Given): CreditNoteRow {
  const invoice = world.need('invoices', 'invoice', given.invoice, 'invoice', 400);
  const { lines, total, before, after, parts } = reckon(world, invoice, given);
  const id = newId('cn');
  const count = world.store.all('creditNotes').filter((one) => one.invoice === invoice.id).length + 1;
  const clock = clockOf(invoice);
  const created = world.now(clock);
  const credit =
    parts.credit > 0 && invoice.customer
      ? book(world, invoice.customer, {
          amount: -parts.credit,
          currency: invoice.currency,
          type: 'credit_note',
          invoice: invoice.id,
          creditNote: id,
        })
      : null;
  const refunded = parts.refund > 0 ? refund(world, invoice, parts.refund) : null;
  const row = world.store.put('creditNotes', {
    id,
    object: 'credit_note',
    amount: total,
    amount_shipping: 0,
    created,
    currency: invoice.currency,
    customer: invoice.customer ?? '',
    customer_account: null,
    customer_balance_transaction: credit?.id ?? null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: given.effective_at ?? created,
    invoice: invoice.id,
    livemode: false,
    memo: given.memo ?? null,
    metadata: given.metadata ?? {},
    number: `${invoice.number}-CN-${String(count).padStart(2, '0')}`,
    out_of_band_amount: after > 0 ? parts.outside : null,
    pdf: `https://pay.stripe.com/credit_notes/acct_emulated/${id}/pdf`,
    post_payment_amount: after,
    pre_payment_amount: before,
    pretax_credit_amounts: [],
    reason: given.reason ?? null,
    refunds: refunded
      ? [{ amount_refunded: parts.refund, payment_record_refund: null, refund: refunded, type: 'refund' }]
      : [],
    shipping_cost: null,
    status: 'issued',
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    total_taxes: [],
    type: before > 0 && after > 0 ? 'mixed' : before > 0 ? 'pre_payment' : 'post_payment',
    voided_at: null,
    _lines: lines,
  });
  world.emit('credit_note.created', row, undefined, clock);
  applyTo(world, invoice, before, after);
  return row;
}

const find = (world: World, id: string) => world.need('creditNotes', 'credit note', id);

export const creditNotes = [
  route('POST', '/v1/credit_notes', create, make),
  route('GET', '/v1/credit_notes/:id', nothing, (world, _, { id }) => find(world, id)),
  route(
    'POST',
    '/v1/credit_notes/:id',
    params<Stripe.CreditNoteUpdateParams>()({}, { memo: text(), metadata: metadata() }),
    (world, given, { id }) => {
      const before = find(world, id);
      const after = world.store.put('creditNotes', {
        ...before,
        memo: given.memo ?? before.memo,
        metadata: mergeMetadata(before.metadata, given.metadata),
      });
      world.emit('credit_note.updated', after, differences(before, after));
      return after;
    },
  ),
  route('POST', '/v1/credit_notes/:id/void', nothing, (world, _, { id }) => {
    const note = find(world, id);
    const invoice = world.need('invoices', 'invoice', note.invoice);
    if (note.status === 'void') throw invalid('This credit note has already been voided.');
    if (invoice.status !== 'open' || note.post_payment_amount > 0) {
      throw invalid('You can only void credit notes of open invoices.');
    }
    const voided = world.store.put('creditNotes', { ...note, status: 'void', voided_at: world.now(clockOf(invoice)) });
    world.emit('credit_note.voided', voided, undefined, clockOf(invoice));
    applyTo(world, invoice, -note.pre_payment_amount, 0);
    return voided;
  }),
  route(
    'GET',
    '/v1/credit_notes/:id/lines',
    params<Stripe.CreditNoteListLineItemsParams>()({}, paging),
    (world, asked, { id }) => {
      return page(find(world, id)._lines, `/v1/credit_notes/${id}/lines`, 'credit_note_line_item', asked);
    },
  ),
  route(
    'GET',
    '/v1/credit_notes',
    params<Stripe.CreditNoteListParams>()({}, { ...paging, created: range(), customer: text(), invoice: text() }),
    (world, asked) => {
      const rows = world.store
        .all('creditNotes')
        .filter((one) => within(one.created, asked.created))
        .filter((one) => asked.customer === undefined || one.customer === asked.customer)
        .filter((one) => asked.invoice === undefined || one.invoice === asked.invoice);
      return page(rows.reverse(), '/v1/credit_notes', 'credit_note', asked);
    },
  ),
];
