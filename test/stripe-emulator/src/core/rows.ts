import type Stripe from 'stripe';
import type { Wire } from './wire.js';

/*
 * What is kept of each resource: the wire form of the `stripe` package's type. Fields that begin with `_` are the
 * emulator's own and never leave it.
 */

export type CustomerRow = Wire<Stripe.Customer> & { _deleted?: boolean };
export type PaymentMethodRow = Wire<Stripe.PaymentMethod> & { _token: string };
export type PaymentIntentRow = Wire<Stripe.PaymentIntent> & { _invoice: string };
export type RefundRow = Wire<Stripe.Refund>;
export type ProductRow = Wire<Stripe.Product> & { _minted?: boolean };
export type Tier = NonNullable<Wire<Stripe.Price>['tiers']>[number];
export type PriceRow = Omit<Wire<Stripe.Price>, 'tiers'> & { _tiers: Tier[] };
export type MeterRow = Wire<Stripe.Billing.Meter>;
/** Quantities that are known to be wanted by customer and time; `id` is the event's identifier under its meter. */
export type MeterEventRow = Wire<Stripe.Billing.MeterEvent> & {
  id: string;
  _customer: string;
  _value: string;
  _received: number;
  _cancelled: boolean;
};
export type SubscriptionItemRow = Omit<Wire<Stripe.SubscriptionItem>, 'price'> & { price: PriceRow };
export type SubscriptionRow = Omit<Wire<Stripe.Subscription>, 'items'> & {
  items: { object: 'list'; data: SubscriptionItemRow[]; has_more: boolean; url: string; total_count: number };
  /** Number of periods that have ended, counted from the billing cycle anchor. */
  _cycle: number;
};
export type InvoiceRow = Omit<Wire<Stripe.Invoice>, 'lines'> & {
  _daysUntilDue: number | null;
  _finalNumber: string | null;
};
/** `_item`: the invoice item behind the line; `_meter`: set while the line follows a meter until finalisation. */
export type LineRow = Wire<Stripe.InvoiceLineItem> & {
  _item: string | null;
  _meter: { item: string; start: number; end: number } | null;
};
export type InvoiceItemRow = Wire<Stripe.InvoiceItem> & { _line: string | null; _pendingBefore: boolean };
export type InvoicePaymentRow = Wire<Stripe.InvoicePayment>;
export type CreditNoteRow = Omit<Wire<Stripe.CreditNote>, 'lines'> & { _lines: Wire<Stripe.CreditNoteLineItem>[] };
export type BalanceRow = Wire<Stripe.CustomerBalanceTransaction>;
export type EventRow = Omit<Wire<Stripe.EventBase>, 'data'> & {
  data: { object: unknown; previous_attributes?: unknown };
};
export type EndpointRow = Wire<Stripe.WebhookEndpoint> & { _secret: string; _own: boolean };
export type TestClockRow = Wire<Stripe.TestHelpers.TestClock>;

/** An event on its way to one endpoint; times in milliseconds of the machine's clock. */
export interface DeliveryRow {
  id: string;
  event: string;
  endpoint: string;
  state: 'pending' | 'succeeded' | 'failed';
  attempts: number;
  nextAt: number;
  /** Status of every attempt so far; 0 where no answer came. */
  answers: number[];
}

/** Something that happens by itself at `due` (seconds of its test clock, else of the emulator's time). */
export interface TaskRow {
  id: string;
  due: number;
  clock: string | null;
  kind: 'finalize_invoice' | 'collect_invoice' | 'renew_subscription';
  subject: string;
}

export interface IdempotencyRow {
  id: string;
  endpoint: string;
  params: string;
  status: number;
  body: string;
  request: string;
  created: number;
}

export interface Tables {
  customers: CustomerRow;
  paymentMethods: PaymentMethodRow;
  paymentIntents: PaymentIntentRow;
  refunds: RefundRow;
  products: ProductRow;
  prices: PriceRow;
  meters: MeterRow;
  meterEvents: MeterEventRow;
  subscriptions: SubscriptionRow;
  invoices: InvoiceRow;
  lines: LineRow;
  invoiceItems: InvoiceItemRow;
  invoicePayments: InvoicePaymentRow;
  creditNotes: CreditNoteRow;
  balances: BalanceRow;
  events: EventRow;
  endpoints: EndpointRow;
  clocks: TestClockRow;
  deliveries: DeliveryRow;
  tasks: TaskRow;
  idempotency: IdempotencyRow;
}

export type TableName = keyof Tables;

export const TABLE_NAMES = [
  'customers',
  'paymentMethods',
  'paymentIntents',
  'refunds',
  'products',
  'prices',
  'meters',
  'meterEvents',
  'subscriptions',
  'invoices',
  'lines',
  'invoiceItems',
  'invoicePayments',
  'creditNotes',
  'balances',
  'events',
  'endpoints',
  'clocks',
  'deliveries',
  'tasks',
  'idempotency',
] as const satisfies readonly TableName[];
