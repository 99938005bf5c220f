import type Stripe from 'stripe';
import { page } from '../core/listing.js';
import { nothing, oneOf, paging, params, range, text, within } from '../core/params.js';
import { route } from '../core/route.js';

/** What follows from invoices and is only read: payment intents, invoice payments, refunds. */
export const payments = [
  route(
    'GET',
    '/v1/payment_intents/:id',
    params<Stripe.PaymentIntentRetrieveParams>()({}, { client_secret: text() }),
    (world, _, { id }) => world.need('paymentIntents', 'payment_intent', id, 'intent'),
  ),
  route(
    'GET',
    '/v1/payment_intents',
    params<Stripe.PaymentIntentListParams>()({}, { ...paging, created: range(), customer: text() }),
    (world, asked) => {
      const rows = world.store
        .all('paymentIntents')
        .filter((one) => within(one.created, asked.created))
        .filter((one) => asked.customer === undefined || one.customer === asked.customer);
      return page(rows.reverse(), '/v1/payment_intents', 'payment_intent', asked);
    },
  ),
  route('GET', '/v1/invoice_payments/:id', nothing, (world, _, { id }) =>
    world.need('invoicePayments', 'invoice_payment', id),
  ),
  route(
    'GET',
    '/v1/invoice_payments',
    params<Stripe.InvoicePaymentListParams>()(
      {},
      { ...paging, created: range(), invoice: text(), status: oneOf('canceled', 'open', 'paid') },
    ),
    (world, asked) => {
      const rows = world.store
        .all('invoicePayments')
        .filter((one) => within(one.created, asked.created))
        .filter((one) => asked.invoice === undefined || one.invoice === asked.invoice)
        .filter((one) => asked.status === undefined || one.status === asked.status);
      return page(rows.reverse(), '/v1/invoice_payments', 'invoice_payment', asked);
    },
  ),
  route('GET', '/v1/refunds/:id', nothing, (world, _, { id }) => world.need('refunds', 'refund', id)),
  route(
    'GET',
    '/v1/refunds',
    params<Stripe.RefundListParams>()({}, { ...paging, charge: text(), created: range(), payment_intent: text() }),
    (world, asked) => {
      const rows = world.store
        .all('refunds')
        .filter((one) => within(one.created, asked.created))
        .filter((one) => asked.charge === undefined || one.charge === asked.charge)
        .filter((one) => asked.payment_intent === undefined || one.payment_intent === asked.payment_intent);
      return page(rows.reverse(), '/v1/refunds', 'refund', asked);
    },
  ),
];
