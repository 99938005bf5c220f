import type { Contract } from '@throughline/contracts';
import { EndContract } from '@throughline/contracts';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { type BillingWorld, billingWorld, type Machine } from '../../test/billing-world.js';
import { CloseDuePeriods } from './close-due-periods.js';
import { ClosePeriod } from './close-period.js';
import { PreviewTerms } from './preview-terms.js';
import { RatingInputs } from './rating-inputs.js';
import { SettleContract } from './settle-contract.js';

/** Contracts begin two days before the end of February (Amsterdam), so that their first month has few messages. */
const FROM = '2026-02-26T23:00:00Z';
const MARCH = '2026-02-28T23:00:00Z';

let world: BillingWorld;
let closePeriod: ClosePeriod;
let serial = 0;

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
  closePeriod = world.context.module.get(ClosePeriod);
});
afterAll(() => world.close());

const at = (instant: string): void => world.context.clock.set(new Date(instant));
const close = (contract: Contract, month: string) => closePeriod.run(everyCustomer, contract.id, month);
/** Messages over February's part; one before it, so that the counter's first delta is known. */
const february = (machine: Machine, to = '2026-02-28T23:01:00Z') => world.run(machine, '2026-02-26T22:59:00Z', to);
const amounts = async (id: string) =>
  (await world.lines(id)).map((l) => [l.kind, l.chargeKey, l.quantity, Number(l.amount)]);

/** A machine under a contract of its own, on 2 March. */
async function signed(more: { to?: string } = {}): Promise<{ machine: Machine; contract: Contract }> {
  at('2026-03-02T08:00:00Z');
  const machine = await world.machines.machine(`AC-${++serial}`);
  return { machine, contract: await world.contract([machine.asset.id], FROM, more) };
}

/** As `signed`, with all of February's messages there. */
async function worked() {
  const made = await signed();
  await world.commit(made.machine, february(made.machine));
  return made;
}

describe('closing a month', () => {
  it('books what windows and timeline are worth under the terms, from messages alone', async () => {
    const { contract } = await worked();
    const { statementId, changed } = await close(contract, '2026-02');
    expect(changed).toBe(true);
    expect(await amounts(statementId)).toEqual([
      // Two of the month's 28 days of 450.00.
      ['recurring', 'base_fee', '1', 32.14],
      // 2,880 minutes at 0.0115.
      ['usage', 'output', '2880', 33.12],
    ]);
    expect(await world.statement(statementId)).toMatchObject({
      number: `${contract.number}/2026-02`,
      state: 'rated',
      total: '65.2600',
      completeness: '1.00000000',
    });
  });

  it('books nothing the second time', async () => {
    const { contract } = await worked();
    const first = await close(contract, '2026-02');
    const before = [await world.count('statement'), await world.count('statement_line')];
    expect(await close(contract, '2026-02')).toEqual({ statementId: first.statementId, changed: false });
    expect([await world.count('statement'), await world.count('statement_line')]).toEqual(before);
  });

  it('asks for the posting again while the invoice is not out, and no more afterwards', async () => {
    const { contract } = await worked();
    const { statementId } = await close(contract, '2026-02');
    const asked = async () => (await world.outbox()).filter((name) => name === 'billing.statement-rated').length;
    const before = await asked();
    await close(contract, '2026-02');
    expect(await asked()).toBe(before + 1);
    await world.machines.rows("update statement set state = 'finalised' where id = ?", [statementId]);
    await close(contract, '2026-02');
    expect(await asked()).toBe(before + 1);
  });

  it('books once when it is closed five times at the same moment', async () => {
    const { contract } = await worked();
    const before = await world.count('statement');
    const answers = await Promise.all(Array.from({ length: 5 }, () => close(contract, '2026-02')));
    expect(answers.filter((a) => a.changed)).toHaveLength(1);
    expect(new Set(answers.map((a) => a.statementId)).size).toBe(1);
    expect(await world.count('statement')).toBe(before + 1);
  });

  it('credits an availability below the guarantee, by what the asset pays', async () => {
    const { machine, contract } = await signed();
    await world.commit(machine, [
      ...february(machine, '2026-02-28T11:00:00Z'),
      // The last half day of two: 75 % available, which credits 20 % of the 32.14 (exactly 900 / 28).
      ...world.run(machine, '2026-02-28T11:00:00Z', '2026-02-28T23:01:00Z', { state: 4 }),
    ]);
    const { statementId } = await close(contract, '2026-02');
    expect((await amounts(statementId)).filter(([kind]) => kind === 'credit')).toEqual([
      ['credit', 'uptime', null, -6.43],
    ]);
  });

  it('says which share of the messages is stored', async () => {
    const { machine, contract } = await signed();
    await world.commit(
      machine,
      february(machine).filter((m) => m.seq % 4 !== 0),
    );
    const { statementId } = await close(contract, '2026-02');
    // 2,880 messages of the two days, of which every fourth is missing.
    expect((await world.statement(statementId)).completeness).toBe('0.75000000');
  });

  it.each([
    ['2026-03', /not over before 2026-03-31T22:00:00/],
    ['2026-01', /must lie within contract HF-/],
    ['2026-00', /must be a month written YYYY-MM/],
  ])('refuses %s and books nothing', async (month, message) => {
    const { contract } = await signed();
    const before = await world.count('statement');
    await expect(close(contract, month)).rejects.toThrow(message);
    expect(await world.count('statement')).toBe(before);
  });

  it('is refused to those who do not see the contract', async () => {
    const { contract } = await signed();
    const others = closePeriod.run(onlyCustomers([]), contract.id, '2026-02');
    await expect(others).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(closePeriod.run(everyCustomer, serial.toString(), '2026-02')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is what the preview of the month said, and the preview books nothing', async () => {
    const { contract } = await worked();
    const preview = world.context.module.get(PreviewTerms);
    const before = await world.count('statement');
    const { statementId } = await close(contract, '2026-02');
    const seen = await preview.ofTerms(everyCustomer, contract.id, '2026-02', contract.terms);
    expect(seen.total.toString()).toBe('65.26');
    expect(seen.lines.map((l) => l.amount.toString())).toEqual(['32.14', '33.12']);
    expect((await world.statement(statementId)).total).toBe('65.2600');
    expect(await world.count('statement')).toBe(before + 1);
  });
});

describe('data that comes after a close', () => {
  /** Closes February with the last hours' messages missing, and gives them. */
  async function closedWithoutTheEnd() {
    const { machine, contract } = await signed();
    const all = february(machine);
    const late = all.filter((m) => m.ts >= Date.parse('2026-02-28T20:00:00Z'));
    await world.commit(
      machine,
      all.filter((m) => !late.includes(m)),
    );
    const { statementId } = await close(contract, '2026-02');
    return { machine, contract, late, statementId };
  }

  it('changes nothing that is booked, and is corrected in the next close, stamped with its own month', async () => {
    const { machine, contract, late, statementId } = await closedWithoutTheEnd();
    const booked = await amounts(statementId);
    expect(booked[1]).toEqual(['usage', 'output', '2699', 31.04]);

    at('2026-03-05T00:00:00Z');
    await world.commit(machine, late);
    await world.derive(machine, '2026-02-28T20:00:00Z', '2026-02-28T23:01:00Z');
    expect(await close(contract, '2026-02')).toEqual({ statementId, changed: false });
    expect(await amounts(statementId)).toEqual(booked);

    at('2026-04-01T08:00:00Z');
    const march = await close(contract, '2026-03');
    const lines = await world.lines(march.statementId);
    // 181 minutes more make 2,880 cubic metres: 33.12 less the 31.04 of before.
    expect(lines.filter((l) => l.kind === 'correction')).toMatchObject([
      { chargeKey: 'output', quantity: '181', amount: '2.0800', description: 'Correction: Compressed air' },
    ]);
    const correction = lines.find((l) => l.kind === 'correction');
    expect(new Date(correction?.periodTo ?? 0).toISOString()).toBe(new Date(MARCH).toISOString());
  });

  it('leaves what was known at the close as it was: rated anew with its bounds, the month has the same lines', async () => {
    const { machine, contract, late, statementId } = await closedWithoutTheEnd();
    at('2026-03-05T00:00:00Z');
    await world.commit(machine, late);
    await world.derive(machine, '2026-02-28T20:00:00Z', '2026-02-28T23:01:00Z');
    const [bounds] = await world.machines.rows<{ period_from: string; period_to: string; stored_before: string }>(
      'select period_from, period_to, stored_before from statement where id = ?',
      [statementId],
    );
    const ms = (text: string | undefined): number => new Date(text ?? 0).getTime();
    const period = { from: ms(bounds?.period_from), to: ms(bounds?.period_to) };
    const inputs = world.context.module.get(RatingInputs);
    const rated = async (storedBefore?: Date) =>
      (await inputs.rated(everyCustomer, contract, period, storedBefore)).map((line) => Number(line.amount.toString()));
    expect(await rated(new Date(ms(bounds?.stored_before)))).toEqual([32.14, 31.04]);
    expect(await rated()).toEqual([32.14, 33.12]);
  });

  it('is corrected once: the close after that finds nothing', async () => {
    const { machine, contract, late } = await closedWithoutTheEnd();
    at('2026-03-05T00:00:00Z');
    await world.commit(machine, late);
    await world.derive(machine, '2026-02-28T20:00:00Z', '2026-02-28T23:01:00Z');
    at('2026-04-01T08:00:00Z');
    await close(contract, '2026-03');
    at('2026-05-01T08:00:00Z');
    const { statementId } = await close(contract, '2026-04');
    expect((await amounts(statementId)).filter(([kind]) => kind === 'correction')).toEqual([]);
  });

  it('is derived by the next close itself when only its mark is there', async () => {
    const { machine, contract, late } = await closedWithoutTheEnd();
    at('2026-03-05T00:00:00Z');
    await world.commit(machine, late);
    await world.mark(machine, '2026-02-28T20:00:00Z', '2026-02-28T23:01:00Z');
    at('2026-04-01T08:00:00Z');
    const { statementId } = await close(contract, '2026-03');
    expect((await amounts(statementId)).filter(([kind]) => kind === 'correction')).toEqual([
      ['correction', 'output', '181', 2.08],
    ]);
  });

  it('takes a credit back when it shows that the machine was up', async () => {
    const { machine, contract } = await signed();
    const down = world.run(machine, '2026-02-28T11:00:00Z', '2026-02-28T23:01:00Z', { state: 4 });
    await world.commit(machine, [...february(machine, '2026-02-28T11:00:00Z'), ...down]);
    await close(contract, '2026-02');
    // The controller had reported a fault that was none; its messages are replaced by what was true.
    at('2026-03-06T00:00:00Z');
    await world.machines.rows('delete from message where asset_id = ? and ts >= ?', [
      machine.asset.id,
      '2026-02-28T11:00:00Z',
    ]);
    await world.commit(
      machine,
      down.map((m) => ({ ...m, state: 2 })),
    );
    await world.derive(machine, '2026-02-28T11:00:00Z', '2026-02-28T23:01:00Z');
    at('2026-04-01T08:00:00Z');
    const { statementId } = await close(contract, '2026-03');
    expect((await amounts(statementId)).filter(([kind]) => kind === 'correction')).toEqual([
      ['correction', 'uptime', null, 6.43],
    ]);
  });

  it('gives back what was billed beyond an end that was set in the past', async () => {
    const { contract } = await worked();
    await close(contract, '2026-02');
    at('2026-04-01T08:00:00Z');
    await close(contract, '2026-03');
    await world.context.module.get(EndContract).run(everyCustomer, contract.id, new Date('2026-03-15T22:00:00Z'));
    const settle = world.context.module.get(SettleContract);
    const statementId = await settle.run(contract.id);
    // March has 743 hours, of which 359 were under contract: 450.00 less 217.43.
    expect(await amounts(statementId ?? '')).toEqual([['correction', 'base_fee', null, -232.57]]);
    expect((await world.statement(statementId ?? '')).number).toBe(`${contract.number}/settlement-1`);
    expect(await settle.run(contract.id)).toBeUndefined();
  });

  it('of a voided statement is booked anew by the next close, and the voided month itself is not', async () => {
    const { machine, contract, late, statementId } = await closedWithoutTheEnd();
    at('2026-03-05T00:00:00Z');
    await world.commit(machine, late);
    await world.derive(machine, '2026-02-28T20:00:00Z', '2026-02-28T23:01:00Z');
    at('2026-04-01T08:00:00Z');
    const march = await close(contract, '2026-03');
    await world.machines.rows("update statement set state = 'void' where id = ?", [march.statementId]);
    at('2026-05-01T08:00:00Z');
    const april = await close(contract, '2026-04');
    const lines = (await amounts(april.statementId)).filter(([kind]) => kind === 'correction');
    expect(lines).toEqual([['correction', 'output', '181', 2.08]]);
    expect(await close(contract, '2026-03')).toEqual({ statementId: march.statementId, changed: false });
    expect((await world.statement(statementId)).state).toBe('rated');
  });
});

describe('the schedule', () => {
  it('closes what is due of every contract, oldest first, and nothing the next time', async () => {
    await world.machines.rows('delete from statement_line');
    await world.machines.rows('delete from statement');
    await world.machines.rows('delete from contract_asset');
    await world.machines.rows('delete from contract');
    const { contract } = await signed({ to: '2026-04-10T00:00:00Z' });
    const due = world.context.module.get(CloseDuePeriods);
    at('2026-04-30T08:00:00Z');
    await due.run();
    const numbers = await world.machines.rows<{ number: string }>(
      'select number from statement order by created_at, id',
    );
    expect(numbers.map((s) => s.number)).toEqual(
      ['2026-02', '2026-03', '2026-04'].map((m) => `${contract.number}/${m}`),
    );
    const before = await world.count('statement_line');
    await due.run();
    expect([await world.count('statement'), await world.count('statement_line')]).toEqual([3, before]);
  });

  it('goes on with the others when one contract cannot be closed, and says so', async () => {
    const broken = await signed();
    const fine = await worked();
    await world.machines.rows("update contract set time_zone = 'Nowhere/Land' where id = ?", [broken.contract.id]);
    await expect(world.context.module.get(CloseDuePeriods).run()).rejects.toThrow('1 contracts could not be closed');
    const rows = await world.machines.rows('select number from statement where contract_id = ?', [fine.contract.id]);
    expect(rows).toEqual([{ number: `${fine.contract.number}/2026-02` }]);
  });
});
