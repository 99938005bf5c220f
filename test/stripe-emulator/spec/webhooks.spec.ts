import Stripe from 'stripe';
import { closeAll, draftOf, emulated, failing, payingCustomer, receiver } from './support.js';

afterEach(closeAll);

const SECRET = 'whsec_test_of_the_emulator';
const idsOf = (received: { body: string }[]) => received.map((one) => (JSON.parse(one.body) as Stripe.Event).id);

describe('webhook endpoints', () => {
  it('get signed events that the package accepts, and that a wrong secret or another body does not pass', async () => {
    const hook = await receiver();
    const { emulator, stripe } = await emulated({ webhook: { url: hook.url, secret: SECRET } });
    const customer = await stripe.customers.create({ name: 'Ä' }, { idempotencyKey: 'mine' });
    await emulator.webhooks.settled();
    const [first] = hook.received;
    const signature = String(first?.headers['stripe-signature']);
    expect(signature).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    const event = stripe.webhooks.constructEvent(first?.body ?? '', signature, SECRET);
    expect(event).toMatchObject({
      object: 'event',
      type: 'customer.created',
      api_version: Stripe.API_VERSION,
      livemode: false,
      request: { idempotency_key: 'mine', id: customer.lastResponse.requestId },
      data: { object: { id: customer.id, name: 'Ä' } },
    });
    expect(() => stripe.webhooks.constructEvent(first?.body ?? '', signature, 'whsec_other')).toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    );
    expect(() => stripe.webhooks.constructEvent(`${first?.body} `, signature, SECRET)).toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    );
  });

  it('are made, changed and deleted over the API; the secret is shown once and wanted types alone are delivered', async () => {
    const hook = await receiver();
    const { emulator, stripe } = await emulated();
    const endpoint = await stripe.webhookEndpoints.create({ url: hook.url, enabled_events: ['product.created'] });
    expect(endpoint.secret).toMatch(/^whsec_/);
    expect((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret).toBeUndefined();
    await stripe.customers.create({ name: 'A' });
    await stripe.products.create({ name: 'P' });
    await emulator.webhooks.settled();
    expect(hook.received).toHaveLength(1);
    stripe.webhooks.constructEvent(
      hook.received[0]?.body ?? '',
      String(hook.received[0]?.headers['stripe-signature']),
      endpoint.secret ?? '',
    );
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await stripe.products.create({ name: 'Q' });
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: false });
    await stripe.webhookEndpoints.del(endpoint.id);
    await stripe.products.create({ name: 'R' });
    await emulator.webhooks.settled();
    expect(hook.received).toHaveLength(1);
    expect(await failing(stripe.webhookEndpoints.create({ url: 'ftp://x', enabled_events: ['*'] }))).toMatchObject({
      code: 'url_invalid',
    });
  });

  it('are tried again while they answer other than 2xx, and pending_webhooks tells it', async () => {
    const hook = await receiver((n) => [500, 302, 0][n - 1] ?? 204);
    const { emulator, stripe } = await emulated({
      webhook: { url: hook.url, secret: SECRET },
      webhookRetryAfterMs: [5, 5, 5, 5],
    });
    await stripe.customers.create({ name: 'A' });
    const [event] = emulator.events();
    await emulator.webhooks.settled();
    expect(new Set(idsOf(hook.received))).toEqual(new Set([event?.id]));
    expect(emulator.webhooks.deliveries()).toMatchObject([
      { state: 'succeeded', attempts: 4, answers: [500, 302, 0, 204] },
    ]);
    expect((await stripe.events.retrieve(event?.id ?? '')).pending_webhooks).toBe(0);
  });

  it('are given up after the last try; what failed is found by listing events', async () => {
    const hook = await receiver(() => 503);
    const { emulator, stripe } = await emulated({
      webhook: { url: hook.url, secret: SECRET },
      webhookRetryAfterMs: [1, 1],
    });
    const customer = await stripe.customers.create({ name: 'A' });
    await emulator.webhooks.settled();
    expect(hook.received).toHaveLength(3);
    const missed = await stripe.events.list({ delivery_success: false });
    expect(missed.data.map((one) => [one.type, one.pending_webhooks])).toEqual([['customer.created', 1]]);
    expect(missed.data[0]?.data.object).toMatchObject({ id: customer.id });
  });

  it('are each told; one that fails keeps the event pending', async () => {
    const good = await receiver();
    const bad = await receiver(() => 500);
    const { emulator, stripe } = await emulated({ webhookRetryAfterMs: [1] });
    for (const { url } of [good, bad]) await stripe.webhookEndpoints.create({ url, enabled_events: ['*'] });
    await stripe.customers.create({ name: 'A' });
    await emulator.webhooks.settled();
    expect([good.received.length, bad.received.length]).toEqual([1, 2]);
    expect((await stripe.events.list()).data[0]?.pending_webhooks).toBe(1);
  });

  it('get duplicates and another order when a test asks for it', async () => {
    const hook = await receiver();
    const { emulator, stripe } = await emulated({ webhook: { url: hook.url, secret: SECRET } });
    emulator.webhooks.hold();
    for (const name of ['a', 'b', 'c']) await stripe.customers.create({ name });
    expect(hook.received).toEqual([]);
    const ids = emulator.events().map((one) => one.id);
    expect(emulator.webhooks.deliveries().map((one) => one.event)).toEqual(ids);
    emulator.webhooks.release('reverse');
    await emulator.webhooks.settled();
    expect(new Set(idsOf(hook.received))).toEqual(new Set(ids));
    emulator.webhooks.again(ids[1] ?? '');
    await emulator.webhooks.settled();
    expect(idsOf(hook.received).filter((id) => id === ids[1])).toHaveLength(2);
  });

  it('hold a draft back until invoice.created was answered, for 72 hours at most', async () => {
    let status = 500;
    const hook = await receiver(() => status);
    const { emulator, stripe } = await emulated({
      webhook: { url: hook.url, secret: SECRET, enabledEvents: ['invoice.created'] },
      webhookRetryAfterMs: [60_000, 60_000, 60_000],
    });
    const customer = await payingCustomer(stripe);
    const make = async () => {
      const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur', auto_advance: true });
      await stripe.invoices.addLines(draft.id, { lines: [{ amount: 500 }] });
      return draft;
    };
    const draft = await make();
    await emulator.advance(2 * 3600);
    expect((await stripe.invoices.retrieve(draft.id)).status).toBe('draft');
    status = 200;
    emulator.webhooks.retryNow();
    await emulator.webhooks.settled();
    await emulator.advance(2 * 3600);
    expect((await stripe.invoices.retrieve(draft.id)).status).toBe('paid');
    emulator.webhooks.hold();
    const unheard = await make();
    await emulator.advance(71 * 3600);
    expect((await stripe.invoices.retrieve(unheard.id)).status).toBe('draft');
    await emulator.advance(2 * 3600);
    expect((await stripe.invoices.retrieve(unheard.id)).status).toBe('paid');
  });
});

describe('events', () => {
  it('are listed newest first by type and time, and paged', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const draft = await draftOf(stripe, customer.id, 1000, 200);
    await stripe.invoices.pay(draft.id);
    const all: Stripe.Event[] = [];
    for await (const event of stripe.events.list({ limit: 3 })) all.push(event);
    expect(all.map((one) => one.id)).toEqual(
      emulator
        .events()
        .map((one) => one.id)
        .reverse(),
    );
    expect(
      (await stripe.events.list({ types: ['invoice.paid', 'invoice.created'] })).data.map((one) => one.type),
    ).toEqual(['invoice.paid', 'invoice.created']);
    expect(
      (await stripe.events.list({ type: 'invoice.*', limit: 100 })).data.every((one) =>
        one.type.startsWith('invoice.'),
      ),
    ).toBe(true);
    const created = all[0]?.created ?? 0;
    expect((await stripe.events.list({ created: { gt: created + 10 } })).data).toEqual([]);
    expect((await stripe.events.list({ created: { gte: created - 60 }, limit: 100 })).data).toHaveLength(all.length);
    const finalized = await stripe.events.list({ type: 'invoice.finalized' });
    // An event keeps the object as it was then.
    expect(finalized.data[0]?.data.object).toMatchObject({ status: 'open', total: 1200, lines: { total_count: 2 } });
  });
});
