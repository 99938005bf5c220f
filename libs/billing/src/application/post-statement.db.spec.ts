import { setTimeout as sleep } from 'node:timers/promises';
import { Directory } from '@throughline/identity';
import { Clock, Money, newId } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import type { Fault } from '@throughline/stripe-emulator';
import type Stripe from 'stripe';
import { type BillingWorld, billingWorld } from '../../test/billing-world.js';
import { dyingConnection } from '../../test/dying-connection.js';
import { StripeClient } from '../outbound/stripe.client.js';
import { BillingAccountStore } from '../storage/billing-account.store.js';
import { StatementStore } from '../storage/statement.store.js';
import { FollowInvoice } from './follow-invoice.js';
import { PostStatement } from './post-statement.js';
import { ResumePostings } from './resume-postings.js';

let world: BillingWorld;
let post: PostStatement;
let contractId: string;
let serial = 0;

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
  const { asset } = await world.machines.machine('AC-1');
  contractId = (await world.contract([asset.id], '2020-01-01T00:00:00Z')).id;
  post = postWith(300);
});
afterAll(() => world.close());
afterEach(() => world.emulator.mend());

/** As the module makes it, but for where Stripe is and how long its answer is waited for. */
function postWith(timeoutMs: number, apiBase = world.emulator.url): PostStatement {
  const { module, config } = world.context;
  const settings = config.stripe && { ...config.stripe, apiBase };
  return new PostStatement(
    module.get(Database),
    module.get(StatementStore),
    module.get(BillingAccountStore),
    module.get(Directory),
    module.get(FollowInvoice),
    new StripeClient(settings, timeoutMs),
    module.get(Clock),
    module.get(Logger),
  );
}

/** A rated statement of these amounts, as a close leaves it; each of another month. */
async function rated(...cents: number[]): Promise<string> {
  serial += 1;
  const from = Date.UTC(2020, serial, 1);
  const period = { from, to: from + 1_000 };
  const { module, database, clock } = world.context;
  const statement = await database.transaction(everyCustomer, (em) =>
    module.get(StatementStore).create(
      em,
      {
        kind: 'month',
        number: `HF-1/${serial}`,
        contractId,
        customerId: world.machines.customerId,
        period,
        storedBefore: clock.now(),
        currency: 'EUR',
        received: { counts: {}, share: null },
        stays: [],
        lines: cents.map((minor, i) => ({
          chargeKey: i % 2 === 0 ? 'base_fee' : 'output',
          kind: 'usage',
          description: `Line ${i + 1}`,
          amount: Money.fromMinor(minor, 'EUR'),
          period,
          explanation: [],
        })),
      },
      clock.now(),
    ),
  );
  return statement.id;
}

const invoicesOf = async (statementId: string): Promise<Stripe.Invoice[]> =>
  (await world.stripe.invoices.list({ limit: 100 })).data.filter(
    (invoice) => invoice.metadata?.throughline_statement === statementId,
  );

const linesOf = async (invoiceId: string): Promise<Stripe.InvoiceLineItem[]> => {
  const lines: Stripe.InvoiceLineItem[] = [];
  for await (const line of world.stripe.invoices.listLineItems(invoiceId, { limit: 100 })) lines.push(line);
  return lines;
};

/** Exactly one invoice at Stripe, with each line once and the statement's total, and out of the house. */
async function postedOnce(statementId: string): Promise<Stripe.Invoice> {
  const invoices = await invoicesOf(statementId);
  expect(invoices).toHaveLength(1);
  const [invoice] = invoices as [Stripe.Invoice];
  const ours = await world.lines(statementId);
  const theirs = await linesOf(invoice.id ?? '');
  expect(theirs.map((l) => [l.metadata.throughline_line, l.amount]).sort()).toEqual(
    ours.map((l) => [l.id, Math.round(Number(l.amount) * 100)]).sort(),
  );
  const statement = await world.statement(statementId);
  expect(Number(statement.stripeTotal)).toBe(Number(statement.total));
  expect(statement.stripeInvoiceId).toBe(invoice.id);
  expect(['finalised', 'paid']).toContain(statement.state);
  expect(['open', 'paid']).toContain(invoice.status);
  return invoice;
}

const failed = { code: 'PAYMENT_PROVIDER_FAILED' };
const stateOf = async (id: string) => (await world.statement(id)).state;

describe('posting a statement', () => {
  it('brings its lines to one invoice, and finalises it when the totals agree', async () => {
    const id = await rated(45_000, 12_345, -2_250);
    await post.run(id);
    const invoice = await postedOnce(id);
    expect(invoice).toMatchObject({
      subtotal: 55_095,
      currency: 'eur',
      description: `Statement HF-1/${serial}`,
      // Nothing is on file to charge, so the customer gets the invoice.
      collection_method: 'send_invoice',
    });
    expect(await world.statement(id)).toMatchObject({
      state: 'finalised',
      stripeInvoiceNumber: invoice.number,
      hostedInvoiceUrl: invoice.hosted_invoice_url,
    });
  });

  it('does nothing when it is done', async () => {
    const id = await rated(100);
    await post.run(id);
    const before = world.emulator.requests().length;
    await post.run(id);
    expect(world.emulator.requests().length).toBe(before);
  });

  it('makes one customer at Stripe, however many statements', async () => {
    await post.run(await rated(100));
    await post.run(await rated(100));
    const { data } = await world.stripe.customers.list({ limit: 100 });
    expect(data.map((customer) => customer.metadata.throughline_customer)).toEqual([world.machines.customerId]);
  });

  it('charges the payment method on file', async () => {
    const [customer] = (await world.stripe.customers.list()).data as [Stripe.Customer];
    const method = await world.stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    const set = (id: string) =>
      world.stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: id } });
    await set(method.id);
    const id = await rated(7_700);
    await post.run(id);
    expect(await postedOnce(id)).toMatchObject({ collection_method: 'charge_automatically' });
    await set('');
  });

  it('of a negative total leaves a credit with the customer and owes nothing', async () => {
    const id = await rated(1_000, -2_500);
    await post.run(id);
    expect(await postedOnce(id)).toMatchObject({ total: -1_500, amount_due: 0, status: 'paid' });
    expect(await stateOf(id)).toBe('paid');
    const [customer] = (await world.stripe.customers.list()).data as [Stripe.Customer];
    expect(customer.balance).toBe(-1_500);
    await world.stripe.customers.createBalanceTransaction(customer.id, { amount: 1_500, currency: 'eur' });
  });

  it('without lines needs no invoice', async () => {
    const id = await rated();
    const before = world.emulator.requests().length;
    await post.run(id);
    expect(await stateOf(id)).toBe('paid');
    expect(world.emulator.requests().length).toBe(before);
  });

  it('with more lines than an invoice takes sums them by charge', async () => {
    const id = await rated(...Array.from({ length: 300 }, (_, i) => i));
    await post.run(id);
    const [invoice] = (await invoicesOf(id)) as [Stripe.Invoice];
    expect(invoice.subtotal).toBe((299 * 300) / 2);
    expect((await linesOf(invoice.id ?? '')).map((l) => l.description).sort()).toEqual([
      'Line 1 (and 149 more, see the statement)',
      'Line 2 (and 149 more, see the statement)',
    ]);
    expect(await stateOf(id)).toBe('finalised');
  });

  it('of a statement that is not there says so', async () => {
    await expect(post.run(newId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('posting that is cut short', () => {
  const steps = [
    ['the customer', '/v1/customers'],
    ['the draft', '/v1/invoices'],
    ['the lines', /add_lines$/],
    ['finalising', /finalize$/],
  ] as const;
  const faults: [string, Omit<Fault, 'path'>][] = [
    ['the answer is lost after the effect', { kind: 'timeout', effect: true }],
    ['the connection breaks after the effect', { kind: 'reset', effect: true }],
    ['the connection breaks before it', { kind: 'reset' }],
    ['an error is answered for a day, and it had its effect', { kind: 'server_error', effect: true }],
    ['an error is answered for a day, without effect', { kind: 'server_error' }],
    ['Stripe is unavailable', { kind: 'unavailable' }],
    ['there are too many requests', { kind: 'rate_limit' }],
  ];
  const matrix = steps.flatMap(([step, path]) =>
    faults.map(([what, fault]) => [step, what, { ...fault, path }] as const),
  );

  /** Stripe knows nothing of the customer any more, nor of earlier keys. */
  async function newCustomer(): Promise<void> {
    await world.machines.rows('delete from billing_account');
    await world.emulator.advance(2 * 86_400);
  }

  /** A run that ends early; a broken connection may be repeated within the run, which is as good. */
  async function cutShort(id: string): Promise<void> {
    const outcome = await post.run(id).catch((error: unknown) => error);
    if (outcome === undefined) return;
    expect(outcome).toMatchObject(failed);
    expect(['rated', 'drafted']).toContain(await stateOf(id));
  }

  it.each(matrix)('at %s, because %s, is completed by the next run', async (_step, _what, fault) => {
    await newCustomer();
    const id = await rated(45_000, 12_345, -2_250);
    const before = world.emulator.requests().length;
    world.emulator.fail({ ...fault, method: 'POST' });
    await cutShort(id);
    const met = world.emulator
      .requests()
      .slice(before)
      .filter((request) => request.fault !== null);
    expect(met.map((request) => request.fault)).toEqual([fault.kind]);
    await post.run(id);
    await postedOnce(id);
  });

  it.each([
    ['before', false],
    ['after', true],
  ])(
    'because the process is killed %s any of its requests reached Stripe, is completed by the next run',
    async (_when, reaches) => {
      let n = 0;
      for (let completed = false; !completed && n < 30; n += 1) {
        await newCustomer();
        const id = await rated(100 + n, 50);
        const connection = await dyingConnection(world.emulator.url, n, reaches);
        await postWith(300, connection.url)
          .run(id)
          .catch(() => undefined);
        completed = connection.served() === n;
        await connection.close();
        await post.run(id);
        await postedOnce(id);
      }
      // So many requests are one posting.
      expect(n).toBeGreaterThan(8);
      expect(n).toBeLessThan(30);
    },
  );

  it('by an outage of many runs is completed when it is over', async () => {
    const id = await rated(45_000, 12_345);
    world.emulator.fail({ kind: 'server_error', method: 'POST', path: /add_lines$/, times: 5 });
    let runs = 1;
    for (; (await stateOf(id)) !== 'finalised' && runs < 12; runs += 1) await cutShort(id);
    expect(runs).toBeGreaterThan(3);
    await postedOnce(id);
  });

  it('is completed a day later, when Stripe has forgotten the keys', async () => {
    const id = await rated(45_000, 12_345);
    world.emulator.fail({ kind: 'timeout', effect: true, method: 'POST', path: '/v1/invoices' });
    await expect(post.run(id)).rejects.toMatchObject(failed);
    expect(await invoicesOf(id)).toHaveLength(1);
    await world.emulator.advance(2 * 86_400);
    await post.run(id);
    await postedOnce(id);
  });

  it('is taken up again after an hour, but not what waits for a person', async () => {
    const { module, clock } = world.context;
    const fresh = await rated(1);
    const resume = module.get(ResumePostings);
    const asked = async () =>
      (
        await world.machines.rows<{ id: string }>(
          "select payload->>'statementId' as id from outbox where name = 'billing.statement-rated'",
        )
      ).map((r) => r.id);
    await resume.run();
    expect(await asked()).not.toContain(fresh);
    clock.advance(3_601_000);
    const differs = await rated(2);
    await world.machines.rows("update statement set state = 'totals_differ', created_at = '2026-01-01' where id = ?", [
      differs,
    ]);
    await resume.run();
    expect(await asked()).toContain(fresh);
    expect(await asked()).not.toContain(differs);
  });
});

describe('posting of as many lines as an invoice takes', () => {
  it('brings all in three calls, and completes what was killed between any of them', async () => {
    const cents = Array.from({ length: 250 }, (_, i) => (i % 7 === 0 ? -i : i));
    for (const answers of [5, 6, 7, 8, 9]) {
      const id = await rated(...cents);
      const connection = await dyingConnection(world.emulator.url, answers, true);
      await postWith(2_000, connection.url)
        .run(id)
        .catch(() => undefined);
      await connection.close();
      await postWith(2_000).run(id);
      const invoice = await postedOnce(id);
      expect(invoice.subtotal).toBe(cents.reduce((a, b) => a + b, 0));
    }
  }, 120_000);
});

describe('two postings at once', () => {
  it('make one invoice with each line once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await world.machines.rows('delete from billing_account');
      const id = await rated(...Array.from({ length: 230 }, (_, i) => i + round));
      const runs = await Promise.allSettled([post.run(id), post.run(id), sleep(round * 5).then(() => post.run(id))]);
      // One may be told that the other is at it; then it is tried again.
      for (const run of runs) if (run.status === 'rejected') expect(run.reason).toMatchObject(failed);
      await post.run(id);
      await postedOnce(id);
    }
  });
});

describe('totals that differ', () => {
  /** A draft with all lines that was not finalised yet. */
  async function drafted() {
    const id = await rated(45_000, 12_345);
    world.emulator.fail({ kind: 'unavailable', method: 'POST', path: /finalize$/ });
    await expect(post.run(id)).rejects.toMatchObject(failed);
    const [invoice] = (await invoicesOf(id)) as [Stripe.Invoice];
    return { id, invoiceId: invoice.id ?? '' };
  }
  const addByHand = (invoiceId: string, ...amounts: number[]) =>
    world.stripe.invoices.addLines(invoiceId, { lines: amounts.map((amount) => ({ amount, description: 'By hand' })) });

  it('keep the invoice a draft until a person put it right', async () => {
    const { id, invoiceId } = await drafted();
    await addByHand(invoiceId, 500);
    await expect(post.run(id)).rejects.toMatchObject({
      code: 'TOTALS_DIFFER',
      message: expect.stringContaining('573.45 EUR in 2 lines and its invoice 578.45 EUR in 3 lines'),
    });
    expect(await stateOf(id)).toBe('totals_differ');
    expect((await world.stripe.invoices.retrieve(invoiceId)).status).toBe('draft');

    const theirs = await linesOf(invoiceId);
    const strange = theirs
      .filter((l) => l.description === 'By hand')
      .map((l) => ({ id: l.id, behavior: 'delete' as const }));
    await world.stripe.invoices.removeLines(invoiceId, { lines: strange });
    await post.run(id);
    await postedOnce(id);
  });

  it('are seen in the lines even where the sum is the same', async () => {
    const { id, invoiceId } = await drafted();
    await addByHand(invoiceId, 500, -500);
    await expect(post.run(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    expect((await world.stripe.invoices.retrieve(invoiceId)).status).toBe('draft');
  });

  it('are seen when somebody changed one of our lines', async () => {
    const { id, invoiceId } = await drafted();
    const [first] = (await linesOf(invoiceId)) as [Stripe.InvoiceLineItem];
    await world.stripe.invoices.updateLineItem(invoiceId, first.id, { amount: 1 });
    await expect(post.run(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    expect(await stateOf(id)).toBe('totals_differ');
  });

  it('are seen when somebody finalised another total by hand, and the statement follows what was done', async () => {
    const { id, invoiceId } = await drafted();
    await addByHand(invoiceId, 500);
    await world.stripe.invoices.finalizeInvoice(invoiceId);
    await expect(post.run(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    expect(await world.statement(id)).toMatchObject({
      state: 'totals_differ',
      stripeTotal: '578.4500',
      total: '573.4500',
    });
  });
});
