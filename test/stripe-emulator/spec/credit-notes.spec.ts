import type Stripe from 'stripe';
import { closeAll, draftOf, emulated, failing, payingCustomer } from './support.js';

afterEach(closeAll);

async function openInvoice(stripe: Stripe, ...amounts: number[]) {
  const customer = await payingCustomer(stripe);
  return stripe.invoices.finalizeInvoice((await draftOf(stripe, customer.id, ...amounts)).id);
}

describe('a credit note', () => {
  it('before payment takes off what is due', async () => {
    const { emulator, stripe } = await emulated();
    const open = await openInvoice(stripe, 1000);
    const note = await stripe.creditNotes.create({
      invoice: open.id,
      amount: 400,
      reason: 'order_change',
      memo: 'availability',
      metadata: { period: 'p1' },
    });
    expect(note).toMatchObject({
      object: 'credit_note',
      total: 400,
      type: 'pre_payment',
      pre_payment_amount: 400,
      post_payment_amount: 0,
      number: `${open.number}-CN-01`,
      status: 'issued',
      currency: 'eur',
      metadata: { period: 'p1' },
    });
    expect(await stripe.invoices.retrieve(open.id)).toMatchObject({
      status: 'open',
      total: 1000,
      amount_due: 600,
      amount_remaining: 600,
      pre_payment_credit_notes_amount: 400,
    });
    expect((await stripe.invoices.pay(open.id)).amount_paid).toBe(600);
    expect(emulator.events('credit_note.created')).toHaveLength(1);
  });

  it('over all that is due makes the invoice paid', async () => {
    const { emulator, stripe } = await emulated();
    const open = await openInvoice(stripe, 1000);
    await stripe.creditNotes.create({ invoice: open.id, amount: 1000 });
    expect(await stripe.invoices.retrieve(open.id)).toMatchObject({
      status: 'paid',
      amount_paid: 0,
      amount_remaining: 0,
    });
    expect(emulator.events('invoice.paid')).toHaveLength(1);
  });

  it('after payment is divided into refund, balance and out of band, and must add up', async () => {
    const { stripe } = await emulated();
    const paid = await stripe.invoices.pay((await openInvoice(stripe, 1000)).id);
    const half = { invoice: paid.id, amount: 600 };
    expect(await failing(stripe.creditNotes.create(half))).toMatchObject({ statusCode: 400 });
    expect(await failing(stripe.creditNotes.create({ ...half, credit_amount: 100, refund_amount: 499 }))).toMatchObject(
      { statusCode: 400 },
    );
    const note = await stripe.creditNotes.create({
      ...half,
      credit_amount: 100,
      refund_amount: 450,
      out_of_band_amount: 50,
    });
    expect(note).toMatchObject({
      type: 'post_payment',
      post_payment_amount: 600,
      pre_payment_amount: 0,
      out_of_band_amount: 50,
    });
    const refund = await stripe.refunds.retrieve(String(note.refunds[0]?.refund));
    expect(refund).toMatchObject({ amount: 450, status: 'succeeded' });
    expect(await stripe.customers.retrieve(String(paid.customer))).toMatchObject({ balance: -100 });
    expect(note.customer_balance_transaction).toMatch(/^cbtxn_/);
    expect(await stripe.invoices.retrieve(paid.id)).toMatchObject({
      status: 'paid',
      amount_paid: 1000,
      post_payment_credit_notes_amount: 600,
    });
    expect(
      await failing(stripe.creditNotes.create({ invoice: paid.id, amount: 401, credit_amount: 401 })),
    ).toMatchObject({ param: 'amount' });
    const rest = await stripe.creditNotes.create({ invoice: paid.id, amount: 400, credit_amount: 400 });
    expect(rest.number).toBe(`${paid.number}-CN-02`);
    expect((await stripe.creditNotes.list({ invoice: paid.id })).data.map((one) => one.id)).toEqual([rest.id, note.id]);
  });

  it('is made of lines of the invoice and others', async () => {
    const { stripe } = await emulated();
    const open = await openInvoice(stripe, 1000, 500);
    const line = open.lines.data.find((one) => one.amount === 500);
    const note = await stripe.creditNotes.create({
      invoice: open.id,
      lines: [
        { type: 'invoice_line_item', invoice_line_item: line?.id ?? '', amount: 200 },
        { type: 'custom_line_item', description: 'goodwill', quantity: 3, unit_amount: 25 },
      ],
    });
    expect(note.total).toBe(275);
    expect(note.lines.data.map((one) => [one.type, one.amount])).toEqual([
      ['invoice_line_item', 200],
      ['custom_line_item', 75],
    ]);
    expect(
      await failing(
        stripe.creditNotes.create({
          invoice: open.id,
          lines: [{ type: 'invoice_line_item', invoice_line_item: line?.id ?? '', amount: 501 }],
        }),
      ),
    ).toMatchObject({ param: 'lines[0][amount]' });
  });

  it('is refused when negative, zero, too large, or for a draft or a void invoice', async () => {
    const { stripe } = await emulated();
    const open = await openInvoice(stripe, 1000);
    for (const amount of [-100, 0]) {
      expect(await failing(stripe.creditNotes.create({ invoice: open.id, amount }))).toMatchObject({
        code: 'parameter_invalid_integer',
        param: 'amount',
      });
    }
    expect(
      await failing(
        stripe.creditNotes.create({
          invoice: open.id,
          lines: [{ type: 'custom_line_item', description: 'x', unit_amount: -5, quantity: 1 }],
        }),
      ),
    ).toMatchObject({ code: 'parameter_invalid_integer' });
    expect(await failing(stripe.creditNotes.create({ invoice: open.id, amount: 1001 }))).toMatchObject({
      param: 'amount',
    });
    const draft = await draftOf(stripe, String(open.customer), 1000);
    expect(await failing(stripe.creditNotes.create({ invoice: draft.id, amount: 1 }))).toMatchObject({
      param: 'invoice',
    });
    await stripe.invoices.voidInvoice(open.id);
    expect(await failing(stripe.creditNotes.create({ invoice: open.id, amount: 1 }))).toMatchObject({
      param: 'invoice',
    });
  });

  it('of an open invoice can be taken back', async () => {
    const { stripe } = await emulated();
    const open = await openInvoice(stripe, 1000);
    const note = await stripe.creditNotes.create({ invoice: open.id, amount: 400 });
    expect(await stripe.creditNotes.voidCreditNote(note.id)).toMatchObject({ status: 'void' });
    expect(await stripe.invoices.retrieve(open.id)).toMatchObject({
      amount_due: 1000,
      amount_remaining: 1000,
      pre_payment_credit_notes_amount: 0,
    });
    expect(await failing(stripe.creditNotes.voidCreditNote(note.id))).toMatchObject({ statusCode: 400 });
  });
});
