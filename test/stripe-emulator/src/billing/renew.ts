import type { InvoiceRow, SubscriptionRow } from '../core/rows.js';
import type { World } from '../core/world.js';
import { clockOf, createDraft, type DraftParams } from './drafts.js';
import { recompute } from './totals.js';
import { itemLines, meterLines, productName } from './usage.js';

type Recurring = { interval: string; interval_count: number };

/** The end of the nth period after an anchor, in UTC; the day is held within the month. Seconds in, seconds out. */
export function periodEnd(anchor: number, recurring: Recurring, n: number): number {
  const steps = recurring.interval_count * n;
  const from = new Date(anchor * 1000);
  if (recurring.interval === 'day') return anchor + steps * 86_400;
  if (recurring.interval === 'week') return anchor + steps * 7 * 86_400;
  const months = recurring.interval === 'year' ? steps * 12 : steps;
  const first = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), days));
  return (
    first.getTime() / 1000 + (anchor - Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()) / 1000)
  );
}

export const periodOf = (subscription: SubscriptionRow): { start: number; end: number } => ({
  start: subscription.items.data[0]?.current_period_start ?? subscription.start_date,
  end: subscription.items.data[0]?.current_period_end ?? subscription.start_date,
});

export const draftOf = (subscription: SubscriptionRow, reason: DraftParams['billing_reason']): DraftParams => ({
  currency: subscription.currency,
  auto_advance: true,
  collection_method: subscription.collection_method === 'send_invoice' ? 'send_invoice' : 'charge_automatically',
  days_until_due: subscription.days_until_due,
  due_date: null,
  description: subscription.description,
  footer: null,
  metadata: {},
  default_payment_method: null,
  number: null,
  billing_reason: reason,
  subscription: subscription.id,
  subscriptionMetadata: subscription.metadata,
  period: null,
  takePending: true,
});

/** Adds the lines of licensed items for the period that begins, in advance. */
export function licensedLines(
  world: World,
  subscription: SubscriptionRow,
  invoice: string,
  period: { start: number; end: number },
): void {
  for (const item of subscription.items.data) {
    if (item.price.recurring?.usage_type === 'metered') continue;
    const to = { invoice, subscription: subscription.id, name: productName(world, item) };
    itemLines(world, to, item, String(item.quantity ?? 1), period, false);
  }
}

/** Adds the lines of metered items for a period that is over, in arrears. */
export function meteredLines(
  world: World,
  subscription: SubscriptionRow,
  invoice: string,
  period: { start: number; end: number },
): void {
  for (const item of subscription.items.data) {
    if (item.price.recurring?.usage_type !== 'metered') continue;
    const to = {
      invoice,
      subscription: subscription.id,
      name: productName(world, item),
      customer: subscription.customer,
    };
    meterLines(world, to, item, period);
  }
}

/** A period is over: the next one begins, and a draft for both stands open for an hour. */
export function renew(world: World, subscription: SubscriptionRow): InvoiceRow | null {
  const ended = periodOf(subscription);
  if (subscription.cancel_at_period_end) {
    endSubscription(world, subscription, ended.end);
    return bill(world, subscription, ended, null);
  }
  const recurring = subscription.items.data[0]?.price.recurring;
  if (!recurring) return null;
  const cycle = subscription._cycle + 1;
  const next = { start: ended.end, end: periodEnd(subscription.billing_cycle_anchor, recurring, cycle + 1) };
  const renewed = world.store.put('subscriptions', {
    ...subscription,
    _cycle: cycle,
    items: {
      ...subscription.items,
      data: subscription.items.data.map((item) => ({
        ...item,
        current_period_start: next.start,
        current_period_end: next.end,
      })),
    },
  });
  world.schedule({ kind: 'renew_subscription', subject: subscription.id, due: next.end, clock: clockOf(subscription) });
  const invoice = bill(world, renewed, ended, next);
  const current = invoice ? world.store.put('subscriptions', { ...renewed, latest_invoice: invoice.id }) : renewed;
  world.emit('customer.subscription.updated', current, {
    items: subscription.items,
    latest_invoice: subscription.latest_invoice,
  });
  return invoice;
}

/** A draft with metered lines of the period that ended and, if one begins, licensed lines for it. */
export function bill(
  world: World,
  subscription: SubscriptionRow,
  ended: { start: number; end: number },
  next: { start: number; end: number } | null,
): InvoiceRow | null {
  const metered = subscription.items.data.some((item) => item.price.recurring?.usage_type === 'metered');
  if (next === null && !metered) return null;
  const customer = world.need('customers', 'customer', subscription.customer);
  const draft = createDraft(world, customer, {
    ...draftOf(subscription, next ? 'subscription_cycle' : 'subscription_update'),
    period: ended,
  });
  meteredLines(world, subscription, draft.id, ended);
  if (next) licensedLines(world, subscription, draft.id, next);
  const invoice = recompute(world, draft);
  world.emit('invoice.created', invoice);
  return invoice;
}

export function endSubscription(world: World, subscription: SubscriptionRow, at: number): SubscriptionRow {
  world.unschedule(subscription.id);
  const ended = world.store.put('subscriptions', {
    ...subscription,
    canceled_at: subscription.canceled_at ?? at,
    ended_at: at,
    status: 'canceled',
  });
  world.emit('customer.subscription.deleted', ended);
  return ended;
}
