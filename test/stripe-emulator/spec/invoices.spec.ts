import type Stripe from 'stripe';
import { closeAll, D, draftOf, emulated, failing, payingCustomer } from './support.js';

afterEach(closeAll);

const sum = (invoice: Stripe.Invoice) => invoice.lines.data.reduce((total, line) => total + line.amount, 0);

describe('a draft', () => {
  it('begins empty, in the currency asked for, with pending items only when included', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    await stripe.invoiceItems.create({ customer: customer.id, currency: 'eur', amount: 700, description: 'pending' });
    const plain = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      metadata: { statement: 's1' },
    });
    expect(plain).toMatchObject({
      object: 'invoice',
      status: 'draft',
      currency: 'eur',
      auto_advance: false,
      billing_reason: 'manual',
      collection_method: 'charge_automatically',
      total: 0,
      number: null,
      effective_at: null,
      automatically_finalizes_at: null,
      metadata: { statement: 's1' },
      customer: customer.id,
      customer_name: 'Nordwerk',
      lines: { object: 'list', data: [], has_more: false },
    });
    const full = await stripe.invoices.create({
      customer: customer.id,
      currency: 'eur',
      pending_invoice_items_behavior: 'include',
    });
    expect(full.total).toBe(700);
    expect((await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data).toEqual([]);
  });

  it('asks for a due date when sent, and for none when charged', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const base = { customer: customer.id, currency: 'eur' };
    expect(await failing(stripe.invoices.create({ ...base, collection_method: 'send_invoice' }))).toMatchObject({
      message: "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
    });
    expect(await failing(stripe.invoices.create({ ...base, days_until_due: 3 }))).toMatchObject({ statusCode: 400 });
    const sent = await stripe.invoices.create({ ...base, collection_method: 'send_invoice', days_until_due: 14 });
    expect(sent.due_date).toBe(sent.created + 14 * 86_400);
  });

  it('takes lines of amounts, prices and inline prices; each is rounded once, half up, and the total is their sum', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const product = await stripe.products.create({ name: 'Compressed air' });
    const price = await stripe.prices.create({ currency: 'eur', product: product.id, unit_amount_decimal: D('0.125') });
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur' });
    const filled = await stripe.invoices.addLines(draft.id, {
      lines: [
        {
          amount: 12_345,
          description: 'Base fee',
          metadata: { line: 'l1' },
          period: { start: 1_760_000_000, end: 1_762_000_000 },
        },
        { amount: -500, description: 'Availability credit' },
        { pricing: { price: price.id }, quantity: 4 },
        { pricing: { price: price.id }, quantity_decimal: D('1234.567') },
        { price_data: { currency: 'eur', product: product.id, unit_amount_decimal: D('0.333333333333') }, quantity: 3 },
        { price_data: { currency: 'eur', product_data: { name: 'One-off' }, unit_amount: 250 }, quantity: 2 },
      ],
      invoice_metadata: { statement: 's2' },
    });
    const byDescription = (text: string) => filled.lines.data.find((line) => line.description === text);
    expect(byDescription('Base fee')).toMatchObject({
      object: 'line_item',
      amount: 12_345,
      currency: 'eur',
      metadata: { line: 'l1' },
      period: { start: 1_760_000_000, end: 1_762_000_000 },
      parent: { type: 'invoice_item_details' },
    });
    // 4 × 0.125 = 0.5 → 1; 1234.567 × 0.125 = 154.32 → 154; 3 × 0.333… = 0.999… → 1; 2 × 250.
    expect(filled.lines.data.map((line) => line.amount).sort((a, b) => a - b)).toEqual([-500, 1, 1, 154, 500, 12_345]);
    expect(filled.total).toBe(12_501);
    expect(filled.total).toBe(sum(filled));
    expect(filled).toMatchObject({
      subtotal: 12_501,
      amount_due: 12_501,
      amount_remaining: 12_501,
      metadata: { statement: 's2' },
    });
    const quantity = filled.lines.data.find((line) => line.quantity === 1234);
    expect(quantity?.quantity_decimal?.toString()).toBe('1234.567');
    expect(quantity?.pricing?.unit_amount_decimal?.toString()).toBe('0.125');
  });

  it('refuses lines that say the amount twice, in another currency, or too many, and then adds none', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const draft = await draftOf(stripe, customer.id);
    const product = await stripe.products.create({ name: 'P' });
    const bad: Array<[Stripe.InvoiceAddLinesParams.Line, object]> = [
      [
        { amount: 5, quantity: 2 },
        { param: 'lines[1][amount]', message: 'You may only specify one of these parameters: amount, quantity.' },
      ],
      [
        { amount: 5, price_data: { currency: 'eur', product: product.id, unit_amount: 5 } },
        { param: 'lines[1][amount]' },
      ],
      [{ description: 'nothing' }, { code: 'parameter_missing', param: 'lines[1][amount]' }],
      [{ price_data: { currency: 'usd', product: product.id, unit_amount: 5 } }, { statusCode: 400 }],
      [{ pricing: { price: 'price_none' } }, { code: 'resource_missing' }],
      [{ amount: 5, period: { start: 10, end: 5 } }, { param: 'lines[1][period][end]' }],
      [{ amount: 1_000_000_000_000 }, { code: 'amount_too_large' }],
    ];
    for (const [line, expected] of bad) {
      expect(await failing(stripe.invoices.addLines(draft.id, { lines: [{ amount: 1 }, line] }))).toMatchObject(
        expected,
      );
    }
    expect((await stripe.invoices.retrieve(draft.id)).lines.data).toEqual([]);
    await stripe.invoices.addLines(draft.id, {
      lines: Array.from({ length: 250 }, (_, i) => ({ amount: i, metadata: { i: String(i) } })),
    });
    expect(await failing(stripe.invoices.addLines(draft.id, { lines: [{ amount: 1 }] }))).toMatchObject({
      statusCode: 400,
    });
    expect(
      await failing(
        stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1, currency: 'eur' }),
      ),
    ).toMatchObject({ statusCode: 400 });
    const seen = new Set<string>();
    for await (const line of stripe.invoices.listLineItems(draft.id, { limit: 100 })) seen.add(line.metadata.i ?? '');
    expect(seen.size).toBe(250);
    const shown = await stripe.invoices.retrieve(draft.id);
    expect(shown.lines).toMatchObject({ has_more: true });
    expect(shown.lines.data).toHaveLength(10);
    expect(shown.total).toBe((249 * 250) / 2);
  });

  it('is changed through items and lines, and follows them', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const draft = await draftOf(stripe, customer.id, 100);
    const item = await stripe.invoiceItems.create({
      customer: customer.id,
      invoice: draft.id,
      currency: 'eur',
      amount: -40,
      description: 'credit',
    });
    expect(item.invoice).toBe(draft.id);
    expect((await stripe.invoices.retrieve(draft.id)).total).toBe(60);
    await stripe.invoiceItems.update(item.id, { amount: -30 });
    expect((await stripe.invoices.retrieve(draft.id)).total).toBe(70);
    const line = draft.lines.data[0]?.id ?? '';
    const changed = await stripe.invoices.updateLineItem(draft.id, line, { quantity: 3, description: 'thrice' });
    expect(changed).toMatchObject({ object: 'line_item', amount: 300, description: 'thrice' });
    await stripe.invoiceItems.del(item.id);
    expect((await stripe.invoices.retrieve(draft.id)).total).toBe(300);
    const emptied = await stripe.invoices.removeLines(draft.id, { lines: [{ id: line, behavior: 'unassign' }] });
    expect(emptied.total).toBe(0);
    const pending = await stripe.invoiceItems.list({ customer: customer.id, pending: true });
    expect(pending.data).toHaveLength(1);
    const again = await stripe.invoices.addLines(draft.id, { lines: [{ invoice_item: pending.data[0]?.id ?? '' }] });
    expect(again.total).toBe(300);
  });

  it('can be deleted, and only it', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const draft = await draftOf(stripe, customer.id, 100);
    expect(await stripe.invoices.del(draft.id)).toMatchObject({ id: draft.id, object: 'invoice', deleted: true });
    expect(await failing(stripe.invoices.retrieve(draft.id))).toMatchObject({ code: 'resource_missing' });
    expect(emulator.events('invoice.deleted')).toHaveLength(1);
    const open = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 100)).id);
    expect(await failing(stripe.invoices.del(open.id))).toMatchObject({
      message: 'You can only delete draft invoices.',
    });
  });
});

describe('finalisation', () => {
  it('numbers without holes, opens, and refuses to happen twice', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await payingCustomer(stripe, { invoice_prefix: 'NORD' });
    const first = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    await stripe.invoices.del((await draftOf(stripe, customer.id, 5)).id);
    const second = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 2000)).id);
    expect([first.number, second.number]).toEqual(['NORD-0001', 'NORD-0002']);
    expect(first).toMatchObject({
      status: 'open',
      attempted: false,
      amount_due: 1000,
      amount_remaining: 1000,
      ending_balance: 0,
    });
    expect(first.status_transitions.finalized_at).toBe(first.effective_at);
    expect(first.hosted_invoice_url).toMatch(/^https:/);
    expect(await failing(stripe.invoices.finalizeInvoice(first.id))).toMatchObject({
      statusCode: 400,
      message: "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
    });
    expect(emulator.events('invoice.finalized')).toHaveLength(2);
  });

  it('freezes content, but not metadata', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const open = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    expect(await failing(stripe.invoices.addLines(open.id, { lines: [{ amount: 1 }] }))).toMatchObject({
      code: 'invoice_not_editable',
    });
    expect(
      await failing(
        stripe.invoiceItems.create({ customer: customer.id, invoice: open.id, amount: 1, currency: 'eur' }),
      ),
    ).toMatchObject({
      code: 'invoice_not_editable',
    });
    expect(await failing(stripe.invoices.update(open.id, { description: 'late' }))).toMatchObject({
      param: 'description',
      message: "Finalized invoices can't be updated in this way",
    });
    expect((await stripe.invoices.update(open.id, { metadata: { a: '1' } })).metadata).toEqual({ a: '1' });
  });

  it('settles at once what asks for nothing: zero, negative, and less than a card can be charged', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const zero = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 0)).id);
    expect(zero).toMatchObject({ status: 'paid', amount_due: 0, attempt_count: 0, attempted: true });
    const credit = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 200, -500)).id);
    expect(credit).toMatchObject({ status: 'paid', total: -300, amount_due: 0, ending_balance: -300 });
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -300 });
    const used = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    expect(used).toMatchObject({
      status: 'open',
      total: 1000,
      starting_balance: -300,
      ending_balance: 0,
      amount_due: 700,
    });
    const little = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 30)).id);
    expect(little).toMatchObject({ status: 'paid', amount_due: 0, ending_balance: 30 });
    const booked = await stripe.customers.listBalanceTransactions(customer.id);
    expect(booked.data.map((one) => [one.amount, one.type])).toEqual([
      [30, 'applied_to_invoice'],
      [300, 'applied_to_invoice'],
      [-300, 'applied_to_invoice'],
    ]);
  });

  it('happens by itself an hour after creation when advancing, and charges the card', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur', auto_advance: true });
    await stripe.invoices.addLines(draft.id, { lines: [{ amount: 999 }] });
    expect(draft.automatically_finalizes_at).toBe(draft.created + 3601);
    await emulator.advance(3590);
    expect((await stripe.invoices.retrieve(draft.id)).status).toBe('draft');
    await emulator.advance(20);
    expect(await stripe.invoices.retrieve(draft.id)).toMatchObject({
      status: 'paid',
      amount_paid: 999,
      attempt_count: 1,
    });
  });
});

describe('payment', () => {
  it('succeeds with the default card; the payment and its intent say so', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const open = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    const paid = await stripe.invoices.pay(open.id, { expand: ['payments'] });
    expect(paid).toMatchObject({ status: 'paid', amount_paid: 1000, amount_remaining: 0, attempt_count: 1 });
    const payment = paid.payments?.data[0];
    expect(payment).toMatchObject({ status: 'paid', amount_paid: 1000 });
    const intent = await stripe.paymentIntents.retrieve(String(payment?.payment.payment_intent));
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1000 });
    expect(
      emulator
        .events()
        .map((one) => one.type)
        .slice(-3),
    ).toEqual(['payment_intent.succeeded', 'invoice.payment_succeeded', 'invoice.paid']);
    expect(await failing(stripe.invoices.pay(open.id))).toMatchObject({ message: 'Invoice is already paid' });
  });

  it('finalises a draft on the way, and may be done elsewhere', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    expect(await stripe.invoices.pay((await draftOf(stripe, customer.id, 1000)).id)).toMatchObject({ status: 'paid' });
    const outside = await stripe.invoices.pay((await draftOf(stripe, customer.id, 1000)).id, {
      paid_out_of_band: true,
    });
    expect(outside).toMatchObject({ status: 'paid', attempted: false, amount_remaining: 0 });
  });

  it('is declined with 402, leaves the invoice open and tells it by an event', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await stripe.customers.create({
      name: 'B',
      payment_method: 'pm_card_chargeCustomerFail',
      invoice_settings: { default_payment_method: 'pm_card_chargeCustomerFail' },
    });
    const open = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    const error = await failing(stripe.invoices.pay(open.id));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'generic_decline',
    });
    expect(await stripe.invoices.retrieve(open.id)).toMatchObject({
      status: 'open',
      attempted: true,
      attempt_count: 1,
      amount_remaining: 1000,
    });
    expect(emulator.events('invoice.payment_failed')).toHaveLength(1);
    expect(
      await failing(stripe.invoices.pay(open.id, { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' })),
    ).toMatchObject({
      decline_code: 'insufficient_funds',
    });
    expect((await stripe.invoices.pay(open.id, { payment_method: 'pm_card_visa' })).status).toBe('paid');
  });

  it('needs a card', async () => {
    const { stripe } = await emulated();
    const customer = await stripe.customers.create({ name: 'C' });
    const open = await stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    expect(await failing(stripe.invoices.pay(open.id))).toMatchObject({ statusCode: 400, code: 'resource_missing' });
  });

  it('is tried again by itself after a failure while advancing', async () => {
    const { emulator, stripe } = await emulated();
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_chargeCustomerFail',
      invoice_settings: { default_payment_method: 'pm_card_chargeCustomerFail' },
    });
    const draft = await stripe.invoices.create({ customer: customer.id, currency: 'eur', auto_advance: true });
    await stripe.invoices.addLines(draft.id, { lines: [{ amount: 999 }] });
    await emulator.advance(3700);
    const failed = await stripe.invoices.retrieve(draft.id);
    expect(failed).toMatchObject({ status: 'open', attempt_count: 1 });
    expect(failed.next_payment_attempt).toBeGreaterThan(failed.created + 3 * 86_400);
    const good = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: good.id } });
    await emulator.advance(3 * 86_400);
    expect(await stripe.invoices.retrieve(draft.id)).toMatchObject({ status: 'paid', attempt_count: 2 });
  });
});

describe('void and uncollectible', () => {
  it('end an open invoice, each in its way', async () => {
    const { stripe } = await emulated();
    const customer = await payingCustomer(stripe);
    const make = async () => stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, 1000)).id);
    const [a, b, c] = [await make(), await make(), await make()];
    expect(await stripe.invoices.voidInvoice(a.id)).toMatchObject({
      status: 'void',
      status_transitions: { voided_at: expect.any(Number) },
    });
    expect(await stripe.invoices.markUncollectible(b.id)).toMatchObject({ status: 'uncollectible' });
    await stripe.invoices.pay(c.id);
    const notOpen = { message: "You can only pass in open invoices. This invoice isn't open." };
    expect(await failing(stripe.invoices.pay(a.id))).toMatchObject(notOpen);
    expect(await failing(stripe.invoices.voidInvoice(a.id))).toMatchObject(notOpen);
    expect(await failing(stripe.invoices.voidInvoice(b.id))).toMatchObject(notOpen);
    expect(await failing(stripe.invoices.voidInvoice((await draftOf(stripe, customer.id, 1)).id))).toMatchObject(
      notOpen,
    );
    expect(await failing(stripe.invoices.voidInvoice(c.id))).toMatchObject({
      message: 'Invoices with `paid` payments cannot be voided.',
    });
    expect((await stripe.invoices.pay(b.id)).status).toBe('paid');
    const listed = await stripe.invoices.list({ customer: customer.id, status: 'void' });
    expect(listed.data.map((one) => one.id)).toEqual([a.id]);
  });
});
