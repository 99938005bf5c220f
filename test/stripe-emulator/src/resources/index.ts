import type { Scheduler } from '../billing/scheduler.js';
import type { Route } from '../core/route.js';
import { creditNotes } from './credit-notes.js';
import { customers } from './customers.js';
import { events } from './events.js';
import { invoiceItems } from './invoice-items.js';
import { invoiceLines } from './invoice-lines.js';
import { invoices } from './invoices.js';
import { meterEvents } from './meter-events.js';
import { meters } from './meters.js';
import { paymentMethods } from './payment-methods.js';
import { payments } from './payments.js';
import { prices } from './prices.js';
import { products } from './products.js';
import { subscriptions } from './subscriptions.js';
import { testClocks } from './test-clocks.js';
import { webhookEndpoints } from './webhook-endpoints.js';

/** Every endpoint there is. */
export const allRoutes = (scheduler: () => Scheduler, later: (act: () => void) => void): Route[] => [
  ...customers,
  ...paymentMethods,
  ...products,
  ...prices,
  ...meters,
  ...meterEvents,
  ...subscriptions,
  ...invoices,
  ...invoiceLines,
  ...invoiceItems,
  ...creditNotes,
  ...payments,
  ...events,
  ...webhookEndpoints,
  ...testClocks(scheduler, later),
];
