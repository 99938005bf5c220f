import { type Contract, EndContract, type Terms } from '@throughline/contracts';
import { RegisterMeter } from '@throughline/metering';
import { Database, everyCustomer } from '@throughline/platform';
import { baseFee, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import { type BillingWorld, billingWorld, type Machine } from '../../test/billing-world.js';
import { ClosePeriod } from './close-period.js';
import { SettleContract } from './settle-contract.js';
import { SettleEndedContracts } from './settle-ended-contracts.js';

/** 1 March in Amsterdam. */
const MARCH = '2026-02-28T23:00:00Z';

let world: BillingWorld;
let serial = 0;
const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get(type, { strict: false });

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
});
afterAll(() => world.close());

const at = (instant: string): void => world.context.clock.set(new Date(instant));
const close = (contract: Contract, month: string) => get(ClosePeriod).run(everyCustomer, contract.id, month);
const feeOnly = termsOf([baseFee('450.00')]);
const byTheCubicMetre = termsOf([output(perUnit('1'))]);

async function signed(from: string, more: { to?: string; terms?: Terms } = {}) {
  const machine: Machine = await world.machines.machine(`SE-${++serial}`);
  return { machine, contract: await world.contract([machine.asset.id], from, more) };
}

const statementsOf = (contract: Contract) =>
  world.machines.rows<{ id: string; number: string; total: string }>(
    'select id, number, trim_scale(total)::text as total from statement where contract_id = ? order by created_at, number',
    [contract.id],
  );
const settlements = async (contract: Contract) =>
  (await statementsOf(contract)).filter(({ number }) => number.includes('/settlement-'));
const corrected = async (statementId: string) =>
  (await world.lines(statementId))
    .filter((l) => l.kind === 'correction')
    .map((l) => [l.chargeKey, l.quantity, Number(l.amount)]);

describe('contracts that ended', () => {
  it('get back what was billed beyond an end set half a year in the past', async () => {
    at('2026-03-02T08:00:00Z');
    const { contract } = await signed(MARCH, { terms: feeOnly });
    at('2026-09-02T08:00:00Z');
    for (const month of ['03', '04', '05', '06', '07', '08']) await close(contract, `2026-${month}`);
    await get(EndContract).run(everyCustomer, contract.id, new Date('2026-04-09T22:00:00Z'));
    at('2026-09-03T08:00:00Z');
    await get(SettleEndedContracts).run();
    // Nine of April's thirty days stay; May to August go back whole.
    const [settlement, ...more] = await settlements(contract);
    expect(settlement).toMatchObject({ total: '-2115' });
    expect(more).toEqual([]);
    expect(await corrected(settlement?.id ?? '')).toEqual([
      ['base_fee', null, -315],
      ['base_fee', '-1', -450],
      ['base_fee', '-1', -450],
      ['base_fee', '-1', -450],
      ['base_fee', '-1', -450],
    ]);
    await get(SettleEndedContracts).run();
    expect(await settlements(contract)).toHaveLength(1);
  });

  it('are billed what comes to light within 100 days of end and last close, and nothing later', async () => {
    at('2026-03-02T08:00:00Z');
    const { machine, contract } = await signed(MARCH, { to: '2026-03-01T23:00:00Z', terms: byTheCubicMetre });
    const all = world.run(machine, '2026-02-28T22:59:00Z', '2026-03-01T23:01:00Z');
    const [first, second] = ['2026-03-01T10:00:00Z', '2026-03-01T12:00:00Z'].map((t) => Date.parse(t)) as [
      number,
      number,
    ];
    // What is missing is what the last hours counted: their readings come in two late deliveries.
    await world.commit(
      machine,
      all.filter((m) => m.ts <= first),
    );
    await close(contract, '2026-03');
    at('2026-06-09T08:00:00Z');
    await world.commit(
      machine,
      all.filter((m) => m.ts > first && m.ts <= second),
    );
    await world.derive(machine, '2026-03-01T10:00:00Z', '2026-03-01T12:00:00Z');
    await get(SettleEndedContracts).run();
    expect((await settlements(contract)).map((s) => s.total)).toEqual(['120']);
    at('2026-06-20T08:00:00Z');
    await world.commit(
      machine,
      all.filter((m) => m.ts > second),
    );
    await world.derive(machine, '2026-03-01T12:00:00Z', '2026-03-01T23:01:00Z');
    await get(SettleEndedContracts).run();
    expect(await settlements(contract)).toHaveLength(1);
  });

  it('are settled once by five runs at the same moment, and not before their last month is closed', async () => {
    at('2026-05-04T08:00:00Z');
    const { contract } = await signed(MARCH, { terms: feeOnly });
    await close(contract, '2026-03');
    await get(EndContract).run(everyCustomer, contract.id, new Date('2026-04-15T22:00:00Z'));
    await get(SettleEndedContracts).run();
    expect(await settlements(contract)).toEqual([]);
    await close(contract, '2026-04');
    // What passed cannot be ended again, so the end is put right in the database.
    for (const table of ['contract_asset where contract_id', 'contract where id'])
      await world.machines.rows(`update ${table.replace(' where', " set to_at = '2026-03-15T23:00:00Z' where")} = ?`, [
        contract.id,
      ]);
    const made = await Promise.all(Array.from({ length: 5 }, () => get(SettleContract).run(contract.id)));
    expect(made.filter((id) => id !== undefined)).toHaveLength(1);
    expect(await settlements(contract)).toHaveLength(1);
  });

  it('are settled whole by the next run when one is killed before its commit', async () => {
    at('2026-05-04T08:00:00Z');
    const { contract } = await signed(MARCH, { terms: feeOnly });
    await close(contract, '2026-03');
    await close(contract, '2026-04');
    await get(EndContract).run(everyCustomer, contract.id, new Date('2026-04-15T22:00:00Z'));
    const asked = async () => (await world.outbox()).filter((name) => name === 'billing.statement-rated').length;
    const before = await asked();
    const killed = get(Database).transaction(everyCustomer, async () => {
      expect(await get(SettleContract).run(contract.id)).toBeDefined();
      throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    expect([await settlements(contract), await asked()]).toEqual([[], before]);
    await get(SettleContract).run(contract.id);
    // April has 720 hours, of which 360 were under contract.
    expect((await settlements(contract)).map((s) => s.total)).toEqual(['-225']);
    expect(await asked()).toBe(before + 1);
  });

  it('do not wait for one that cannot be settled, and running ones are left alone', async () => {
    at('2026-05-04T08:00:00Z');
    const broken = await signed(MARCH, { terms: feeOnly });
    const fine = await signed(MARCH, { terms: feeOnly });
    const running = await signed(MARCH, { terms: feeOnly });
    for (const { contract } of [broken, fine, running])
      for (const month of ['2026-03', '2026-04']) await close(contract, month);
    for (const { contract } of [broken, fine])
      await get(EndContract).run(everyCustomer, contract.id, new Date('2026-04-15T22:00:00Z'));
    await world.machines.rows("update contract set time_zone = 'Nowhere/Land' where id = ?", [broken.contract.id]);
    await expect(get(SettleEndedContracts).run()).rejects.toThrow('1 contracts could not be settled');
    await world.machines.rows("update contract set time_zone = 'Europe/Amsterdam' where id = ?", [broken.contract.id]);
    expect(await settlements(broken.contract)).toEqual([]);
    expect(await settlements(fine.contract)).toHaveLength(1);
    expect(await settlements(running.contract)).toEqual([]);
    expect(await get(SettleContract).run(running.contract.id)).toBeUndefined();
    await expect(get(SettleContract).run('01890000-0000-7000-8000-000000000000')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('wait for the next day when the run is stopped', async () => {
    at('2026-05-04T08:00:00Z');
    const { contract } = await signed(MARCH, { terms: feeOnly });
    await close(contract, '2026-03');
    await close(contract, '2026-04');
    await get(EndContract).run(everyCustomer, contract.id, new Date('2026-04-15T22:00:00Z'));
    await get(SettleEndedContracts).run(AbortSignal.abort());
    expect(await settlements(contract)).toEqual([]);
    await get(SettleEndedContracts).run();
    expect(await settlements(contract)).toHaveLength(1);
  });
});

describe('a close does not depend on queues', () => {
  it('for what the first hour of a contract is measured from', async () => {
    at('2026-03-02T23:30:00Z');
    const { machine, contract } = await signed(MARCH, { to: '2026-03-02T23:00:00Z', terms: byTheCubicMetre });
    const before = world.run(machine, '2026-02-28T12:00:00Z', '2026-02-28T12:30:00Z');
    await world.commit(machine, before);
    await world.derive(machine, '2026-02-28T12:00:00Z', '2026-02-28T12:30:00Z');
    // From here on nothing is marked: the worker is down.
    await world.commit(machine, world.run(machine, '2026-02-28T12:30:00Z', '2026-03-02T23:01:00Z'));
    const { statementId } = await close(contract, '2026-03');
    expect((await world.lines(statementId)).map((l) => [l.quantity, Number(l.amount)])).toEqual([['2880', 2880]]);
  });

  it('for the state that a guarantee carries over from before the contract', async () => {
    at('2026-03-02T23:30:00Z');
    const { definition } = uptime();
    const carrying = uptime({
      definition: { ...definition, unknown: { mode: 'last_state_for', minutes: 60, then: 'down' } },
    });
    const terms = termsOf([baseFee('450.00')], [carrying]);
    const { machine, contract } = await signed(MARCH, { to: '2026-03-02T23:00:00Z', terms });
    await world.commit(machine, [
      ...world.run(machine, '2026-02-28T22:20:00Z', '2026-02-28T22:30:00Z'),
      ...world.run(machine, '2026-02-28T23:30:00Z', '2026-03-02T23:00:00Z'),
    ]);
    const { statementId } = await close(contract, '2026-03');
    // Silent from 22:32 to 23:30, which the rule bridges: no half hour is down.
    expect((await world.lines(statementId)).map((l) => l.kind)).toEqual(['recurring']);
  });

  it('for what late data changed in the hours after it', async () => {
    at('2026-03-02T08:00:00Z');
    await get(RegisterMeter).run(world.machines.model.id, {
      name: 'loaded_s',
      title: 'Time under load',
      definition: { type: 'time_in_state', states: ['loaded'] },
    });
    const terms = termsOf([output(perUnit('60'), { meter: 'loaded_s', unit: 'h' })]);
    const { machine, contract } = await signed('2026-02-26T23:00:00Z', { terms });
    const all = world.run(machine, '2026-02-26T22:59:00Z', '2026-02-28T23:01:00Z');
    const silent = (ts: number) => ts >= Date.parse('2026-02-27T20:50:00Z') && ts < Date.parse('2026-02-27T21:10:00Z');
    await world.commit(
      machine,
      all.filter((m) => !silent(m.ts)),
    );
    await close(contract, '2026-02');
    at('2026-03-05T08:00:00Z');
    const late = Date.parse('2026-02-27T20:59:00Z');
    await world.commit(
      machine,
      all.filter((m) => m.ts === late),
    );
    await world.mark(machine, '2026-02-27T20:59:00Z', '2026-02-27T20:59:00Z');
    at('2026-04-01T08:00:00Z');
    const { statementId } = await close(contract, '2026-03');
    // One minute before nine and two after it.
    expect(await corrected(statementId)).toEqual([['output', '0.05', 3]]);
  });
});
