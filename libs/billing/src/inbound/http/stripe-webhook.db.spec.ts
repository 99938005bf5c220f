import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { everyCustomer, JobRunner, OutboxRelay, PlatformModule } from '@throughline/platform';
import { signatureHeader } from '@throughline/stripe-emulator';
import type Stripe from 'stripe';
import { type BillingWorld, billingWorld, WEBHOOK_SECRET } from '../../../test/billing-world.js';
import { ClosePeriod } from '../../application/close-period.js';
import { ReceiveStripeEvent } from '../../application/receive-stripe-event.js';
import { BillingJobsModule, billingJobs } from '../jobs/index.js';
import { BillingHttpModule } from './index.js';

/** The worker's part (relay, queue, handlers) and the API's (webhook over HTTP) around one database, as in production. */
let world: BillingWorld;
let api: NestFastifyApplication;
let url: string;
let customerAtStripe: string;
let serial = 0;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/webhooks/stripe`;
  world = await billingWorld('2026-03-02T08:00:00Z', [BillingJobsModule], url);
  const { config, clock, module } = world.context;
  @Module({ imports: [PlatformModule.forRoot(config, clock), BillingHttpModule] })
  class Api {}
  api = await NestFactory.create<NestFastifyApplication>(Api, new FastifyAdapter(), { rawBody: true, logger: false });
  await api.listen(port, '127.0.0.1');
  await module.get(JobRunner).start(billingJobs as never[]);
  module.get(OutboxRelay).start();
});
afterAll(async () => {
  await api.close();
  await world.close();
});
afterEach(() => world.emulator.webhooks.release());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits for what jobs bring about; what never comes fails the test by its time limit. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const inState = (id: string, state: string) =>
  until(async () => {
    const statement = await world.statement(id);
    return statement.state === state && statement;
  });

/** A machine's two days of February, closed; gives the statement's id. */
async function closed(): Promise<string> {
  const machine = await world.machines.machine(`AC-${++serial}`);
  const contract = await world.contract([machine.asset.id], '2026-02-26T23:00:00Z');
  await world.commit(machine, world.run(machine, '2026-02-26T22:59:00Z', '2026-02-28T23:01:00Z'));
  const { statementId } = await world.context.module.get(ClosePeriod).run(everyCustomer, contract.id, '2026-02');
  return statementId;
}

const invoiceId = async (statementId: string): Promise<string> => {
  const { stripeInvoiceId } = await world.statement(statementId);
  if (!stripeInvoiceId) throw new Error('no invoice');
  return stripeInvoiceId;
};

/** Puts a test card on file, or takes it off. */
async function useCard(card: string): Promise<void> {
  const id = card && (await world.stripe.paymentMethods.attach(card, { customer: customerAtStripe })).id;
  await world.stripe.customers.update(customerAtStripe, { invoice_settings: { default_payment_method: id } });
}

const deliver = (body: string, headers: Record<string, string>) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const seconds = () => Math.floor(world.context.clock.now().getTime() / 1000);
const events = () => world.count('stripe_event');

describe('from a close to a paid invoice', () => {
  it('goes by itself: posted by the job, finalised, paid by the customer, told by the webhook', async () => {
    const id = await closed();
    const finalised = await inState(id, 'finalised');
    expect(finalised).toMatchObject({ total: '65.2600', stripeTotal: '65.2600' });
    const invoice = await world.stripe.invoices.retrieve(await invoiceId(id));
    expect(invoice.lines.data.map((l) => l.amount).sort()).toEqual([3_214, 3_312]);
    customerAtStripe = invoice.customer as string;

    await world.stripe.invoices.pay(invoice.id ?? '', { paid_out_of_band: true });
    const paid = await inState(id, 'paid');
    expect(paid.paidAt).not.toBeNull();
    expect(paid.stripeInvoiceNumber).toBe(invoice.number);
  });

  it('with a card on file is charged at once', async () => {
    await useCard('pm_card_visa');
    const id = await closed();
    await inState(id, 'paid');
    const invoice = await world.stripe.invoices.retrieve(await invoiceId(id));
    expect(invoice).toMatchObject({ status: 'paid', amount_paid: 6_526 });
  });

  it('follows a refused card, and the payment that comes after it', async () => {
    await useCard('pm_card_chargeCustomerFail');
    const id = await closed();
    await inState(id, 'payment_failed');
    await useCard('pm_card_visa');
    await world.stripe.invoices.pay(await invoiceId(id));
    await inState(id, 'paid');
  });

  it('follows an invoice that was given up, and one that was cancelled', async () => {
    await useCard('');
    const [lost, cancelled] = [await closed(), await closed()];
    await inState(lost, 'finalised');
    await inState(cancelled, 'finalised');
    await world.stripe.invoices.markUncollectible(await invoiceId(lost));
    await inState(lost, 'payment_failed');
    await world.stripe.invoices.voidInvoice(await invoiceId(cancelled));
    await inState(cancelled, 'void');
  });
});

describe('webhooks', () => {
  /** An open invoice of a statement. */
  async function open() {
    await useCard('');
    const id = await closed();
    await inState(id, 'finalised');
    await world.emulator.webhooks.settled();
    return { id, invoice: await invoiceId(id) };
  }

  it('in the wrong order end in the same state', async () => {
    const { id, invoice } = await open();
    world.emulator.webhooks.hold();
    await useCard('pm_card_chargeCustomerFail');
    await world.stripe.invoices.pay(invoice).catch(() => undefined);
    await useCard('pm_card_visa');
    await world.stripe.invoices.pay(invoice);
    world.emulator.webhooks.release('reverse');
    await world.emulator.webhooks.settled();
    await inState(id, 'paid');
    await processed();
    expect((await world.statement(id)).state).toBe('paid');
  });

  it('that come again are stored once and change nothing', async () => {
    const { id, invoice } = await open();
    await world.stripe.invoices.pay(invoice, { paid_out_of_band: true });
    await inState(id, 'paid');
    await processed();
    const before = await events();
    const [paid] = world.emulator
      .events('invoice.paid')
      .filter((e) => (e.data.object as Stripe.Invoice).id === invoice);
    for (let i = 0; i < 3; i += 1) world.emulator.webhooks.again(paid?.id ?? '');
    await world.emulator.webhooks.settled();
    expect(await events()).toBe(before);
  });

  it('that never came are found in the list of events', async () => {
    const { id, invoice } = await open();
    world.emulator.webhooks.hold();
    await world.stripe.invoices.pay(invoice, { paid_out_of_band: true });
    const receive = world.context.module.get(ReceiveStripeEvent);
    expect(await receive.fillGaps()).toBeGreaterThanOrEqual(1);
    await inState(id, 'paid');
    expect(await receive.fillGaps()).toBe(0);
  });

  it('are answered only when they are stored', async () => {
    const { id, invoice } = await open();
    await owner('alter table stripe_event rename to stripe_event_away');
    try {
      await world.stripe.invoices.pay(invoice, { paid_out_of_band: true });
      await until(async () => world.emulator.webhooks.deliveries().some((d) => d.answers.includes(500)));
    } finally {
      await owner('alter table stripe_event_away rename to stripe_event');
    }
    world.emulator.webhooks.retryNow();
    await inState(id, 'paid');
  });

  const forged = (of: string) =>
    JSON.stringify({ id: `evt_forged_${of}`, object: 'event', type: 'invoice.paid', data: {} });

  it.each<[string, (body: string) => Record<string, string>]>([
    ['no signature', () => ({})],
    ['an empty one', () => ({ 'stripe-signature': '' })],
    ['nonsense', () => ({ 'stripe-signature': 't=1,v1=00' })],
    ['another secret', (body) => ({ 'stripe-signature': signatureHeader(body, 'whsec_other', seconds()) })],
    ['the signature of another body', () => ({ 'stripe-signature': signatureHeader('{}', WEBHOOK_SECRET, seconds()) })],
    ['an old signature', (body) => ({ 'stripe-signature': signatureHeader(body, WEBHOOK_SECRET, seconds() - 301) })],
  ])('with %s are refused and leave nothing', async (what, headers) => {
    const before = await events();
    const body = forged(what.replaceAll(' ', '_'));
    const answer = await deliver(body, headers(body));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ received: false });
    expect(await events()).toBe(before);
  });

  it.each(['', 'not json', '[]', 'null', '{"id":1}', '{}'])('with the signed body %p change nothing', async (body) => {
    const before = await events();
    const answer = await deliver(body, { 'stripe-signature': signatureHeader(body, WEBHOOK_SECRET, seconds()) });
    expect(answer.status).toBe(400);
    expect(await events()).toBe(before);
  });

  it('about what is not ours are kept and move nothing', async () => {
    const stranger = await world.stripe.customers.create({ name: 'Somebody else' });
    const draft = await world.stripe.invoices.create({
      customer: stranger.id,
      pending_invoice_items_behavior: 'exclude',
    });
    await world.stripe.invoices.addLines(draft.id ?? '', { lines: [{ amount: 100, description: 'Theirs' }] });
    await world.stripe.invoices.finalizeInvoice(draft.id ?? '');
    await world.emulator.webhooks.settled();
    await processed();
    const [row] = await world.machines.rows<{ n: string }>(
      "select count(*) as n from stripe_event where type = 'customer.created' and payload->'data'->'object'->>'id' = ?",
      [stranger.id],
    );
    expect(Number(row?.n)).toBe(1);
    const known = await world.machines.rows('select 1 from statement where stripe_invoice_id = ?', [draft.id ?? '']);
    expect(known).toEqual([]);
  });

  it('about a copy of our invoice, with our mark on it, do not move the statement', async () => {
    const { id, invoice } = await open();
    const copy = await world.stripe.invoices.create({
      customer: customerAtStripe,
      pending_invoice_items_behavior: 'exclude',
      metadata: { throughline_statement: id },
    });
    await world.stripe.invoices.addLines(copy.id ?? '', { lines: [{ amount: 100, description: 'Copy' }] });
    await world.stripe.invoices.finalizeInvoice(copy.id ?? '');
    await world.stripe.invoices.pay(copy.id ?? '', { paid_out_of_band: true });
    await world.emulator.webhooks.settled();
    await processed();
    expect(await world.statement(id)).toMatchObject({ state: 'finalised', stripeInvoiceId: invoice });
  });

  /** Every followed event that is stored was acted on. */
  const processed = () =>
    until(async () => {
      const [row] = await world.machines.rows<{ n: string }>(
        `select count(*) as n from stripe_event where processed_at is null
         and type in ('invoice.finalized', 'invoice.paid', 'invoice.payment_failed', 'invoice.voided', 'invoice.marked_uncollectible')`,
      );
      return Number(row?.n) === 0;
    });

  /** As the owner of the tables: the application may not change them. */
  const owner = (sql: string) => world.context.database.pool.query(sql);
});
