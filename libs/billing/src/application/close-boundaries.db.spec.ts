import { type Contract, EndContract } from '@throughline/contracts';
import { Database, everyCustomer } from '@throughline/platform';
import { baseFee, output, perUnit, termsOf } from '../../../../test/support/rating-examples.js';
import { type BillingWorld, billingWorld, type Machine } from '../../test/billing-world.js';
import { ClosePeriod } from './close-period.js';
import { SettleContract } from './settle-contract.js';

/** 450.00 an asset and a month, and 1.00 a cubic metre. */
const terms = termsOf([baseFee('450.00'), output(perUnit('1'))]);

let world: BillingWorld;
let serial = 0;
const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get(type, { strict: false });

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
});
afterAll(() => world.close());

const at = (instant: string): void => world.context.clock.set(new Date(instant));
const close = (contract: Contract, month: string) => get(ClosePeriod).run(everyCustomer, contract.id, month);
const machine = (): Promise<Machine> => world.machines.machine(`CB-${++serial}`);

/** Quantities and amounts of usage, and amounts of fees, of a statement. */
async function billed(statementId: string): Promise<{ usage: number; fee: number }> {
  const of = (key: string, pick: (line: { quantity?: unknown; amount: unknown }) => number, lines: object[]) =>
    (lines as { chargeKey: string; quantity?: unknown; amount: unknown }[])
      .filter((line) => line.chargeKey === key)
      .reduce((n, line) => n + pick(line), 0);
  const lines = await world.lines(statementId);
  const usage = of('output', (line) => Number(line.quantity ?? 0), lines);
  expect(of('output', (line) => Number(line.amount), lines)).toBeCloseTo(usage, 6);
  return { usage, fee: Math.round(of('base_fee', (line) => Number(line.amount), lines) * 100) };
}

describe('a month that ends at half past an hour of UTC', () => {
  it('is over with that hour, and the hour is billed once, in the month it begins in', async () => {
    at('2026-03-30T08:00:00Z');
    const one = await machine();
    // In Kolkata: from 31 March 20:30 to 1 April 04:30.
    const contract = await world.contract([one.asset.id], '2026-03-31T15:00:00Z', {
      terms,
      to: '2026-03-31T23:00:00Z',
      timeZone: 'Asia/Kolkata',
    });
    await world.commit(one, world.run(one, '2026-03-31T14:59:00Z', '2026-04-01T00:01:00Z'));
    at('2026-03-31T18:59:59.999Z');
    await expect(close(contract, '2026-03')).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      faults: [{ field: 'month', value: '2026-03', rule: 'must be over' }],
    });
    at('2026-03-31T19:00:00Z');
    const march = await billed((await close(contract, '2026-03')).statementId);
    at('2026-04-01T00:00:00Z');
    const april = await billed((await close(contract, '2026-04')).statementId);
    // Hours 15 to 18 and 19 to 22 of UTC, sixty each.
    expect([march.usage, april.usage]).toEqual([240, 240]);
    // Three and a half of March's 744 hours; four and a half of April's 720.
    expect([march.fee, april.fee]).toEqual([212, 281]);
  });
});

describe('months in which the clocks change', () => {
  it.each([
    ['2026-03', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z', 743],
    ['2026-10', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z', 745],
  ])('%s has its real hours, each once, and the whole fee', async (month, from, to, hours) => {
    at('2026-11-02T08:00:00Z');
    const one = await machine();
    const contract = await world.contract([one.asset.id], from, { terms, to });
    // A reading every hour, each telling of ten cubic metres more, from before the month to after it.
    const start = Date.parse(from);
    await world.commit(
      one,
      Array.from({ length: hours + 3 }, (_, i) => ({
        deviceId: one.device.id,
        boot: 1,
        seq: i + 1,
        ts: start + (i - 1) * 3_600_000,
        state: 2,
        output: 1_000 + i * 10,
      })),
    );
    expect(await billed((await close(contract, month)).statementId)).toEqual({ usage: hours * 10, fee: 45_000 });
    expect(Date.parse(to) - start).toBe(hours * 3_600_000);
  });
});

describe('an asset that goes from one contract to the next', () => {
  it('in the middle of an hour pays each hour and second once', async () => {
    at('2026-03-01T08:00:00Z');
    const one = await machine();
    const first = await world.contract([one.asset.id], '2026-02-28T23:00:00Z', { terms });
    at('2026-03-03T08:00:00Z');
    await get(EndContract).run(everyCustomer, first.id, new Date('2026-03-02T10:30:00.500Z'));
    const second = await world.contract([one.asset.id], '2026-03-02T10:30:00.500Z', {
      terms,
      to: '2026-03-31T22:00:00Z',
    });
    await world.commit(one, world.run(one, '2026-02-28T22:59:00Z', '2026-03-02T23:01:00Z'));
    at('2026-04-01T08:00:00Z');
    const parts = [];
    for (const contract of [first, second]) parts.push(await billed((await close(contract, '2026-03')).statementId));
    expect(parts.map((p) => p.usage)).toEqual([36 * 60, 12 * 60]);
    expect(parts.reduce((n, p) => n + p.fee, 0)).toBe(45_000);
  });

  it('under one contract, with a new controller and the old one back, is billed what each board surely counted', async () => {
    at('2026-03-01T08:00:00Z');
    const [one, spare] = [await machine(), await machine()];
    const contract = await world.contract([one.asset.id], '2026-02-28T23:00:00Z', {
      terms,
      to: '2026-03-01T23:00:00Z',
    });
    const old = world.run(one, '2026-02-28T22:59:00Z', '2026-03-01T23:01:00Z');
    const swapped = Date.parse('2026-03-01T08:00:00Z');
    const back = Date.parse('2026-03-01T16:00:00Z');
    await world.commit(one, [
      ...old.filter((m) => m.ts < swapped || m.ts >= back),
      ...world.run(spare, '2026-03-01T08:00:00Z', '2026-03-01T16:00:00Z'),
    ]);
    at('2026-03-02T08:00:00Z');
    const { usage } = await billed((await close(contract, '2026-03')).statementId);
    // Three first readings are only bases: a minute each at both exchanges is given away, and none is billed twice.
    expect(usage).toBe(24 * 60 - 2);
  });
});

describe('a close that is killed', () => {
  it('before its commit books nothing, and the next one books it all', async () => {
    at('2026-03-01T08:00:00Z');
    const one = await machine();
    const contract = await world.contract([one.asset.id], '2026-02-28T23:00:00Z', {
      terms,
      to: '2026-03-01T23:00:00Z',
    });
    await world.commit(one, world.run(one, '2026-02-28T22:59:00Z', '2026-03-01T23:01:00Z'));
    at('2026-03-02T08:00:00Z');
    const before = [await world.count('statement'), await world.count('statement_line'), (await world.outbox()).length];
    const killed = get(Database).transaction(everyCustomer, async () => {
      expect((await close(contract, '2026-03')).changed).toBe(true);
      throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    expect([
      await world.count('statement'),
      await world.count('statement_line'),
      (await world.outbox()).length,
    ]).toEqual(before);
    const { statementId, changed } = await close(contract, '2026-03');
    expect([changed, (await billed(statementId)).usage]).toEqual([true, 24 * 60]);
  });
});

describe('data that comes in while a month is closed', () => {
  it('is on the statement or on its correction, never on both or none', async () => {
    for (let round = 0; round < 4; round += 1) {
      at('2026-03-01T08:00:00Z');
      const one = await machine();
      const contract = await world.contract([one.asset.id], '2026-02-28T23:00:00Z', {
        terms,
        to: '2026-03-01T23:00:00Z',
      });
      const all = world.run(one, '2026-02-28T22:59:00Z', '2026-03-01T23:01:00Z');
      const parts = [0, 1, 2].map((n) => all.filter((_, i) => i % 3 === n));
      await world.commit(one, parts[0] ?? []);
      at('2026-03-02T08:00:00Z');
      const deliver = async (part: typeof all) => {
        await world.commit(one, part);
        await world.derive(one, '2026-02-28T22:59:00Z', '2026-03-01T23:01:00Z');
      };
      const [closed] = await Promise.all([
        close(contract, '2026-03'),
        deliver(parts[1] ?? []),
        deliver(parts[2] ?? []),
        close(contract, '2026-03'),
      ]);
      at('2026-03-03T08:00:00Z');
      await world.derive(one, '2026-02-28T22:59:00Z', '2026-03-01T23:01:00Z');
      const settled = await get(SettleContract).run(contract.id);
      const first = await billed(closed.statementId);
      const late = settled === undefined ? { usage: 0, fee: 0 } : await billed(settled);
      expect(first.usage + late.usage).toBe(24 * 60);
      expect(late.fee).toBe(0);
      expect(await get(SettleContract).run(contract.id)).toBeUndefined();
    }
  }, 120_000);
});
