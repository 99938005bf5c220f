import { Directory } from '@throughline/identity';
import { Clock, Money } from '@throughline/kernel';
import { Database, everyCustomer, Logger } from '@throughline/platform';
import type { Fault, FaultKind } from '@throughline/stripe-emulator';
import fc from 'fast-check';
import type Stripe from 'stripe';
import { type BillingWorld, billingWorld } from '../../test/billing-world.js';
import type { ProviderInvoice } from '../outbound/payment-provider.js';
import { StripeClient } from '../outbound/stripe.client.js';
import { BillingAccountStore } from '../storage/billing-account.store.js';
import { StatementStore } from '../storage/statement.store.js';
import { ClosePeriod } from './close-period.js';
import { FollowInvoice } from './follow-invoice.js';
import { PostStatement } from './post-statement.js';
import { ReceiveStripeEvent } from './receive-stripe-event.js';
import { ResumePostings } from './resume-postings.js';

/** What people do to our invoices and customers in Stripe's own pages, at the worst moments. */
let world: BillingWorld;
let contractId: string;
let serial = 0;

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
  const { asset } = await world.machines.machine('AC-1');
  contractId = (await world.contract([asset.id], '2020-01-01T00:00:00Z')).id;
});
afterAll(() => world.close());
afterEach(() => world.emulator.mend());

/** Stripe as the module meets it, with a moment between comparing and finalising. */
class Between extends StripeClient {
  before: ((invoiceId: string) => Promise<unknown>) | undefined;

  override async finalise(invoiceId: string, statementId: string): Promise<ProviderInvoice> {
    await this.before?.(invoiceId);
    return super.finalise(invoiceId, statementId);
  }
}

const provider = () => {
  const { stripe } = world.context.config;
  return new Between(stripe && { ...stripe, apiBase: world.emulator.url }, 400);
};

function postWith(client: StripeClient): PostStatement {
  const { module } = world.context;
  return new PostStatement(
    module.get(Database),
    module.get(StatementStore),
    module.get(BillingAccountStore),
    module.get(Directory),
    module.get(FollowInvoice),
    client,
    module.get(Clock),
    module.get(Logger),
  );
}
const post = (id: string): Promise<void> => postWith(provider()).run(id);

/** A rated statement of these amounts, each of another month. */
async function rated(amounts: readonly string[], currency = 'EUR'): Promise<string> {
  serial += 1;
  const from = Date.UTC(2020, serial, 1);
  const period = { from, to: from + 1_000 };
  const { module, database, clock } = world.context;
  const { id } = await database.transaction(everyCustomer, (em) =>
    module.get(StatementStore).create(
      em,
      {
        kind: 'month',
        number: `HF-H/${serial}`,
        contractId,
        customerId: world.machines.customerId,
        period,
        storedBefore: clock.now(),
        currency,
        received: { counts: {}, share: null },
        stays: [],
        lines: amounts.map((amount, i) => ({
          chargeKey: `charge_${i}`,
          kind: 'usage',
          description: `Line ${i + 1}`,
          amount: Money.of(amount, currency),
          period,
          explanation: [],
        })),
      },
      clock.now(),
    ),
  );
  return id;
}

/** With all its lines on a draft that could not be finalised yet. */
async function drafted(...amounts: string[]): Promise<{ id: string; invoiceId: string }> {
  const id = await rated(amounts.length > 0 ? amounts : ['450.00', '123.45']);
  world.emulator.fail({ kind: 'unavailable', method: 'POST', path: /finalize$/ });
  await expect(post(id)).rejects.toMatchObject({ code: 'PAYMENT_PROVIDER_FAILED' });
  return { id, invoiceId: (await world.statement(id)).stripeInvoiceId ?? '' };
}

const invoicesOf = async (statementId: string): Promise<Stripe.Invoice[]> => {
  const found: Stripe.Invoice[] = [];
  for await (const invoice of world.stripe.invoices.list({ limit: 100 }))
    if (invoice.metadata?.throughline_statement === statementId) found.push(invoice);
  return found;
};
const add = (invoiceId: string, ...amounts: number[]) =>
  world.stripe.invoices.addLines(invoiceId, { lines: amounts.map((amount) => ({ amount, description: 'By hand' })) });
const asked = async () =>
  (
    await world.machines.rows<{ id: string }>(
      "select payload->>'statementId' as id from outbox where name = 'billing.statement-rated'",
    )
  ).map((row) => row.id);

describe('a draft that somebody deleted at Stripe', () => {
  it('is not made again behind that person’s back: the statement waits, and is left alone by what resumes postings', async () => {
    const { id, invoiceId } = await drafted();
    await world.stripe.invoices.del(invoiceId);
    await post(id);
    expect(await world.statement(id)).toMatchObject({ state: 'totals_differ', stripeTotal: null });
    expect(await invoicesOf(id)).toEqual([]);
    world.context.clock.advance(2 * 3_600_000);
    await world.context.module.get(ResumePostings).run();
    expect(await asked()).not.toContain(id);
    const moves = await world.machines.rows<{ state: string }>(
      "select payload->>'state' as state from outbox where name = 'billing.statement-moved' and payload->>'statementId' = ? order by id",
      [id],
    );
    expect(moves.map((move) => move.state)).toEqual(['drafted', 'totals_differ']);
  });

  it('gets a successor with each line once when the month is closed again, though Stripe still knows the old key', async () => {
    const { id, invoiceId } = await drafted('450.00', '123.45', '-22.50');
    await world.stripe.invoices.del(invoiceId);
    await post(id);
    await post(id);
    const [invoice, ...more] = await invoicesOf(id);
    expect(more).toEqual([]);
    expect(invoice).toMatchObject({ status: 'open', subtotal: 55_095 });
    expect(invoice?.id).not.toBe(invoiceId);
    expect(invoice?.lines.data.map((line) => line.amount).sort()).toEqual([-2_250, 12_345, 45_000]);
    expect(await world.statement(id)).toMatchObject({ state: 'finalised', stripeInvoiceId: invoice?.id });
  });

  it('may be deleted twice, and after a line was added by hand', async () => {
    const { id, invoiceId } = await drafted();
    await add(invoiceId, 500);
    await expect(post(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    await world.stripe.invoices.del(invoiceId);
    // A person already looked: closing the month again asks for a new draft at once.
    world.emulator.fail({ kind: 'unavailable', method: 'POST', path: /finalize$/ });
    await expect(post(id)).rejects.toMatchObject({ code: 'PAYMENT_PROVIDER_FAILED' });
    const second = (await world.statement(id)).stripeInvoiceId ?? '';
    expect(second).not.toBe(invoiceId);
    await world.stripe.invoices.del(second);
    await post(id);
    await post(id);
    const invoices = await invoicesOf(id);
    expect(invoices.map((invoice) => [invoice.status, invoice.subtotal])).toEqual([['open', 57_345]]);
  });

  it('is seen when it goes while its lines are brought: the next run says so', async () => {
    const { id, invoiceId } = await drafted();
    const client = provider();
    client.before = (draft) => world.stripe.invoices.del(draft);
    await expect(postWith(client).run(id)).rejects.toMatchObject({ code: 'PAYMENT_PROVIDER_FAILED' });
    expect((await world.statement(id)).state).toBe('drafted');
    await post(id);
    expect(await world.statement(id)).toMatchObject({ state: 'totals_differ', stripeInvoiceId: invoiceId });
  });
});

describe('a customer that somebody deleted at Stripe', () => {
  it('is made anew, once, and the next statements go to it', async () => {
    await post(await rated(['1.00']));
    const refs = () => world.machines.rows<{ ref: string }>('select stripe_customer_id as ref from billing_account');
    const [before] = await refs();
    await world.stripe.customers.del(before?.ref ?? '');
    const ids = [await rated(['2.00']), await rated(['3.00'])];
    for (const id of ids) await post(id);
    const [after, ...more] = await refs();
    expect(more).toEqual([]);
    expect(after?.ref).not.toBe(before?.ref);
    for (const id of ids) {
      const [invoice] = await invoicesOf(id);
      expect([invoice?.customer, invoice?.status]).toEqual([after?.ref, 'open']);
      expect((await world.statement(id)).state).toBe('finalised');
    }
  });

  it('and one that Stripe never had is no reason to make another: the keys may be of another account', async () => {
    const [before] = await world.machines.rows<{ ref: string }>(
      'select stripe_customer_id as ref from billing_account',
    );
    await world.machines.rows("update billing_account set stripe_customer_id = 'cus_of_another_account'");
    const id = await rated(['4.00']);
    await expect(post(id)).rejects.toMatchObject({ code: 'PAYMENT_PROVIDER_FAILED' });
    expect((await world.statement(id)).state).toBe('rated');
    await world.machines.rows('update billing_account set stripe_customer_id = ?', [before?.ref]);
    await post(id);
    expect((await world.statement(id)).state).toBe('finalised');
  });
});

describe('a line that somebody adds between comparing and finalising', () => {
  it('is seen although the invoice is out, and stays seen when Stripe’s news come', async () => {
    const id = await rated(['450.00', '123.45']);
    const client = provider();
    client.before = (invoiceId) => add(invoiceId, 500);
    await expect(postWith(client).run(id)).rejects.toMatchObject({
      code: 'TOTALS_DIFFER',
      message: expect.stringContaining('573.45 EUR in 2 lines and its invoice 578.45 EUR in 3 lines'),
    });
    const [invoice] = await invoicesOf(id);
    expect(invoice).toMatchObject({ status: 'open', subtotal: 57_845 });
    const facts = { state: 'totals_differ', total: '573.4500', stripeTotal: '578.4500' };
    expect(await world.statement(id)).toMatchObject(facts);

    // "invoice.finalized" comes late; a repeated posting neither hides the difference nor adds to the invoice.
    await world.context.module.get(ReceiveStripeEvent).fillGaps();
    const { database, module } = world.context;
    const known = await client.invoice(invoice?.id ?? '');
    if (!known) throw new Error('the invoice is there');
    await database.transaction(everyCustomer, (em) => module.get(FollowInvoice).follow(em, id, known, 'finalised'));
    await expect(post(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    expect(await world.statement(id)).toMatchObject(facts);
    expect((await invoicesOf(id)).map((one) => one.subtotal)).toEqual([57_845]);
  });

  it('and takes nothing away is seen too: the sum alone does not tell', async () => {
    const id = await rated(['10.00']);
    const client = provider();
    client.before = (invoiceId) => add(invoiceId, 500, -500);
    await expect(postWith(client).run(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    expect(await world.statement(id)).toMatchObject({
      state: 'totals_differ',
      total: '10.0000',
      stripeTotal: '10.0000',
    });
  });

  it('lets the statement follow the payment of what went out', async () => {
    const id = await rated(['10.00']);
    const client = provider();
    client.before = (invoiceId) => add(invoiceId, 100);
    await expect(postWith(client).run(id)).rejects.toMatchObject({ code: 'TOTALS_DIFFER' });
    const [invoice] = await invoicesOf(id);
    await world.stripe.invoices.pay(invoice?.id ?? '', { paid_out_of_band: true });
    const known = await client.invoice(invoice?.id ?? '');
    if (!known) throw new Error('the invoice is there');
    const { database, module } = world.context;
    await database.transaction(everyCustomer, (em) => module.get(FollowInvoice).follow(em, id, known, 'paid'));
    expect(await world.statement(id)).toMatchObject({ state: 'paid', total: '10.0000', stripeTotal: '11.0000' });
  });
});

describe('an invoice that somebody voided', () => {
  it('ends its statement: nothing is posted again, closing the month again books nothing, and its lines stay to be read', async () => {
    const id = await rated(['10.00']);
    await post(id);
    const [invoice] = await invoicesOf(id);
    const voided = await world.stripe.invoices.voidInvoice(invoice?.id ?? '');
    const { database, module } = world.context;
    const known = await provider().invoice(voided.id ?? '');
    if (!known) throw new Error('the invoice is there');
    await database.transaction(everyCustomer, (em) => module.get(FollowInvoice).follow(em, id, known, 'void'));
    expect((await world.statement(id)).state).toBe('void');
    const before = world.emulator.requests().length;
    await post(id);
    expect(world.emulator.requests().length).toBe(before);
    // The month has a statement, which is void: a second one would bill what a person cancelled.
    const at = new Date(Date.UTC(2020, serial, 15)).toISOString().slice(0, 7);
    await world.machines.rows(
      "update statement set period_from = date_trunc('month', period_from at time zone 'Europe/Amsterdam') at time zone 'Europe/Amsterdam' where id = ?",
      [id],
    );
    expect(await module.get(ClosePeriod).run(everyCustomer, contractId, at)).toEqual({
      statementId: id,
      changed: false,
    });
    expect(await asked()).not.toContain(id);
    expect((await world.lines(id)).map((line) => Number(line.amount))).toEqual([10]);
  });
});

describe('currencies with rules of their own', () => {
  it.each([
    ['ISK', ['450', '1'], 45_100],
    ['UGX', ['12500', '-500'], 1_200_000],
    ['KWD', ['33.330', '0.010'], 33_340],
    ['JPY', ['999', '-50'], 949],
  ])('%s reaches Stripe in the units that it takes, and the totals agree', async (currency, amounts, subtotal) => {
    // Stripe's customers have one currency for good.
    await world.machines.rows('delete from billing_account');
    await world.emulator.advance(2 * 86_400);
    const id = await rated(amounts, currency);
    await post(id);
    const [invoice] = await invoicesOf(id);
    expect(invoice).toMatchObject({ currency: currency.toLowerCase(), subtotal, status: 'open' });
    const { state, total, stripeTotal } = await world.statement(id);
    expect([state, Number(stripeTotal)]).toEqual(['finalised', Number(total)]);
    await world.machines.rows('delete from billing_account');
    await world.emulator.advance(2 * 86_400);
  });
});

describe('any run of faults and hands', () => {
  const kinds: FaultKind[] = ['timeout', 'reset', 'server_error', 'unavailable', 'rate_limit', 'lock_timeout'];
  const places = ['/v1/customers', '/v1/invoices', /add_lines$/, /finalize$/] as const;
  const happening = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({
          kind: fc.constantFrom(...kinds),
          effect: fc.boolean(),
          times: fc.integer({ min: 1, max: 2 }),
          path: fc.constantFrom(...places),
        })
        .map(({ kind, effect, ...rest }): Fault => {
          const may = kind === 'timeout' || kind === 'reset' || kind === 'server_error';
          return { kind, ...rest, method: 'POST', ...(may && { effect }) };
        }),
    },
    { weight: 2, arbitrary: fc.constant('draft deleted' as const) },
    { weight: 1, arbitrary: fc.constant('a day goes by' as const) },
  );
  const story = fc.record({
    cents: fc.array(fc.integer({ min: -3_000, max: 9_000 }), { minLength: 1, maxLength: 6 }),
    happenings: fc.array(happening, { minLength: 1, maxLength: 4 }),
  });

  it('ends with one invoice that has each line once and the statement’s total', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ cents, happenings }) => {
        const id = await rated(cents.map((n) => Money.fromMinor(n, 'EUR').toString()));
        for (const now of happenings) {
          if (now === 'a day goes by') await world.emulator.advance(86_401);
          else if (now === 'draft deleted') {
            for (const { id: invoiceId, status } of await invoicesOf(id))
              if (status === 'draft') await world.stripe.invoices.del(invoiceId ?? '');
          } else world.emulator.fail(now);
          await post(id).catch((error: unknown) => expect(error).toMatchObject({ code: 'PAYMENT_PROVIDER_FAILED' }));
        }
        world.emulator.mend();
        // A run that finds the draft deleted, and the one that a person asks for then.
        for (let run = 0; run < 3; run += 1) await post(id);
        const [invoice, ...more] = await invoicesOf(id);
        expect(more).toEqual([]);
        const ours = (await world.lines(id)).map((line) => [line.id, Math.round(Number(line.amount) * 100)]);
        const theirs = invoice?.lines.data.map((line) => [line.metadata.throughline_line, line.amount]);
        expect(theirs?.sort()).toEqual(ours.sort());
        const statement = await world.statement(id);
        expect(statement.stripeInvoiceId).toBe(invoice?.id);
        expect(['finalised', 'paid']).toContain(statement.state);
        expect(Number(statement.stripeTotal)).toBe(Number(statement.total));
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});
