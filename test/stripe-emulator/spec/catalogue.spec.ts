import { closeAll, D, emulated, failing } from './support.js';

afterEach(closeAll);

describe('customers', () => {
  it('are made, changed, unset and deleted; events carry what changed', async () => {
    const { emulator, stripe } = await emulated();
    const made = await stripe.customers.create({
      name: 'A',
      email: 'a@x.example',
      address: { city: 'Ulm', country: 'DE' },
      metadata: { k: '1', l: '2' },
    });
    expect(made).toMatchObject({
      object: 'customer',
      livemode: false,
      balance: 0,
      address: { city: 'Ulm', line1: null },
    });
    const changed = await stripe.customers.update(made.id, { name: 'B', email: '', metadata: { k: '', m: '3' } });
    expect(changed).toMatchObject({ name: 'B', email: null, metadata: { l: '2', m: '3' } });
    const event = emulator.events('customer.updated')[0];
    expect(event?.data.previous_attributes).toMatchObject({ name: 'A', email: 'a@x.example' });
    expect((await stripe.customers.list({ email: 'a@x.example' })).data).toEqual([]);
    expect(await stripe.customers.del(made.id)).toMatchObject({ id: made.id, object: 'customer', deleted: true });
    expect(await stripe.customers.retrieve(made.id)).toMatchObject({ deleted: true });
    expect(await failing(stripe.customers.update(made.id, { name: 'C' }))).toMatchObject({ code: 'resource_missing' });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect(await failing(stripe.customers.create({ metadata: { ['k'.repeat(41)]: '1' } }))).toMatchObject({
      param: 'metadata',
    });
  });
});

describe('payment methods', () => {
  it('come from test tokens, are attached, made the default and detached', async () => {
    const { stripe } = await emulated();
    const customer = await stripe.customers.create({ name: 'A' });
    const created = await stripe.paymentMethods.create({
      type: 'card',
      card: { token: 'tok_visa' },
      billing_details: { name: 'N' },
    });
    expect(created).toMatchObject({
      customer: null,
      card: { brand: 'visa', last4: '4242' },
      billing_details: { name: 'N' },
    });
    expect(
      await failing(stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: created.id } })),
    ).toMatchObject({ statusCode: 400 });
    await stripe.paymentMethods.attach(created.id, { customer: customer.id });
    const other = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data.map((one) => one.id)).toEqual([
      other.id,
      created.id,
    ]);
    const updated = await stripe.customers.update(customer.id, {
      invoice_settings: { default_payment_method: created.id },
    });
    expect(updated.invoice_settings.default_payment_method).toBe(created.id);
    await stripe.paymentMethods.detach(created.id);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
  });

  it('that are declined are refused when attached, but for the one that fails only later', async () => {
    const { stripe } = await emulated();
    const customer = await stripe.customers.create({ name: 'A' });
    const attach = (id: string) => stripe.paymentMethods.attach(id, { customer: customer.id });
    expect(await failing(attach('pm_card_chargeDeclined'))).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect((await attach('pm_card_chargeCustomerFail')).customer).toBe(customer.id);
    expect(await failing(attach('pm_none'))).toMatchObject({ code: 'resource_missing' });
    expect(await failing(stripe.customers.create({ payment_method: 'pm_card_chargeDeclined' }))).toMatchObject({
      statusCode: 402,
    });
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });
});

describe('products and prices', () => {
  it('keep decimals exact and fill the whole amount only where it is whole', async () => {
    const { stripe } = await emulated();
    const product = await stripe.products.create({ name: 'Air', unit_label: 'm³' });
    const fine = await stripe.prices.create({
      currency: 'eur',
      product: product.id,
      unit_amount_decimal: D('0.123456789012'),
    });
    expect(fine.unit_amount).toBeNull();
    expect(fine.unit_amount_decimal?.toString()).toBe('0.123456789012');
    const whole = await stripe.prices.create({
      currency: 'jpy',
      product: product.id,
      unit_amount: 120,
      lookup_key: 'air',
    });
    expect(whole).toMatchObject({ unit_amount: 120, type: 'one_time', billing_scheme: 'per_unit', recurring: null });
    expect(whole.unit_amount_decimal?.toString()).toBe('120');
    expect((await stripe.prices.list({ lookup_keys: ['air'] })).data.map((one) => one.id)).toEqual([whole.id]);
    const base = { currency: 'eur', product: product.id };
    expect(await failing(stripe.prices.create({ ...base, unit_amount: -1 }))).toMatchObject({
      code: 'parameter_invalid_integer',
    });
    expect(await failing(stripe.prices.create({ ...base, unit_amount_decimal: D('0.1234567890123') }))).toMatchObject({
      param: 'unit_amount_decimal',
    });
    expect(await failing(stripe.prices.create({ ...base, unit_amount: 1, unit_amount_decimal: D('1') }))).toMatchObject(
      { statusCode: 400 },
    );
    expect(await failing(stripe.prices.create(base))).toMatchObject({ code: 'parameter_missing' });
    expect(await failing(stripe.prices.create({ ...base, unit_amount: 1, lookup_key: 'air' }))).toMatchObject({
      param: 'lookup_key',
    });
    expect((await stripe.prices.update(whole.id, { active: false })).active).toBe(false);
    expect(await failing(stripe.products.del(product.id))).toMatchObject({ statusCode: 400 });
  });

  it('show tiers when asked, and refuse tiers that do not rise to infinity', async () => {
    const { stripe } = await emulated();
    const product = await stripe.products.create({ name: 'Air' });
    const base = {
      currency: 'eur',
      product: product.id,
      billing_scheme: 'tiered' as const,
      tiers_mode: 'graduated' as const,
      recurring: { interval: 'month' as const },
    };
    const tiers = [
      { up_to: 100, unit_amount: 10 },
      { up_to: 'inf' as const, unit_amount_decimal: D('7.5'), flat_amount: 100 },
    ];
    const price = await stripe.prices.create({ ...base, tiers, expand: ['tiers'] });
    expect(price.tiers?.map((one) => [one.up_to, one.unit_amount, one.flat_amount])).toEqual([
      [100, 10, null],
      [null, null, 100],
    ]);
    expect((await stripe.prices.retrieve(price.id)).tiers).toBeUndefined();
    for (const wrong of [
      [{ up_to: 100, unit_amount: 1 }],
      [
        { up_to: 100, unit_amount: 1 },
        { up_to: 50, unit_amount: 1 },
        { up_to: 'inf' as const, unit_amount: 1 },
      ],
    ]) {
      expect(await failing(stripe.prices.create({ ...base, tiers: wrong }))).toMatchObject({ param: 'tiers' });
    }
  });
});
