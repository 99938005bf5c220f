import Stripe from 'stripe';
import { clientOf, closeAll, emulated, failing, KEY } from './support.js';

afterEach(closeAll);

const call = (url: string, path: string, init: RequestInit & { key?: string | null } = {}) => {
  const { key = KEY, ...rest } = init;
  return fetch(`${url}${path}`, {
    ...rest,
    headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...rest.headers },
  });
};

describe('authorisation', () => {
  it.each([
    [null, 'You did not provide an API key'],
    ['sk_live_abcdefghijkl', 'Invalid API Key provided: sk_live_********ijkl'],
    ['nonsense', 'Invalid API Key provided'],
  ])('refuses the key %s with 401', async (key, message) => {
    const { emulator } = await emulated();
    const answer = await call(emulator.url, '/v1/customers', { key });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    expect(await answer.json()).toEqual({
      error: { type: 'invalid_request_error', message: expect.stringContaining(message) },
    });
  });

  it('raises the authentication error of the package, and takes a key as Basic user too', async () => {
    const { emulator } = await emulated({ apiKeys: ['sk_test_one'] });
    expect(await failing(clientOf(emulator).customers.list())).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    const basic = Buffer.from('sk_test_one:').toString('base64');
    expect((await fetch(`${emulator.url}/v1/customers`, { headers: { authorization: `Basic ${basic}` } })).status).toBe(
      200,
    );
  });
});

describe('requests', () => {
  it('answers an unknown route as Stripe does', async () => {
    const { emulator } = await emulated();
    const answer = await call(emulator.url, '/v1/nonsense');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      error: {
        type: 'invalid_request_error',
        message: expect.stringContaining('Unrecognized request URL (GET: /v1/nonsense)'),
      },
    });
  });

  it('tells id, version and idempotency key in its headers, and refuses another version', async () => {
    const { emulator, stripe } = await emulated();
    const made = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' });
    expect(made.lastResponse.requestId).toMatch(/^req_/);
    expect(made.lastResponse.apiVersion).toBe(Stripe.API_VERSION);
    expect(made.lastResponse.idempotencyKey).toBe('k1');
    const other = await call(emulator.url, '/v1/customers', { headers: { 'stripe-version': '2024-06-20' } });
    expect(other.status).toBe(400);
  });

  it('names an unknown parameter, a missing one and one of a wrong kind, and does nothing', async () => {
    const { emulator, stripe } = await emulated();
    const post = (path: string, body: string) =>
      call(emulator.url, path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    const errorOf = async (answer: Response) => ((await answer.json()) as { error: object }).error;
    expect(await errorOf(await post('/v1/customers', 'nmae=A'))).toMatchObject({
      code: 'parameter_unknown',
      param: 'nmae',
      message: 'Received unknown parameter: nmae',
    });
    expect(await errorOf(await post('/v1/customers', 'invoice_settings[x]=A&address[y]=B'))).toMatchObject({
      code: 'parameter_unknown',
    });
    expect(await errorOf(await post('/v1/invoices', ''))).toMatchObject({
      code: 'parameter_missing',
      param: 'customer',
    });
    expect(await errorOf(await post('/v1/customers', 'balance=12.5'))).toMatchObject({
      code: 'parameter_invalid_integer',
      param: 'balance',
      message: 'Invalid integer: 12.5',
    });
    expect(await errorOf(await post('/v1/invoices', 'customer='))).toMatchObject({
      code: 'parameter_invalid_empty',
      param: 'customer',
    });
    expect(await errorOf(await post('/v1/invoices', 'customer=cus_x&collection_method=post'))).toMatchObject({
      message: 'Invalid collection_method: must be one of charge_automatically or send_invoice',
    });
    expect(await errorOf(await post('/v1/invoices', 'customer=cus_x&currency=xxx'))).toMatchObject({
      param: 'currency',
    });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect(emulator.events()).toEqual([]);
  });

  it('withstands hostile bodies', async () => {
    const { emulator, stripe } = await emulated();
    const post = (body: string, type = 'application/x-www-form-urlencoded') =>
      call(emulator.url, '/v1/customers', { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post(`a${'[b]'.repeat(100)}=1`)).status).toBe(400);
    expect((await post(`name=${'x'.repeat(11_000_000)}`)).status).toBe(413);
    expect((await post('{"name":"A"}', 'application/json')).status).toBe(400);
    await post('__proto__[polluted]=1&metadata[__proto__][x]=1');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect((await post('name=%E0%A4%A')).status).toBeLessThan(500);
    expect((await stripe.customers.list({ limit: 100 })).data.length).toBeLessThanOrEqual(2);
  });

  it('says which object does not exist', async () => {
    const { stripe } = await emulated();
    const error = await failing(stripe.invoices.retrieve('in_none'));
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'invoice',
      message: "No such invoice: 'in_none'",
    });
    expect(await failing(stripe.invoices.create({ customer: 'cus_none' }))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'customer',
    });
  });
});

describe('lists', () => {
  it('come newest first in pages, both ways, and the package pages through them', async () => {
    const { stripe } = await emulated();
    const ids: string[] = [];
    for (let i = 0; i < 25; i += 1) ids.unshift((await stripe.customers.create({ name: `c${i}` })).id);
    const first = await stripe.customers.list();
    expect(first.data.map((one) => one.id)).toEqual(ids.slice(0, 10));
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' });
    const next = await stripe.customers.list({ limit: 20, starting_after: ids[9] ?? '' });
    expect(next.data.map((one) => one.id)).toEqual(ids.slice(10));
    expect(next.has_more).toBe(false);
    const back = await stripe.customers.list({ limit: 3, ending_before: ids[9] ?? '' });
    expect(back.data.map((one) => one.id)).toEqual(ids.slice(6, 9));
    expect(back.has_more).toBe(true);
    expect((await stripe.customers.list({ limit: 9, ending_before: ids[9] ?? '' })).has_more).toBe(false);
    const all: string[] = [];
    for await (const one of stripe.customers.list({ limit: 7 })) all.push(one.id);
    expect(all).toEqual(ids);
  });

  it('refuse a limit beyond 100 and a cursor that does not exist', async () => {
    const { stripe } = await emulated();
    expect(await failing(stripe.customers.list({ limit: 101 }))).toMatchObject({
      statusCode: 400,
      code: 'parameter_invalid_integer',
      param: 'limit',
    });
    expect(await failing(stripe.customers.list({ starting_after: 'cus_none' }))).toMatchObject({
      code: 'resource_missing',
      param: 'starting_after',
    });
  });
});

describe('expand', () => {
  it('puts objects in place of ids, in lists and nested, and refuses what is none', async () => {
    const { stripe } = await emulated();
    const product = await stripe.products.create({ name: 'Air' });
    const price = await stripe.prices.create({ currency: 'eur', product: product.id, unit_amount: 5 });
    const customer = await stripe.customers.create({ name: 'A' });
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur' });
    await stripe.invoices.addLines(draft.id, { lines: [{ pricing: { price: price.id }, quantity: 2 }] });
    const one = await stripe.invoices.retrieve(draft.id, {
      expand: ['customer', 'lines.data.pricing.price_details.price'],
    });
    expect(one.customer).toMatchObject({ id: customer.id, name: 'A' });
    expect(one.lines.data[0]?.pricing?.price_details?.price).toMatchObject({ id: price.id, unit_amount: 5 });
    const listed = await stripe.prices.list({ expand: ['data.product'] });
    expect(listed.data[0]?.product).toMatchObject({ name: 'Air' });
    expect(await failing(stripe.invoices.retrieve(draft.id, { expand: ['currency'] }))).toMatchObject({
      message: 'This property cannot be expanded (currency).',
    });
    expect(await failing(stripe.invoices.retrieve(draft.id, { expand: ['a.b.c.d.e'] }))).toMatchObject({
      statusCode: 400,
    });
  });
});
