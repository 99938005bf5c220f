import { type Contract, EndContract } from '@throughline/contracts';
import { Decimal } from '@throughline/kernel';
import { everyCustomer } from '@throughline/platform';
import type { Statement, StatementLine } from '@throughline/schema/billing';
import { type BillingWorld, billingWorld, type Machine } from '../../test/billing-world.js';
import { StatementStore } from '../storage/statement.store.js';
import { ClosePeriod } from './close-period.js';
import { type EvidencedLine, LineEvidence } from './line-evidence.js';
import { SettleContract } from './settle-contract.js';

/** What a line rests on stays what it was, whatever is agreed, retired or learnt afterwards. */
const FROM = '2026-02-26T23:00:00Z';
let world: BillingWorld;
let serial = 0;

beforeAll(async () => {
  world = await billingWorld('2026-03-02T08:00:00Z');
});
afterAll(() => world.close());

const get = <T>(type: new (...args: never[]) => T): T => world.context.module.get(type);
const at = (instant: string): void => world.context.clock.set(new Date(instant));
const page = { first: 100, after: undefined };

async function signed(count = 1): Promise<{ machines: Machine[]; contract: Contract }> {
  at('2026-03-02T08:00:00Z');
  const machines: Machine[] = [];
  for (let n = 0; n < count; n += 1) machines.push(await world.machines.machine(`EV-${++serial}`));
  const contract = await world.contract(
    machines.map((machine) => machine.asset.id),
    FROM,
  );
  for (const machine of machines)
    await world.commit(machine, world.run(machine, '2026-02-26T22:59:00Z', '2026-02-28T23:01:00Z'));
  return { machines, contract };
}

async function evidenced(contract: Contract, statementId: string): Promise<EvidencedLine[]> {
  return world.context.database.read(everyCustomer, async (em) => {
    const store = get(StatementStore);
    const [statement] = (await store.byIds(em, [statementId])) as [Statement];
    return (await store.linesOf(em, [statementId])).map((line) => ({ statement, line, contract }));
  });
}
const lineOf = (lines: readonly EvidencedLine[], chargeKey: string, kind?: StatementLine['kind']): EvidencedLine => {
  const found = lines.find(({ line }) => line.chargeKey === chargeKey && (!kind || line.kind === kind));
  if (!found) throw new Error(`no line of ${chargeKey}`);
  return found;
};

async function shown(of: EvidencedLine) {
  const evidence = get(LineEvidence);
  const summary = await evidence.summary(everyCustomer, of);
  const windows = await evidence.windows(everyCustomer, of, page);
  return {
    assets: summary.assets.map(({ assetId, quantity, windowCount }) => [assetId, quantity?.toString(), windowCount]),
    counts: [summary.windowCount, summary.messageCount, summary.missingCount],
    windows: windows.edges.map(({ node }) => [node.assetId, node.hour, node.version, node.quantity.toString()]),
  };
}

describe('the evidence of a line', () => {
  it('adds up to the quantity that was billed', async () => {
    const { machines, contract } = await signed(2);
    const { statementId } = await get(ClosePeriod).run(everyCustomer, contract.id, '2026-02');
    const line = lineOf(await evidenced(contract, statementId), 'output');
    const { assets, windows } = await shown(line);
    const billed = new Decimal(line.line.quantity ?? 0);
    expect(assets.map(([id]) => id).sort()).toEqual(machines.map(({ asset }) => asset.id).sort());
    const sum = (list: readonly (string | number | undefined)[]) =>
      list.reduce((n: Decimal, value) => n.plus(value ?? 0), new Decimal(0)).toFixed();
    expect(sum(assets.map(([, quantity]) => quantity))).toBe(billed.toFixed());
    expect(sum(windows.map(([, , , quantity]) => quantity))).toBe(billed.toFixed());
  });

  it('does not shrink when an end is agreed within the month that was billed', async () => {
    const { contract } = await signed();
    const { statementId } = await get(ClosePeriod).run(everyCustomer, contract.id, '2026-02');
    const before = await shown(lineOf(await evidenced(contract, statementId), 'output'));
    expect(before.windows).toHaveLength(48);
    const end = new Date('2026-02-27T11:00:00Z');
    const ended = await get(EndContract).run(everyCustomer, contract.id, end);
    expect(await shown(lineOf(await evidenced(ended, statementId), 'output'))).toEqual(before);

    // The correction rests on what is under contract still.
    const settled = await get(SettleContract).run(contract.id);
    const correction = lineOf(await evidenced(ended, settled ?? ''), 'output', 'correction');
    const after = await shown(correction);
    expect(after.windows).toHaveLength(12);
    expect(after.windows.every(([, hour]) => Number(hour) < end.getTime())).toBe(true);
    const kept = after.assets.reduce((n, [, quantity]) => n.plus(quantity ?? 0), new Decimal(0));
    const billed = before.assets.reduce((n, [, quantity]) => n.plus(quantity ?? 0), new Decimal(0));
    expect(new Decimal(correction.line.quantity ?? 0).toFixed()).toBe(kept.minus(billed).toFixed());
  });

  it('shows intervals of the whole time that a guarantee was measured over', async () => {
    const { machines, contract } = await signed();
    const [machine] = machines as [Machine];
    // Half a day down: enough for a credit.
    await world.machines.rows('delete from message where asset_id = ?', [machine.asset.id]);
    await world.commit(machine, [
      ...world.run(machine, '2026-02-26T22:59:00Z', '2026-02-28T12:00:00Z'),
      ...world.run(machine, '2026-02-28T12:00:00Z', '2026-02-28T23:01:00Z', { state: 4 }),
    ]);
    const { statementId } = await get(ClosePeriod).run(everyCustomer, contract.id, '2026-02');
    const credit = (of: Contract) => evidenced(of, statementId).then((lines) => lineOf(lines, 'uptime'));
    const intervals = async (of: Contract) =>
      (await get(LineEvidence).intervals(everyCustomer, await credit(of), page)).edges.map(({ node }) => [
        node.interval.from,
        node.interval.to,
        node.interval.category,
      ]);
    const before = await intervals(contract);
    expect(before.reduce((ms, [from, to]) => ms + Number(to) - Number(from), 0)).toBe(48 * 3_600_000);
    const ended = await get(EndContract).run(everyCustomer, contract.id, new Date('2026-02-28T00:00:00Z'));
    expect(await intervals(ended)).toEqual(before);
  });

  it('of a statement that kept no stays falls back to what is agreed now', async () => {
    const { contract } = await signed();
    const { statementId } = await get(ClosePeriod).run(everyCustomer, contract.id, '2026-02');
    const before = await shown(lineOf(await evidenced(contract, statementId), 'output'));
    await world.machines.rows('update statement set stays = null where id = ?', [statementId]);
    expect(await shown(lineOf(await evidenced(contract, statementId), 'output'))).toEqual(before);
  });

  it('is none of another asset', async () => {
    const { contract } = await signed();
    const stranger = await world.machines.machine(`EV-${++serial}`);
    const { statementId } = await get(ClosePeriod).run(everyCustomer, contract.id, '2026-02');
    const line = lineOf(await evidenced(contract, statementId), 'output');
    expect((await get(LineEvidence).windows(everyCustomer, line, page, stranger.asset.id)).edges).toEqual([]);
    const span = { from: Date.parse(FROM), to: Date.parse('2026-02-28T23:00:00Z') };
    const messages = await get(LineEvidence).messagesOf(everyCustomer, line, stranger.asset.id, span, page);
    expect([messages.edges, messages.totalCount]).toEqual([[], 0]);
  });
});

describe('a machine that was retired while its contract runs', () => {
  it('is owed until the contract ends, and its lines say so from the month in which it was retired', async () => {
    const { machines, contract } = await signed();
    const [{ asset }] = machines as [Machine];
    await world.machines.rows('update asset set retired_at = ? where id = ?', ['2026-03-09T23:30:00Z', asset.id]);
    const textOf = async (month: string) => {
      const { statementId } = await get(ClosePeriod).run(everyCustomer, contract.id, month);
      const lines = await world.lines(statementId);
      const fee = lines.find((line) => line.chargeKey === 'base_fee');
      return [Number(fee?.amount), fee?.explanation[0]?.text];
    };
    const february = await textOf('2026-02');
    expect(february[1]).not.toContain('retired');
    at('2026-05-02T08:00:00Z');
    // In the contract's zone it was the 10th already.
    const said = `1 asset (${asset.name} (retired 2026-03-10)) for the whole period: 1 × 450.00 EUR`;
    expect(await textOf('2026-03')).toEqual([450, said]);
    expect(await textOf('2026-04')).toEqual([450, said]);
    await get(EndContract).run(everyCustomer, contract.id, new Date('2026-03-09T23:30:00Z'));
    const settled = await get(SettleContract).run(contract.id);
    const back = (await world.lines(settled ?? '')).filter((line) => line.chargeKey === 'base_fee');
    // March keeps nine days and half an hour of its 743 hours; April goes back whole.
    expect(back.map((line) => Number(line.amount))).toEqual([-318.88, -450]);
  });
});
