import { type BillingWorld, billingWorld, type Machine } from '../../../../libs/billing/test/billing-world.js';
import { closePeriod } from './close-period.js';

let world: BillingWorld;
let machine: Machine;
let number: string;

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
  machine = await world.machines.machine('AC-1');
  number = (await world.contract([machine.asset.id], '2026-02-26T23:00:00Z')).number;
  await world.commit(machine, [
    ...world.run(machine, '2026-02-26T22:59:00Z', '2026-02-28T11:00:00Z'),
    ...world.run(machine, '2026-02-28T11:00:00Z', '2026-02-28T23:01:00Z', { state: 4 }),
  ]);
});
afterAll(() => world.close());

const run = (contract: string, month: string) => closePeriod(world.context.module, { contract, month });

describe('throughline close-period', () => {
  it('prints the statement with its total, and what happened', async () => {
    const text = await run(number, '2026-02');
    const rows = text.split('\n');
    expect(rows[0]).toBe(`Statement ${number}/2026-02, amounts in EUR`);
    expect(rows.slice(2, 6).map((row) => row.trim().split(/\s{2,}/))).toEqual([
      ['Base fee', '1 asset', '32.14'],
      ['Compressed air', '2159 m3', '24.83'],
      ['Availability credit, AC-1: 75.00 % available, 99.00 % guaranteed', '-6.43'],
      ['Total', '50.54'],
    ]);
    expect(new Set(rows.slice(2, 6).map((row) => row.length)).size).toBe(1);
    expect(rows[7]).toBe('Closed: 3 lines were booked. The worker brings them to an invoice.');
  });

  it('says the second time that nothing new was booked', async () => {
    const before = await world.count('statement_line');
    const text = await run(number, '2026-02');
    expect(text).toContain('Total');
    expect(text).toContain('Closed before (rated): nothing new was booked.');
    expect(await world.count('statement_line')).toBe(before);
  });

  it('names the contracts there are when the number is wrong', async () => {
    await expect(run('HF-0', '2026-02')).rejects.toThrow(
      `--contract: no contract has the number "HF-0" (contracts: ${number})`,
    );
  });

  it.each([
    ['2026-03', /month: 2026-03 is not over before 2026-03-31T22:00:00.000Z/],
    ['2025-12', /month: must lie within contract/],
    ['02-2026', /month: must be a month written YYYY-MM/],
  ])('refuses the month %s', async (month, message) => {
    await expect(run(number, month)).rejects.toThrow(message);
  });
});
