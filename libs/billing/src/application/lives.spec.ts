import type { Category, TimelineInterval } from '@throughline/availability';
import { Decimal, HOUR_MS, type Interval, Money, monthInterval, monthOf, newId } from '@throughline/kernel';
import { type EntityManager, everyCustomer } from '@throughline/platform';
import { lineSum } from '@throughline/rating';
import fc from 'fast-check';
import { baseFee, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import { contractOf, type Fact, MemoryBilling } from '../../test/memory-billing.js';
import { MemoryPosting } from '../../test/memory-provider.js';
import type { ProviderInvoice, ProviderLine } from '../outbound/payment-provider.js';
import { cutTo, lookBack } from './rating-inputs.js';

/** Whole lives of a contract at billing: late data, ends set early or in the past, cancelled invoices, in memory. */
const DAY = 24 * HOUR_MS;
const ZONE = 'Europe/Amsterdam';
const terms = termsOf([baseFee(), output(perUnit('0.0115'))]);
const machines = [1, 2].map((n) => ({ id: newId(), name: `AC-${n}` }));
const [one = { id: '', name: '' }, two = { id: '', name: '' }] = machines;
const begin = Date.parse('2026-01-10T08:30:00Z');
const january = monthInterval('2026-01', ZONE);
const february = monthInterval('2026-02', ZONE);

/** A day of the contract's life: hours that become known, an end that is agreed. */
const day = fc.record({
  facts: fc.array(
    fc.record({
      machine: fc.constantFrom(one, two),
      /** Hours back from the day: data comes days or months late, and the same hour comes again. */
      ago: fc.integer({ min: 1, max: 70 * 24 }),
      quantity: fc.integer({ min: 0, max: 9_000_000 }).map((n) => new Decimal(n).div(1_000).toFixed()),
    }),
    { maxLength: 2 },
  ),
  passes: fc.integer({ min: 1, max: 21 }),
  end: fc.option(fc.integer({ min: -80 * 24, max: 40 * 24 }), { freq: 9 }),
});
const life = fc.array(day, { minLength: 3, maxLength: 16 });
type Day = typeof life extends fc.Arbitrary<(infer T)[]> ? T : never;

/** Half away from nothing to cents, in whole numbers. */
function cents(top: bigint, bottom: bigint): bigint {
  return (2n * top + bottom) / (2n * bottom);
}

/** What the contract owes for everything, told month by month in whole numbers, from all that is known. */
function worth(world: MemoryBilling, months: readonly string[]): string {
  const { from, to } = world.contract;
  const until = to ?? Number.POSITIVE_INFINITY;
  const newest = new Map<string, Fact>();
  for (const fact of world.facts) newest.set(`${fact.assetId} ${fact.hour}`, fact);
  let total = 0n;
  for (const month of months) {
    const period = monthInterval(month, ZONE);
    const [start, stop] = [Math.max(from, period.from), Math.min(until, period.to)];
    if (stop - start < 1_000) continue;
    const seconds = Math.floor((stop - start) / 1_000);
    total += cents(2n * 45_000n * BigInt(seconds), BigInt((period.to - period.from) / 1_000));
    let thousandths = 0n;
    for (const { hour, quantity } of newest.values())
      if (hour >= start && hour < stop) thousandths += BigInt(new Decimal(quantity).times(1_000).toFixed());
    // 0.0115 a unit: 115 × a thousandth of a unit is in units of 10^-7, and a cent is 10^5 of them.
    total += cents(thousandths * 115n, 100_000n);
  }
  return new Decimal(total.toString()).div(100).toFixed(2);
}

async function lived(days: readonly Day[], world: MemoryBilling): Promise<void> {
  let today = begin;
  for (const { facts, passes, end } of days) {
    today += passes * DAY;
    world.clock.at = today;
    for (const { machine, ago, quantity } of facts) {
      const hour = Math.floor((today - ago * HOUR_MS) / HOUR_MS) * HOUR_MS;
      world.facts.push({ assetId: machine.id, hour, quantity, storedAt: today });
    }
    const { to } = world.contract;
    if (end !== null && (to === null || to > today)) {
      const at = today + end * HOUR_MS;
      if (at > begin && (to === null || at < to)) world.end(at);
    }
    await world.daily();
  }
}

const monthsOf = (world: MemoryBilling): string[] =>
  world.statements.filter((s) => s.kind === 'month').map((s) => monthOf(s.period.from, ZONE));
const amounts = (lines: readonly { chargeKey: string; kind: string; amount: Money; period: Interval }[]) =>
  lines.map((l) => [l.kind, l.chargeKey, l.amount.toString(), monthOf(l.period.from, ZONE)]);

describe('whatever comes late, and whenever the contract ends', () => {
  it('all statements together ask for what the months are worth, to the cent, and asking again finds nothing', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (days) => {
        const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
        await lived(days, world);
        // The last word: the contract ends, and some days later everything is settled.
        if (world.contract.to === null || world.contract.to > world.clock.at) world.end(world.clock.at);
        world.clock.at += 2 * DAY;
        await world.daily();
        const months = monthsOf(world);
        expect(new Set(months).size).toBe(months.length);
        expect(world.booked().toString()).toBe(worth(world, months));
        const before = world.statements.length;
        world.clock.at += DAY;
        await world.daily();
        expect(world.statements.length).toBe(before);
        expect(world.errors).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('a statement rated again as it was known then is the same, line by line', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (days) => {
        const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
        await lived(
          days.map((d) => ({ ...d, end: null })),
          world,
        );
        for (const { kind, period, storedBefore, lines } of world.statements) {
          if (kind !== 'month') continue;
          const own = lines.filter((line) => line.kind !== 'correction');
          expect(amounts(await world.rated(period, storedBefore))).toEqual(amounts(own));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('a correction is stamped with a month before its statement’s, and none is for nothing', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (days) => {
        const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
        await lived(days, world);
        const months = monthsOf(world);
        expect(months).toEqual([...months].sort());
        for (const { kind, period, lines } of world.statements)
          for (const line of lines) {
            if (line.kind !== 'correction') continue;
            expect(line.amount.isZero()).toBe(false);
            // A settlement may come within the month its contract ended in.
            if (kind === 'month') expect(line.period.to).toBeLessThanOrEqual(period.from);
            else expect(line.period.from).toBeLessThan(period.from);
            expect(months).toContain(monthOf(line.period.from, ZONE));
          }
      }),
      { numRuns: 15 },
    );
  });
});

describe('closing by hand', () => {
  const closed = async () => {
    const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
    world.clock.at = february.from + DAY;
    return { world, first: await world.close.run(everyCustomer, world.contract.id, '2026-01') };
  };

  it('books a month once, and asks for its posting again while its invoice is not out', async () => {
    const { world, first } = await closed();
    expect(await world.close.run(everyCustomer, world.contract.id, '2026-01')).toEqual({ ...first, changed: false });
    expect(world.posted).toEqual([first.statementId, first.statementId]);
    for (const statement of world.statements) statement.state = 'paid';
    await world.close.run(everyCustomer, world.contract.id, '2026-01');
    expect([world.statements.length, world.posted.length]).toEqual([1, 2]);
  });

  it('refuses a month that is not over, one outside the contract, and a contract that is not there', async () => {
    const { world } = await closed();
    const close = (month: string, id = world.contract.id) => world.close.run(everyCustomer, id, month);
    await expect(close('2026-02')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await expect(close('2025-12')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(close('2026-01', newId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(world.statements.length).toBe(1);
  });

  it('keeps when which machine was under contract, and the bound of what was known', async () => {
    const { world } = await closed();
    expect(world.statements[0]).toMatchObject({
      number: 'HF-1/2026-01',
      period: january,
      storedBefore: new Date(world.clock.at + 1),
      stays: machines.map(({ id }) => ({ assetId: id, from: begin, to: null })),
    });
  });

  it('knows what was stored before its bound, and leaves what was stored at it to the next statement', async () => {
    const { world } = await closed();
    const [{ storedBefore, period } = { storedBefore: new Date(0), period: january }] = world.statements;
    const at = storedBefore.getTime();
    const fact = (quantity: string, storedAt: number): Fact => ({
      assetId: one.id,
      hour: january.to - HOUR_MS,
      quantity,
      storedAt,
    });
    const total = async () => lineSum(await world.rated(period, storedBefore)).toString();
    const without = await total();
    world.facts = [fact('1000', at)];
    expect(await total()).toBe(without);
    world.facts = [fact('1000', at - 1)];
    expect(await total()).not.toBe(without);
    world.facts = [fact('1000', at)];
    world.clock.at = monthInterval('2026-03', ZONE).from + DAY;
    await world.daily();
    expect(amounts(world.statements[1]?.lines ?? []).at(-1)).toEqual(['correction', 'output', '11.50', '2026-01']);
  });

  it('puts what came late on the next statement, and nothing of a month that was cancelled', async () => {
    const { world } = await closed();
    const hour = january.to - HOUR_MS;
    world.facts.push({ assetId: one.id, hour, quantity: '1000', storedAt: world.clock.at + 5 });
    world.clock.at = monthInterval('2026-03', ZONE).from + DAY;
    await world.close.run(everyCustomer, world.contract.id, '2026-02');
    expect(amounts(world.statements[1]?.lines ?? []).at(-1)).toEqual(['correction', 'output', '11.50', '2026-01']);
    // February is cancelled at Stripe: the correction it carried is booked again, its own month is not.
    const [, second] = world.statements;
    if (second) second.state = 'void';
    world.clock.at = monthInterval('2026-04', ZONE).from + DAY;
    await world.close.run(everyCustomer, world.contract.id, '2026-03');
    const [, , third] = world.statements;
    expect(amounts(third?.lines ?? []).filter(([kind]) => kind === 'correction')).toEqual([
      ['correction', 'output', '11.50', '2026-01'],
    ]);
  });

  it('refuses amounts that cannot be kept, by their charge, and books nothing', async () => {
    const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
    world.facts = [{ assetId: one.id, hour: begin + HOUR_MS, quantity: '900000000000000000000', storedAt: begin }];
    world.clock.at = february.from + DAY;
    await expect(world.close.run(everyCustomer, world.contract.id, '2026-01')).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      faults: [expect.objectContaining({ field: 'output' }), expect.objectContaining({ field: 'total' })],
    });
    expect(world.statements).toEqual([]);
  });
});

describe('the settlement of an ended contract', () => {
  const ended = async () => {
    const world = new MemoryBilling(contractOf(terms, begin, february.from, ZONE), machines);
    world.clock.at = february.from + DAY;
    await world.daily();
    const late = (quantity: string) => {
      world.clock.at += 1;
      world.facts.push({ assetId: one.id, hour: january.to - HOUR_MS, quantity, storedAt: world.clock.at });
    };
    return { world, late };
  };
  const settlements = (world: MemoryBilling) => world.statements.filter((s) => s.kind === 'settlement');

  it('comes once for what came late, and not before all months are closed', async () => {
    const { world, late } = await ended();
    late('1000');
    await world.daily();
    await world.daily();
    expect(settlements(world).map((s) => [s.number, amounts(s.lines)])).toEqual([
      ['HF-1/settlement-1', [['correction', 'output', '11.50', '2026-01']]],
    ]);
    // February is still to be closed, and will carry what came late for January.
    const open = new MemoryBilling(contractOf(terms, begin, february.to, ZONE), machines);
    open.clock.at = february.from + DAY;
    await open.daily();
    open.facts = [{ assetId: one.id, hour: january.to - HOUR_MS, quantity: '1000', storedAt: february.to }];
    open.clock.at = february.to;
    expect(await open.settle.run(open.contract.id)).toBeUndefined();
  });

  it('that somebody cancelled is not asked for again, until it is another amount', async () => {
    const { world, late } = await ended();
    late('1000');
    await world.daily();
    for (const s of settlements(world)) s.state = 'void';
    for (let n = 0; n < 5; n += 1) {
      world.clock.at += DAY;
      await world.daily();
    }
    expect(settlements(world)).toHaveLength(1);
    late('3000');
    await world.daily();
    expect(settlements(world).map((s) => s.lines[0]?.amount.toString())).toEqual(['11.50', '34.50']);
    for (const s of settlements(world)) s.state = 'void';
    // Back to what the first one asked for: that was cancelled too.
    late('1000');
    await world.daily();
    late('0');
    await world.daily();
    expect(settlements(world)).toHaveLength(2);
  });

  it.each([
    ['the end', 100, 1],
    ['the end and a millisecond', 100.000001, 0],
  ])('still comes %s and a hundred days later', async (_when, days, count) => {
    const { world, late } = await ended();
    world.clock.at = february.from + Math.ceil(days * DAY);
    // The last close was a day after the end, and counts from there, with the bound of what it knew.
    world.clock.at += DAY;
    late('1000');
    await world.daily();
    expect(settlements(world)).toHaveLength(count);
  });

  it('is none of a contract that goes on, or does not exist', async () => {
    const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
    world.clock.at = february.from + DAY;
    await world.daily();
    expect(await world.settle.run(world.contract.id)).toBeUndefined();
    await expect(world.settle.run(newId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the schedule of a contract that cannot be rated', () => {
  it('fails by name, books nothing, and holds up the months after the one that fails', async () => {
    const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
    world.facts = [{ assetId: one.id, hour: february.from, quantity: '9'.repeat(21), storedAt: begin }];
    world.clock.at = monthInterval('2026-04', ZONE).to;
    await expect(world.closeDue.run()).rejects.toThrow('1 contracts could not be closed');
    expect(monthsOf(world)).toEqual(['2026-01']);
    expect(world.errors).toEqual([expect.objectContaining({ code: 'STATE_CONFLICT' })]);
  });

  it('stops between two months when it is told to', async () => {
    const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
    world.clock.at = monthInterval('2026-04', ZONE).to;
    await world.closeDue.run(AbortSignal.abort());
    expect(world.statements).toEqual([]);
  });
});

describe('the preview of a month', () => {
  const at = async (now: number, to: number | null = null) => {
    const world = new MemoryBilling(contractOf(terms, begin, to, ZONE), machines);
    world.facts = [{ assetId: one.id, hour: january.from + 15 * DAY, quantity: '1000', storedAt: begin }];
    world.clock.at = now;
    return { world, preview: await world.preview.accrued(everyCustomer, world.contract) };
  };

  it('is what the close books, once the month is over', async () => {
    const { world, preview } = await at(january.to - 1);
    world.clock.at = february.from + DAY;
    await world.daily();
    expect(amounts(preview.lines)).toEqual(amounts(world.statements[0]?.lines ?? []));
    expect(preview.total.toString()).toBe(lineSum(world.statements[0]?.lines ?? []).toString());
  });

  it.each([
    ['before the contract', begin - DAY, '0.00', begin],
    ['within its month', begin + 10 * DAY, undefined, begin + 10 * DAY],
    ['after its end', february.from + 60 * DAY, undefined, february.from],
  ])('is complete, %s, up to then', async (_when, now, total, completeTo) => {
    const { preview } = await at(now, february.from);
    expect(preview.completeTo).toBe(completeTo);
    expect(preview.total.toString()).toBe(total ?? lineSum(preview.lines).toString());
    expect(preview.lines.length === 0).toBe(total !== undefined);
  });

  it('under other terms rates a past month, and refuses one that has not begun', async () => {
    const { world } = await at(february.from + DAY);
    const cheaper = termsOf([baseFee('100.00', 'contract')]);
    const { total } = await world.preview.ofTerms(everyCustomer, world.contract.id, '2026-01', cheaper);
    const seconds = (january.to - begin) / 1_000;
    expect(total.toString()).toBe(
      new Decimal(10_000)
        .times(seconds)
        .div((january.to - january.from) / 1_000)
        .div(100)
        .toFixed(2),
    );
    await expect(world.preview.ofTerms(everyCustomer, world.contract.id, '2026-03', cheaper)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('a statement on its way to Stripe', () => {
  const minor = fc.integer({ min: -900_000, max: 9_000_000 }).map((n) => new Decimal(n).div(100).toFixed(2));
  const lines = fc.array(minor, { minLength: 1, maxLength: 8 });
  const fails = fc.array(fc.constantFrom('no' as const, 'no' as const, 'before' as const, 'after' as const), {
    maxLength: 30,
  });
  const tried = (world: MemoryPosting): Promise<string> =>
    world.post.run('s1').then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
  const invoiced = (world: MemoryPosting) =>
    world.provider.invoices.map(({ status, lines: of }) => [status, of.map((l) => `${l.lineId} ${l.amount}`).sort()]);
  const wanted = (amounts: readonly string[]) => amounts.map((amount, n) => `l${n} ${amount}`).sort();

  it('gets one invoice with each line once, whichever calls fail before or after they took effect', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fails, async (amounts, faults) => {
        const world = new MemoryPosting(amounts);
        world.provider.fails = [...faults];
        for (let n = 0; n <= faults.length && world.statement.state !== 'finalised'; n += 1)
          expect(['done', 'PAYMENT_PROVIDER_FAILED']).toContain(await tried(world));
        expect(world.statement.state).toBe('finalised');
        expect(invoiced(world)).toEqual([['open', wanted(amounts)]]);
        expect(world.provider.customers.size).toBe(1);
        expect(new Decimal(world.statement.stripeTotal ?? 'NaN').equals(world.statement.total)).toBe(true);
        // Posted again, nothing more happens.
        await tried(world);
        expect([invoiced(world).length, world.moves.at(-1)]).toEqual([1, 'finalised']);
      }),
      { numRuns: 80 },
    );
  });

  it('gets one invoice from two runs at once, too', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fails, async (amounts, faults) => {
        const world = new MemoryPosting(amounts);
        world.provider.fails = [...faults];
        for (let n = 0; n < 32 && world.statement.state !== 'finalised'; n += 1)
          await Promise.all([tried(world), tried(world)]);
        expect([world.statement.state, invoiced(world)]).toEqual(['finalised', [['open', wanted(amounts)]]]);
      }),
      { numRuns: 25 },
    );
  });

  it('never goes out silently with what somebody else put on it, whenever that was', async () => {
    await fc.assert(
      fc.asyncProperty(lines, minor, fc.nat(8), async (amounts, more, after) => {
        fc.pre(Number(more) !== 0);
        const world = new MemoryPosting(amounts);
        const add = () => {
          const [draft] = world.provider.invoices;
          if (draft?.status !== 'draft') return;
          const line = { id: 'il_x', lineId: null, amount: Money.of(more, 'EUR') };
          world.provider.change(draft.id, { lines: [...draft.lines, line] });
        };
        world.provider.meanwhile = { after, work: add };
        const result = await tried(world);
        const foreign = world.provider.invoices[0]?.lines.some((line) => line.lineId === null);
        expect([result, world.statement.state]).toEqual(
          foreign ? ['TOTALS_DIFFER', 'totals_differ'] : ['done', 'finalised'],
        );
      }),
      { numRuns: 80 },
    );
  });

  it.each<[string, (lines: readonly ProviderLine[]) => ProviderLine[]]>([
    ['one line more', (own) => [...own, { id: 'x', lineId: null, amount: Money.of('5.00', 'EUR') }]],
    ['one line less', (own) => own.slice(1)],
    ['the same total in other lines', (own) => own.map((l, n) => ({ ...l, amount: own[1 - n]?.amount ?? l.amount }))],
    ['a line of nothing more', (own) => [...own, { id: 'x', lineId: null, amount: Money.zero('EUR') }]],
  ])('stays a draft when it was given %s before it went out', async (_what, change) => {
    const world = new MemoryPosting(['12.50', '2.00']);
    const touch = () => {
      const [draft] = world.provider.invoices;
      if (draft) world.provider.change(draft.id, { lines: change(draft.lines) });
    };
    // Customer, draft, its lines, ours added: then the person comes.
    world.provider.meanwhile = { after: 3, work: touch };
    expect([await tried(world), world.statement.state]).toEqual(['TOTALS_DIFFER', 'totals_differ']);
    expect(world.provider.invoices.map((invoice) => invoice.status)).toEqual(['draft']);
  });

  it('whose draft was deleted waits for a person, and gets a new one when it is asked for again', async () => {
    const world = new MemoryPosting(['12.50', '-2.00']);
    // The answer to the lines is lost, then somebody deletes the draft.
    world.provider.fails = ['no', 'no', 'no', 'after'];
    expect(await tried(world)).toBe('PAYMENT_PROVIDER_FAILED');
    world.provider.invoices = [];
    expect([await tried(world), world.statement.state]).toEqual(['done', 'totals_differ']);
    expect(world.provider.invoices).toEqual([]);
    expect([await tried(world), world.statement.state]).toEqual(['done', 'finalised']);
    expect(invoiced(world)).toEqual([['open', wanted(['12.50', '-2.00'])]]);
  });

  it('without lines is settled without an invoice', async () => {
    const world = new MemoryPosting([]);
    await world.post.run('s1');
    expect([world.statement.state, world.provider.invoices, world.provider.customers.size]).toEqual(['paid', [], 0]);
  });

  it('that is not there is told so', async () => {
    await expect(new MemoryPosting([]).post.run('s2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('makes a customer anew who was deleted there, and says so', async () => {
    const world = new MemoryPosting(['1.00']);
    world.provider.fails = ['no', 'before'];
    await tried(world);
    world.provider.customers.clear();
    await tried(world);
    expect([world.statement.state, world.provider.customers.size]).toEqual(['finalised', 1]);
    expect(world.warnings).toEqual(['a customer deleted at Stripe was made anew']);
  });

  it.each([
    ['another total', '2.00', 'totals_differ'],
    ['its total', '1.00', 'finalised'],
  ])('that somebody finalised at Stripe with %s is %s', async (_what, subtotal, state) => {
    const world = new MemoryPosting(['1.00']);
    world.provider.fails = ['no', 'no', 'no', 'before'];
    await tried(world);
    const [draft] = world.provider.invoices;
    const open = {
      ...(await world.provider.invoice(draft?.id ?? '')),
      status: 'open',
      subtotal: Money.of(subtotal, 'EUR'),
    };
    await world.follow.follow({} as EntityManager, 's1', open as ProviderInvoice, 'finalised');
    expect([world.statement.state, world.moves.at(-1)]).toEqual([state, state]);
  });

  it('follows no invoice that only carries its mark', async () => {
    const world = new MemoryPosting(['1.00']);
    await world.post.run('s1');
    const [own] = world.provider.invoices;
    const copy = { ...(await world.provider.invoice(own?.id ?? '')), id: 'in_copy' } as ProviderInvoice;
    await world.follow.follow({} as EntityManager, 's1', copy, 'void');
    expect([world.statement.state, world.statement.stripeInvoiceId]).toEqual(['finalised', own?.id]);
  });
});

describe('the evidence of a line', () => {
  it('adds up to the line, whatever came after the statement and whenever the contract ended since', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (days) => {
        const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
        await lived(days, world);
        for (const statement of world.statements)
          for (const line of statement.lines) {
            if (line.kind !== 'usage') continue;
            const of = world.evidenced(statement, line);
            const { assets, windowCount } = await world.evidence.summary(everyCustomer, of);
            const sum = assets.reduce((n, asset) => n.plus(asset.quantity?.value ?? 0), new Decimal(0));
            expect(sum.toFixed()).toBe(line.quantity?.toFixed());
            expect(assets.reduce((n, asset) => n + asset.windowCount, 0)).toBe(windowCount);
            expect(assets.map((asset) => asset.assetId).sort()).toEqual(machines.map((m) => m.id).sort());
          }
      }),
      { numRuns: 15 },
    );
  });

  it('of an availability credit is the time it was judged by, cut to the time under contract', async () => {
    const world = new MemoryBilling(contractOf(termsOf([baseFee()], [uptime()]), begin, february.from, ZONE), machines);
    const piece = (from: number, to: number, category: Category): TimelineInterval => ({
      from,
      to,
      category,
      source: 'state_map',
      detail: category,
      evidence: { messages: 1 },
    });
    const fault = begin + 10 * DAY;
    world.timeline = new Map([
      [
        one.id,
        [
          piece(january.from, fault, 'producing'),
          piece(fault, fault + 2 * DAY, 'vendor_down'),
          piece(fault + 2 * DAY, february.to, 'producing'),
        ],
      ],
    ]);
    world.clock.at = february.from + DAY;
    await world.daily();
    const [statement] = world.statements;
    const credit = statement?.lines.find((line) => line.kind === 'credit');
    if (!statement || !credit) throw new Error('there is no credit');
    // 2 of 21.6 days: 90.74 %, which earns a fifth of what the fee was for the part of the month.
    const fee = new Decimal(450).times(february.from - begin).div(january.to - january.from);
    expect(credit.amount.toString()).toBe(fee.times('-0.2').toFixed(2));
    const { edges } = await world.evidence.intervals(everyCustomer, world.evidenced(statement, credit), {
      first: 10,
      after: undefined,
    });
    expect(edges.map(({ node: { assetId, interval: i } }) => [assetId, i.from, i.to, i.category])).toEqual([
      [one.id, begin, fault, 'producing'],
      [one.id, fault, fault + 2 * DAY, 'vendor_down'],
      [one.id, fault + 2 * DAY, february.from, 'producing'],
    ]);
    const other = await world.evidence.intervals(
      everyCustomer,
      world.evidenced(statement, credit),
      { first: 10, after: undefined },
      two.id,
    );
    expect(other.edges).toEqual([]);
    // Where the month stands is what the credit was worked out from.
    const figures = await world.guarantees.of(everyCustomer, [one.id, two.id], '2026-01');
    expect(figures.get(one.id)).toMatchObject({
      month: '2026-01',
      figure: { percent: new Decimal(100).minus(new Decimal(200 * DAY).div(january.to - begin)).toFixed(2) },
    });
  });
});

describe('where a guarantee stands', () => {
  it.each([
    ['Europe/Amsterdam', '2026-03-31T21:59:59Z', '2026-03'],
    ['Europe/Amsterdam', '2026-03-31T22:00:00Z', '2026-04'],
    ['Asia/Kolkata', '2026-03-31T18:30:00Z', '2026-04'],
    ['America/Sao_Paulo', '2026-04-01T02:59:59Z', '2026-03'],
    ['Pacific/Kiritimati', '2026-03-31T10:00:00Z', '2026-04'],
  ])('is of the month that runs in %s at %s: %s', async (zone, now, month) => {
    const world = new MemoryBilling(contractOf(termsOf([baseFee()], [uptime()]), begin, null, zone), machines);
    world.clock.at = Date.parse(now);
    const figures = await world.guarantees.of(everyCustomer, [one.id]);
    expect(figures.get(one.id)?.month).toBe(month);
    const { from, to } = monthInterval(month, zone);
    expect(figures.get(one.id)?.figure.totalMs).toBeLessThanOrEqual(to - from);
  });

  it('is nothing for a machine that is under no contract then, or without a guarantee', async () => {
    const world = new MemoryBilling(contractOf(termsOf([baseFee()], [uptime()]), begin, february.from, ZONE), machines);
    const of = async (now: number, month?: string) => {
      world.clock.at = now;
      return (await world.guarantees.of(everyCustomer, [one.id, newId()], month)).size;
    };
    expect([await of(begin - 1), await of(begin), await of(february.from - 1), await of(february.from)]).toEqual([
      0, 1, 1, 0,
    ]);
    expect([await of(february.to, '2026-01'), await of(february.to, '2026-02')]).toEqual([1, 0]);
    const plain = new MemoryBilling(contractOf(terms, begin, null, ZONE), machines);
    plain.clock.at = begin + DAY;
    expect((await plain.guarantees.of(everyCustomer, [one.id])).size).toBe(0);
  });
});

describe('what rating is given', () => {
  it('is each machine’s stay cut to the period, to the millisecond', () => {
    const stay = fc.record({
      assetId: fc.constantFrom('a', 'b'),
      from: fc.nat(60),
      length: fc.option(fc.integer({ min: 1, max: 30 })),
    });
    fc.assert(
      fc.property(
        fc.array(stay, { maxLength: 6 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 40 }),
        (list, from, length) => {
          const stays = list.map((s) => ({
            assetId: s.assetId,
            from: s.from,
            to: s.length === null ? null : s.from + s.length,
          }));
          const cut = cutTo({ from, to: from + length }, stays);
          const at = (t: number, of: readonly { assetId: string; from: number; to: number | null }[]) =>
            of.filter((s) => t >= s.from && t < (s.to ?? 999)).map((s) => s.assetId);
          const everyMs = Array.from({ length: 110 }, (_, t) => t);
          expect(everyMs.map((t) => at(t, cut))).toEqual(
            everyMs.map((t) => (t >= from && t < from + length ? at(t, stays) : [])),
          );
        },
      ),
    );
  });

  it('reaches back as far as the guarantee that looks furthest', () => {
    const carried = (minutes: number) =>
      uptime({
        definition: { ...uptime().definition, unknown: { mode: 'last_state_for', minutes, then: 'down' } },
      });
    expect([lookBack([]), lookBack([uptime()]), lookBack([carried(5), uptime(), carried(60)])]).toEqual([
      0, 0, 3_600_001,
    ]);
  });

  it('says of a machine since when it is out of service, by the contract’s day, from that month on', async () => {
    const retiredAt = new Date('2026-01-31T23:30:00Z');
    const world = new MemoryBilling(contractOf(terms, begin, null, ZONE), [{ ...one, retiredAt }, two]);
    const labels = async (period: Interval) =>
      (await world.inputs.assetsOf(everyCustomer, world.contract, period)).map((asset) => asset.label);
    // Half past midnight on 1 February in Amsterdam.
    expect(await labels(january)).toEqual(['AC-1', 'AC-2']);
    expect(await labels({ from: january.from, to: retiredAt.getTime() })).toEqual(['AC-1', 'AC-2']);
    expect(await labels(february)).toEqual(['AC-1 (retired 2026-02-01)', 'AC-2']);
  });
});

describe('news of an invoice at Stripe', () => {
  const HOUR = HOUR_MS;
  type Status = 'open' | 'paid' | 'uncollectible' | 'void';
  const news: Record<string, { from: Status[]; to: Status }> = {
    'invoice.payment_failed': { from: ['open'], to: 'open' },
    'invoice.paid': { from: ['open', 'uncollectible'], to: 'paid' },
    'invoice.marked_uncollectible': { from: ['open'], to: 'uncollectible' },
    'invoice.voided': { from: ['open', 'uncollectible'], to: 'void' },
    'customer.updated': { from: ['open', 'paid', 'uncollectible', 'void'], to: 'open' },
  };
  const happening = fc.record({
    type: fc.constantFrom(...Object.keys(news)),
    /** How often the webhook comes: lost, once, twice. */
    comes: fc.nat(2),
    /** Whether Stripe can be asked when the event is worked at. */
    fails: fc.boolean(),
    later: fc.boolean(),
  });

  const open = async () => {
    const world = new MemoryPosting(['12.00']);
    await world.post.run('s1');
    return { world, id: world.provider.invoices[0]?.id ?? '' };
  };
  const work = async (world: MemoryPosting) => {
    for (const eventId of world.queue.splice(0))
      await world.apply.run(eventId).catch((error: { code: string }) => {
        expect(error.code).toBe('PAYMENT_PROVIDER_FAILED');
      });
  };
  const webhook = (world: MemoryPosting, id: string, signature = 'good') =>
    world.receive.fromWebhook(Buffer.from(id), signature);

  it('leads to what became of it, however late, often, out of order or lost it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 10 }), async (list) => {
        const { world, id } = await open();
        let [status, refused]: [Status, boolean] = ['open', false];
        const delayed: string[] = [];
        for (const { type, comes, fails, later } of list) {
          const known = news[type];
          if (!known?.from.includes(status)) continue;
          if (type !== 'customer.updated') status = known.to;
          if (type === 'invoice.payment_failed') refused = true;
          world.clock.at += HOUR;
          const event = world.provider.happens(world.clock.at, type, id, { status });
          for (let n = 0; n < comes; n += 1)
            if (later) delayed.unshift(event.id);
            else await webhook(world, event.id);
          world.provider.fails = fails ? ['before'] : [];
          await work(world);
          world.provider.fails = [];
        }
        for (const eventId of delayed) await webhook(world, eventId);
        await work(world);
        // What was lost is listed; what was given up is taken up again an hour later.
        world.clock.at += HOUR + 1;
        await world.receive.fillGaps();
        await work(world);
        const expected = {
          open: refused ? 'payment_failed' : 'finalised',
          paid: 'paid',
          uncollectible: 'payment_failed',
          void: 'void',
        };
        expect(world.statement.state).toBe(expected[status]);
        expect(world.received.size).toBe(world.provider.events.length);
        // Nothing is new the next time, and nothing is left to be worked at.
        world.clock.at += HOUR + 1;
        expect([await world.receive.fillGaps(), world.queue]).toEqual([0, []]);
      }),
      { numRuns: 120 },
    );
  });

  it('is stored once, and worked at only when it is about an invoice', async () => {
    const { world, id } = await open();
    const paid = world.provider.happens(world.clock.at, 'invoice.paid', id, { status: 'paid' });
    const other = world.provider.happens(world.clock.at, 'customer.updated', id, {});
    for (const event of [paid, paid, other, other]) await webhook(world, event.id);
    expect([world.received.size, world.queue]).toEqual([2, [paid.id]]);
    await world.apply.run(paid.id);
    world.provider.change(id, { status: 'void' });
    // Worked at already: the invoice is not asked for again.
    await world.apply.run(paid.id);
    expect(world.statement.state).toBe('paid');
  });

  it('is refused unsigned, and then not stored', async () => {
    const { world, id } = await open();
    const paid = world.provider.happens(world.clock.at, 'invoice.paid', id, { status: 'paid' });
    await expect(webhook(world, paid.id, 'bad')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect([world.received.size, world.queue]).toEqual([0, []]);
  });

  it('is looked for three days back, to the millisecond', async () => {
    const { world, id } = await open();
    const at = world.clock.at;
    world.provider.happens(at, 'invoice.paid', id, { status: 'paid' });
    world.clock.at = at + 3 * DAY + 1;
    expect(await world.receive.fillGaps()).toBe(0);
    world.clock.at = at + 3 * DAY;
    expect(await world.receive.fillGaps()).toBe(1);
  });

  it('about an invoice that is gone changes nothing and is done with', async () => {
    const { world, id } = await open();
    const paid = world.provider.happens(world.clock.at, 'invoice.paid', id, { status: 'paid' });
    await webhook(world, paid.id);
    world.provider.invoices = [];
    await work(world);
    expect(world.statement.state).toBe('finalised');
    expect(world.received.get(paid.id)?.processedAt).toBe(world.clock.at);
  });
});
