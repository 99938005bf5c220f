import Stripe from 'stripe';
import { clientOf, closeAll, draftOf, emulated, failing, payingCustomer } from './support.js';

afterEach(closeAll);

describe('idempotency keys', () => {
  it('replay the first answer for the same parameters', async () => {
    const { emulator, stripe } = await emulated();
    const first = await stripe.customers.create({ name: 'A', metadata: { b: '1', a: '2' } }, { idempotencyKey: 'k' });
    const again = await stripe.customers.create({ metadata: { a: '2', b: '1' }, name: 'A' }, { idempotencyKey: 'k' });
    expect(again).toEqual(first);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect((await stripe.customers.list()).data).toHaveLength(1);
    expect(emulator.requests({ path: '/v1/customers', method: 'POST' }).map((one) => one.replayed)).toEqual([
      false,
      true,
    ]);
  });

  it('refuse other parameters and another endpoint', async () => {
    const { stripe } = await emulated();
    await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k' });
    const other = await failing(stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k' }));
    expect(other).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(other).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
    const elsewhere = await failing(stripe.products.create({ name: 'A' }, { idempotencyKey: 'k' }));
    expect(elsewhere.message).toContain("('/v1/products' vs '/v1/customers')");
    expect(await failing(stripe.customers.create({ name: 'A' }, { idempotencyKey: 'x'.repeat(256) }))).toMatchObject({
      statusCode: 400,
    });
  });

  it('save the errors of what was executed, and not of what was refused before', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await stripe.customers.create({ name: 'A' });
    const missing = () => stripe.invoices.create({ customer: 'cus_none' }, { idempotencyKey: 'executed' });
    await failing(missing());
    expect((await failing(missing())).headers?.['idempotent-replayed']).toBe('true');
    const refused = stripe.invoices.create(
      { customer: customer.id, days_until_due: -1 },
      { idempotencyKey: 'refused' },
    );
    expect(await failing(refused)).toMatchObject({ code: 'parameter_invalid_integer' });
    const mended = await stripe.invoices.create({ customer: customer.id }, { idempotencyKey: 'refused' });
    expect(mended.status).toBe('draft');
    emulator.fail({ kind: 'server_error', path: '/v1/customers' });
    const broken = () => stripe.customers.create({ name: 'B' }, { idempotencyKey: 'broken' });
    const first = await failing(broken());
    expect(first).toMatchObject({ statusCode: 500, rawType: 'api_error' });
    expect(first.headers?.['stripe-should-retry']).toBe('false');
    const replayed = await failing(broken());
    expect(replayed).toMatchObject({ statusCode: 500 });
    expect(replayed.headers?.['idempotent-replayed']).toBe('true');
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('are forgotten after 24 hours', async () => {
    const { emulator, stripe } = await emulated();
    const first = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k' });
    await emulator.advance(24 * 3600 - 5);
    expect((await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k' })).id).toBe(first.id);
    await emulator.advance(10);
    expect((await stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k' })).id).not.toBe(first.id);
  });

  it('answer 409 while the first call is going on', async () => {
    const { emulator, stripe } = await emulated();
    emulator.fail({ kind: 'delay', delayMs: 300, path: '/v1/customers' });
    const both = await Promise.allSettled(
      [1, 2].map(() => stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k' })),
    );
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find((one) => one.status === 'rejected');
    expect(refused?.reason).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('do not matter to GET and DELETE', async () => {
    const { stripe } = await emulated();
    const customer = await stripe.customers.create({ name: 'A' });
    const draft = await draftOf(stripe, customer.id);
    await stripe.invoices.list({}, { idempotencyKey: 'k' });
    await stripe.invoices.del(draft.id, {}, { idempotencyKey: 'k' });
    expect(await failing(stripe.invoices.del(draft.id, {}, { idempotencyKey: 'k' }))).toMatchObject({
      statusCode: 404,
    });
  });
});

describe('faults', () => {
  it.each(['reset', 'timeout', 'server_error'] as const)(
    '%s after the effect: a repeat with the key does not double it',
    async (kind) => {
      const { emulator, stripe } = await emulated();
      emulator.fail({ kind, effect: true, method: 'POST', path: '/v1/customers', times: 1 });
      const create = () => stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k', timeout: 400 });
      const first = await create().catch((error: unknown) => error);
      expect((await stripe.customers.list()).data).toHaveLength(1);
      if (kind === 'server_error') expect(await failing(create())).toMatchObject({ statusCode: 500 });
      else {
        // A closed connection is repeated once by the package itself.
        if (kind === 'timeout') expect(first).toBeInstanceOf(Stripe.errors.StripeConnectionError);
        expect((await create()).name).toBe('A');
      }
      expect((await stripe.customers.list()).data).toHaveLength(1);
    },
  );

  it.each(['reset', 'timeout'] as const)('%s before the effect leaves nothing', async (kind) => {
    const { emulator, stripe } = await emulated();
    emulator.fail({ kind, times: 2, method: 'POST' });
    const error = await failing(stripe.customers.create({ name: 'A' }, { timeout: 300 }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect((await stripe.customers.list()).data).toEqual([]);
    emulator.mend();
    await stripe.customers.create({ name: 'B' });
    expect(emulator.requests({ status: 0 }).length).toBeGreaterThan(0);
  });

  it('429 and 503 are not executed; the package repeats what Stripe asks it to', async () => {
    const { emulator, stripe } = await emulated();
    emulator.fail('rate_limit');
    expect(await failing(stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k' }))).toBeInstanceOf(
      Stripe.errors.StripeRateLimitError,
    );
    emulator.fail('unavailable');
    expect(await failing(stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k' }))).toMatchObject({
      statusCode: 503,
    });
    emulator.fail('lock_timeout');
    const retrying = clientOf(emulator, { maxNetworkRetries: 1 });
    expect((await retrying.customers.create({ name: 'A' }, { idempotencyKey: 'k' })).name).toBe('A');
    expect(emulator.requests().map((one) => one.status)).toEqual([429, 503, 429, 200]);
  });

  it('nothing remains of a call that fails half way', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const draft = await draftOf(stripe, customer.id, 100);
    const before = emulator.events().length;
    const line = draft.lines.data[0]?.id ?? '';
    const error = await failing(
      stripe.invoices.updateLines(draft.id, {
        lines: [
          { id: line, amount: 900 },
          { id: 'il_none', amount: 1 },
        ],
      }),
    );
    expect(error).toMatchObject({ param: 'lines[1][id]' });
    expect((await stripe.invoices.retrieve(draft.id)).lines.data.map((one) => one.amount)).toEqual([100]);
    expect((await stripe.invoiceItems.list({ invoice: draft.id })).data.map((one) => one.amount)).toEqual([100]);
    expect(emulator.events()).toHaveLength(before);
  });
});
