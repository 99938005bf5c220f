import Stripe from 'stripe';
import { newId } from '../core/ids.js';
import { priced, truncated } from '../core/money.js';
import type { LineRow, MeterRow, PriceRow, SubscriptionItemRow } from '../core/rows.js';
import type { World } from '../core/world.js';

const D = Stripe.Decimal;

/** A customer's quantity on a meter in [start, end), by the meter's formula, as decimal text. */
export function measured(world: World, meter: MeterRow, customer: string, start: number, end: number): string {
  const events = world.store
    .of('meterEvents', customer)
    .filter(
      (one) => one.event_name === meter.event_name && !one._cancelled && one.timestamp >= start && one.timestamp < end,
    );
  switch (meter.default_aggregation.formula) {
    case 'count':
      return String(events.length);
    case 'last':
      return (
        events.reduce((last, one) => (last && last.timestamp > one.timestamp ? last : one), events[0])?._value ?? '0'
      );
    default:
      return events.reduce((sum, one) => sum.add(D.from(one._value)), D.zero).toString();
  }
}

/** Lines of a subscription item: a price's parts for a quantity and a period. */
export function itemLines(
  world: World,
  to: { invoice: string; subscription: string; name: string },
  item: SubscriptionItemRow,
  quantity: string,
  period: { start: number; end: number },
  meter: boolean,
): LineRow[] {
  const price = world.need('prices', 'price', item.price.id) as PriceRow;
  return priced(price, quantity).map((part) =>
    world.store.put('lines', {
      id: newId('il'),
      object: 'line_item',
      amount: part.amount,
      currency: price.currency,
      description: `${part.quantity} × ${to.name}${part.label}`,
      discount_amounts: [],
      discountable: true,
      discounts: [],
      invoice: to.invoice,
      livemode: false,
      metadata: item.metadata,
      parent: {
        invoice_item_details: null,
        subscription_item_details: {
          invoice_item: null,
          proration: false,
          proration_details: null,
          subscription: to.subscription,
          subscription_item: item.id,
        },
        type: 'subscription_item_details',
      },
      period,
      pretax_credit_amounts: [],
      pricing: {
        type: 'price_details',
        price_details: { price: price.id, product: price.product },
        unit_amount_decimal: part.unit,
      },
      quantity: truncated(part.quantity),
      quantity_decimal: part.quantity,
      subscription: to.subscription,
      subtotal: part.amount,
      taxes: [],
      _item: null,
      _meter: meter ? { item: item.id, ...period } : null,
    }),
  );
}

/** The lines of metered items for a period: what the meter holds for it now; a negative total bills as nothing. */
export function meterLines(
  world: World,
  to: { invoice: string; subscription: string; name: string; customer: string },
  item: SubscriptionItemRow,
  period: { start: number; end: number },
): LineRow[] {
  const meter = item.price.recurring?.meter ? world.store.get('meters', item.price.recurring.meter) : undefined;
  const quantity = meter ? measured(world, meter, to.customer, period.start, period.end) : '0';
  return itemLines(world, to, item, quantity.startsWith('-') ? '0' : quantity, period, true);
}

/** Events may arrive until a draft is finalised: makes its metered lines anew from what is known now. */
export function remeasure(world: World, invoice: string): void {
  const metered = world.store.of('lines', invoice).filter((line) => line._meter !== null);
  const periods = new Map(metered.map((line) => [line._meter?.item, line]));
  for (const line of metered) world.store.delete('lines', line.id);
  for (const line of periods.values()) {
    const subscription = line.subscription ? world.store.get('subscriptions', line.subscription) : undefined;
    const item = subscription?.items.data.find((one) => one.id === line._meter?.item);
    if (!subscription || !item || !line._meter) continue;
    const to = {
      invoice,
      subscription: subscription.id,
      name: productName(world, item),
      customer: subscription.customer,
    };
    meterLines(world, to, item, { start: line._meter.start, end: line._meter.end });
  }
}

export const productName = (world: World, item: SubscriptionItemRow): string =>
  world.store.get('products', item.price.product)?.name ?? 'Subscription';
