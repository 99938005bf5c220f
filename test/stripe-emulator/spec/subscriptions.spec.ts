import type Stripe from 'stripe';
import { closeAll, D, emulated, failing, payingCustomer } from './support.js';

afterEach(closeAll);

const DAY = 86_400;
const START = Date.UTC(2026, 0, 31, 12) / 1000;
const at = (month: number, day: number, hour = 12) => Date.UTC(2026, month, day, hour) / 1000;

async function clocked() {
  const { emulator, stripe } = await emulated();
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START, name: 'year' });
  const customer = await payingCustomer(stripe, { test_clock: clock.id });
  const product = await stripe.products.create({ name: 'Compressor' });
  const monthly = (more: Partial<Stripe.PriceCreateParams>) =>
    stripe.prices.create({ currency: 'eur', product: product.id, recurring: { interval: 'month' }, ...more });
  const advance = async (to: number) => {
    const answered = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
    for (let i = 0; i < 500; i += 1) {
      const now = await stripe.testHelpers.testClocks.retrieve(clock.id);
      if (now.status === 'ready') return answered;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('the clock did not become ready');
  };
  return { emulator, stripe, clock, customer, product, monthly, advance };
}

describe('a test clock', () => {
  it('freezes the time of its customers, advances, and is ready again', async () => {
    const { emulator, stripe, clock, customer, advance } = await clocked();
    expect(customer).toMatchObject({ test_clock: clock.id, created: START });
    expect(await advance(START + DAY)).toMatchObject({
      status: 'advancing',
      status_details: { advancing: { target_frozen_time: START + DAY } },
    });
    expect(await stripe.testHelpers.testClocks.retrieve(clock.id)).toMatchObject({
      status: 'ready',
      frozen_time: START + DAY,
    });
    expect((await stripe.invoices.create({ customer: customer.id, currency: 'eur' })).created).toBe(START + DAY);
    const types = emulator
      .events()
      .map((one) => one.type)
      .filter((type) => type.startsWith('test_helpers'));
    expect(types).toEqual([
      'test_helpers.test_clock.created',
      'test_helpers.test_clock.advancing',
      'test_helpers.test_clock.ready',
    ]);
    expect(await failing(stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START }))).toMatchObject({
      param: 'frozen_time',
    });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect((await stripe.customers.list({ test_clock: clock.id })).data).toHaveLength(1);
    await stripe.testHelpers.testClocks.del(clock.id);
    expect(await failing(stripe.customers.retrieve(customer.id))).toMatchObject({ code: 'resource_missing' });
  });

  it('goes at most two intervals beyond the shortest subscription at a time', async () => {
    const { stripe, clock, customer, monthly } = await clocked();
    await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: (await monthly({ unit_amount: 100 })).id }],
    });
    expect(
      await failing(stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START + 90 * DAY })),
    ).toMatchObject({ param: 'frozen_time' });
  });

  it('finalises an advancing draft of its customer in its own time', async () => {
    const { stripe, customer, advance } = await clocked();
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur', auto_advance: true });
    await stripe.invoices.addLines(draft.id, { lines: [{ amount: 5000 }] });
    await advance(START + 1800);
    expect((await stripe.invoices.retrieve(draft.id)).status).toBe('draft');
    await advance(START + DAY);
    const paid = await stripe.invoices.retrieve(draft.id);
    expect(paid).toMatchObject({
      status: 'paid',
      status_transitions: { finalized_at: START + 3601, paid_at: START + 3601 },
    });
  });
});

describe('a subscription', () => {
  it('is paid in advance, renews into a draft that stands open for an hour, and holds the day within short months', async () => {
    const { stripe, customer, monthly, advance } = await clocked();
    const price = await monthly({ unit_amount: 10_000 });
    const made = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id, quantity: 3 }],
      expand: ['latest_invoice'],
    });
    expect(made).toMatchObject({
      object: 'subscription',
      status: 'active',
      billing_mode: { type: 'flexible' },
      currency: 'eur',
    });
    expect(made.latest_invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_create', total: 30_000 });
    expect(made.items.data[0]).toMatchObject({
      current_period_start: START,
      current_period_end: at(1, 28),
      quantity: 3,
    });
    await advance(at(1, 28, 12) + 60);
    const list = await stripe.invoices.list({ subscription: made.id });
    expect(list.data).toHaveLength(2);
    const draft = list.data[0];
    expect(draft).toMatchObject({
      status: 'draft',
      billing_reason: 'subscription_cycle',
      created: at(1, 28),
      period_start: START,
      period_end: at(1, 28),
      total: 30_000,
    });
    expect(draft?.lines.data[0]).toMatchObject({
      period: { start: at(1, 28), end: at(2, 31) },
      parent: { type: 'subscription_item_details' },
    });
    const extra = await stripe.invoices.addLines(draft?.id ?? '', {
      lines: [{ amount: -1234, description: 'Availability credit' }],
    });
    expect(extra.total).toBe(28_766);
    await advance(at(1, 28, 14));
    expect(await stripe.invoices.retrieve(draft?.id ?? '')).toMatchObject({ status: 'paid', amount_paid: 28_766 });
    await advance(at(2, 31, 13));
    expect((await stripe.subscriptions.retrieve(made.id)).items.data[0]).toMatchObject({
      current_period_start: at(2, 31),
      current_period_end: at(3, 30),
    });
  });

  it('bills metered use in arrears, by tiers, with what came until finalisation', async () => {
    const { stripe, customer, monthly, advance } = await clocked();
    const meter = await stripe.billing.meters.create({
      display_name: 'Air',
      event_name: 'air',
      default_aggregation: { formula: 'sum' },
    });
    const price = await monthly({
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 100, unit_amount_decimal: D('2.5') },
        { up_to: 'inf', unit_amount_decimal: D('1.125'), flat_amount: 500 },
      ],
      recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
    });
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    expect(made.latest_invoice).toBeNull();
    const send = (value: string, timestamp: number) =>
      stripe.billing.meterEvents.create({
        event_name: 'air',
        timestamp,
        payload: { stripe_customer_id: customer.id, value },
      });
    await send('90', START + 60);
    await advance(at(1, 28) + 60);
    const draft = (await stripe.invoices.list({ subscription: made.id })).data[0];
    expect(draft).toMatchObject({ status: 'draft', total: 225 });
    await send('60', at(1, 28) - 1);
    await send('1000', at(1, 28));
    await advance(at(1, 28, 14));
    const final = await stripe.invoices.retrieve(draft?.id ?? '');
    // 100 × 2.5 = 250; 50 × 1.125 = 56.25 → 56; flat 500.
    expect(final.lines.data.map((line) => line.amount).sort((a, b) => a - b)).toEqual([56, 250, 500]);
    expect(final).toMatchObject({ status: 'paid', total: 806 });
  });

  it('prices a volume by the one tier it falls into', async () => {
    const { stripe, customer, monthly } = await clocked();
    const price = await monthly({
      billing_scheme: 'tiered',
      tiers_mode: 'volume',
      tiers: [
        { up_to: 10, unit_amount: 100 },
        { up_to: 'inf', unit_amount: 80 },
      ],
    });
    const made = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id, quantity: 11 }],
      expand: ['latest_invoice'],
    });
    expect(made.latest_invoice).toMatchObject({ total: 880 });
  });

  it('is incomplete when its first payment fails, and past due when a later one does', async () => {
    const { emulator, stripe, customer, monthly, advance } = await clocked();
    const price = await monthly({ unit_amount: 1000 });
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    const items = [{ price: price.id }];
    const failed = await stripe.subscriptions.create({ customer: customer.id, items, default_payment_method: bad.id });
    expect(failed.status).toBe('incomplete');
    expect(
      await failing(
        stripe.subscriptions.create({
          customer: customer.id,
          items,
          default_payment_method: bad.id,
          payment_behavior: 'error_if_incomplete',
        }),
      ),
    ).toMatchObject({ statusCode: 402 });
    const good = await stripe.subscriptions.create({ customer: customer.id, items });
    await stripe.subscriptions.update(good.id, { default_payment_method: bad.id });
    await advance(at(1, 28, 14));
    expect((await stripe.subscriptions.retrieve(good.id)).status).toBe('past_due');
    await stripe.invoices.pay(String((await stripe.subscriptions.retrieve(good.id)).latest_invoice), {
      payment_method: 'pm_card_visa',
    });
    expect((await stripe.subscriptions.retrieve(good.id)).status).toBe('active');
    expect(emulator.events('invoice.payment_failed').length).toBeGreaterThanOrEqual(2);
  });

  it('is cancelled now, with a credit for the unused time if asked for, or at the end of its period', async () => {
    const { stripe, customer, monthly, advance } = await clocked();
    const price = await monthly({ unit_amount: 2800 });
    const now = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    const later = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    await advance(START + 7 * DAY);
    expect(await stripe.subscriptions.cancel(now.id, { prorate: true })).toMatchObject({
      status: 'canceled',
      ended_at: START + 7 * DAY,
    });
    // 21 of 28 days are left.
    expect(
      (await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data.map((one) => one.amount),
    ).toEqual([-2100]);
    expect(await failing(stripe.subscriptions.cancel(now.id))).toMatchObject({ statusCode: 400 });
    expect(await stripe.subscriptions.update(later.id, { cancel_at_period_end: true })).toMatchObject({
      cancel_at: at(1, 28),
      status: 'active',
    });
    await advance(at(1, 28, 14));
    expect(await stripe.subscriptions.retrieve(later.id)).toMatchObject({ status: 'canceled', ended_at: at(1, 28) });
    expect((await stripe.invoices.list({ subscription: later.id })).data).toHaveLength(1);
  });

  it('is refused with prices that do not go together', async () => {
    const { stripe, customer, product, monthly } = await clocked();
    const month = await monthly({ unit_amount: 1 });
    const year = await stripe.prices.create({
      currency: 'eur',
      product: product.id,
      unit_amount: 1,
      recurring: { interval: 'year' },
    });
    const once = await stripe.prices.create({ currency: 'eur', product: product.id, unit_amount: 1 });
    const create = (...prices: string[]) =>
      stripe.subscriptions.create({ customer: customer.id, items: prices.map((price) => ({ price })) });
    expect(await failing(create(month.id, year.id))).toMatchObject({ param: 'items' });
    expect(await failing(create(once.id))).toMatchObject({ param: 'items[0][price]' });
    expect(await failing(create('price_none'))).toMatchObject({ code: 'resource_missing' });
  });
});
