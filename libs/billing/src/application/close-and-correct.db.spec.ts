import { type Contract, EndContract } from '@throughline/contracts';
import { Decimal, monthInterval } from '@throughline/kernel';
import { everyCustomer } from '@throughline/platform';
import fc from 'fast-check';
import type Stripe from 'stripe';
import type { TestMessage } from '../../../../test/support/machines.js';
import { type BillingWorld, billingWorld, type Machine } from '../../test/billing-world.js';
import { StatementStore } from '../storage/statement.store.js';
import { ClosePeriod } from './close-period.js';
import { PostStatement } from './post-statement.js';
import { RatingInputs } from './rating-inputs.js';
import { SettleContract } from './settle-contract.js';

/**
 * Three months of two machines whose messages come in any order, some of them after their month was closed, with a Stripe that
 * fails, and perhaps an end that is agreed too late. Whatever happens, what is booked is what the months are worth, and what
 * Stripe has is what is booked.
 */
const months = ['2026-02', '2026-03', '2026-04'] as const;
const closes = ['2026-03-02T08:00:00Z', '2026-04-02T08:00:00Z', '2026-05-02T08:00:00Z'] as const;
const zone = 'Europe/Amsterdam';
const begin = Date.parse('2026-02-20T00:00:00Z');
const DAY = 86_400_000;

let world: BillingWorld;
let serial = 0;
const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get(type);

beforeAll(async () => {
  world = await billingWorld(closes[0]);
});
afterAll(() => world.close());

const told = fc.record({
  machine: fc.constantFrom(0, 1),
  /** Hours since the message before; a day has 24, so three months are crossed by most lives. */
  hours: fc.integer({ min: 1, max: 90 }),
  minutes: fc.integer({ min: 0, max: 59 }),
  added: fc.integer({ min: 0, max: 9_000 }),
  state: fc.constantFrom(2, 2, 2, 4, 5),
  /** Comes so many closes late. */
  late: fc.constantFrom(0, 0, 0, 1, 2),
});
const fault = fc.record({
  kind: fc.constantFrom('reset' as const, 'server_error' as const),
  effect: fc.boolean(),
  path: fc.constantFrom(/invoices$/, /add_lines$/, /finalize$/),
});
const story = fc.record({
  messages: fc.array(told, { minLength: 6, maxLength: 35 }),
  faults: fc.array(fault, { minLength: 3, maxLength: 3 }),
  /** Day of March on which the contract turns out to have ended, known in May. */
  ended: fc.option(fc.integer({ min: 2, max: 28 })),
});

function lives(list: readonly (typeof told extends fc.Arbitrary<infer T> ? T : never)[], machines: readonly Machine[]) {
  const now = machines.map(() => ({ ts: begin, seq: 0, output: 1_000 }));
  return list.flatMap((m) => {
    const [life, device] = [now[m.machine], machines[m.machine]?.device];
    if (!life || !device) return [];
    life.ts += (m.hours * 60 + m.minutes) * 60_000;
    life.seq += 1;
    life.output += m.added;
    const due = closes.findIndex((at) => life.ts < Date.parse(at));
    if (due < 0) return [];
    const { ts, seq, output } = life;
    const message: TestMessage = { deviceId: device.id, boot: 1, seq, ts, state: m.state, output };
    return [{ machine: m.machine, message, batch: Math.min(due + m.late, closes.length - 1) }];
  });
}

/** Posts under a fault, and again without, as the queue does. */
async function post(statementId: string, given: (typeof fault extends fc.Arbitrary<infer T> ? T : never) | undefined) {
  if (given) world.emulator.fail({ ...given, method: 'POST' });
  await get(PostStatement)
    .run(statementId)
    .catch((error: unknown) => expect(error).toMatchObject({ code: 'PAYMENT_PROVIDER_FAILED' }));
  world.emulator.mend();
  await get(PostStatement).run(statementId);
}

/** Charge and asset → amount, nothing left out but zeros. */
function sums(lines: readonly { chargeKey: string; assetId?: string | null; amount: { toString(): string } }[]) {
  const found = new Map<string, Decimal>();
  for (const { chargeKey, assetId, amount } of lines) {
    const key = `${chargeKey} ${assetId ?? ''}`;
    found.set(key, (found.get(key) ?? new Decimal(0)).plus(amount.toString()));
  }
  return Object.fromEntries([...found].filter(([, n]) => !n.isZero()).map(([key, n]) => [key, n.toFixed(2)]));
}

async function bookedIsWorth(contract: Contract): Promise<void> {
  for (const month of months) {
    const period = monthInterval(month, zone);
    const worth = await get(RatingInputs).rated(everyCustomer, contract, period);
    const booked = await world.context.database.read(everyCustomer, (em) =>
      get(StatementStore).booked(em, contract.id, period, 'EUR'),
    );
    expect({ month, ...sums(booked.map((line) => ({ ...line, amount: line.amount.amount }))) }).toEqual({
      month,
      ...sums(worth.map((line) => ({ ...line, amount: line.amount.amount }))),
    });
  }
}

async function stripeHasWhatIsBooked(ids: readonly string[]): Promise<void> {
  const invoices: Stripe.Invoice[] = [];
  for await (const invoice of world.stripe.invoices.list({ limit: 100 })) invoices.push(invoice);
  const seen = new Set<string>();
  for (const id of ids) {
    const lines = await world.lines(id);
    const own = invoices.filter((invoice) => invoice.metadata?.throughline_statement === id);
    expect(own).toHaveLength(lines.length > 0 ? 1 : 0);
    const cents = lines.map((line) => [line.id, Math.round(Number(line.amount) * 100)]);
    const theirs = (own[0]?.lines.data ?? []).map((line) => [line.metadata.throughline_line ?? '', line.amount]);
    expect(theirs.sort()).toEqual(cents.sort());
    for (const [line] of theirs) {
      expect(seen.has(String(line))).toBe(false);
      seen.add(String(line));
    }
    const statement = await world.statement(id);
    expect(Number(statement.total).toFixed(2)).toBe(((own[0]?.subtotal ?? 0) / 100).toFixed(2));
    expect(['finalised', 'paid']).toContain(statement.state);
  }
}

describe('months that are closed and corrected', () => {
  it('are booked at what they are worth, line by line, and stand so at Stripe', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ messages, faults, ended }) => {
        world.context.clock.set(new Date(closes[0]));
        const machines = [
          await world.machines.machine(`CC-${++serial}`),
          await world.machines.machine(`CC-${++serial}`),
        ];
        const contract = await world.contract(
          machines.map((machine) => machine.asset.id),
          '2026-02-19T23:00:00Z',
        );
        const all = lives(messages, machines);
        const statements: string[] = [];
        for (const [n, at] of closes.entries()) {
          world.context.clock.set(new Date(at));
          for (const [m, machine] of machines.entries()) {
            const come = all.filter((one) => one.batch === n && one.machine === m).map((one) => one.message);
            await world.commit(machine, come);
            const times = come.map((message) => message.ts);
            if (times.length > 0)
              await world.mark(
                machine,
                new Date(Math.min(...times)).toISOString(),
                new Date(Math.max(...times) + 1).toISOString(),
              );
          }
          const { statementId, changed } = await get(ClosePeriod).run(everyCustomer, contract.id, months[n] ?? '');
          expect(changed).toBe(true);
          statements.push(statementId);
          await post(statementId, faults[n]);
          // A close that is asked for again books nothing.
          const count = await world.count('statement_line');
          expect((await get(ClosePeriod).run(everyCustomer, contract.id, months[n] ?? '')).changed).toBe(false);
          expect(await world.count('statement_line')).toBe(count);
        }
        let agreed = contract;
        if (ended !== null) {
          const end = new Date(Date.UTC(2026, 2, ended, 9, 30));
          agreed = await get(EndContract).run(everyCustomer, contract.id, end);
          world.context.clock.advance(DAY);
          const settled = await get(SettleContract).run(contract.id);
          if (settled) {
            statements.push(settled);
            await post(settled, faults[0]);
          }
          expect(await get(SettleContract).run(contract.id)).toBeUndefined();
        }
        await bookedIsWorth(agreed);
        await stripeHasWhatIsBooked(statements);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  }, 180_000);
});
