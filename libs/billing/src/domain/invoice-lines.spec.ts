import { DomainError, Money } from '@throughline/kernel';
import fc from 'fast-check';
import { type InvoicedLine, invoiceLines, MOST_LINES, mustBeBookable } from './invoice-lines.js';

const line = (id: string, minor: number, chargeKey = 'output', from = 0, description = `line ${id}`): InvoicedLine => ({
  id,
  chargeKey,
  description,
  amount: Money.fromMinor(minor, 'EUR'),
  period: { from, to: from + 1 },
});

const total = (lines: readonly { amount: Money }[]): string =>
  lines.reduce((sum, l) => sum.plus(l.amount), Money.zero('EUR')).toString();

describe('lines of an invoice', () => {
  it('are those of the statement while they fit', () => {
    const lines = Array.from({ length: MOST_LINES }, (_, i) => line(`l${i}`, i));
    expect(invoiceLines(lines)).toEqual(
      lines.map(({ id, description, amount, period }) => ({ lineId: id, description, amount, period })),
    );
  });

  it('are summed by charge and period when there are more', () => {
    const lines = [line('a', 100), line('b', -30, 'uptime'), line('c', 200), line('d', 5, 'output', 7), line('e', 1)];
    expect(invoiceLines(lines, 4)).toEqual([
      {
        lineId: 'a',
        description: 'line a (and 2 more, see the statement)',
        amount: lines[0] && Money.of('3.01', 'EUR'),
        period: { from: 0, to: 1 },
      },
      { lineId: 'b', description: 'line b', amount: Money.of('-0.30', 'EUR'), period: { from: 0, to: 1 } },
      { lineId: 'd', description: 'line d', amount: Money.of('0.05', 'EUR'), period: { from: 7, to: 8 } },
    ]);
  });

  it('are refused when charges and periods alone are too many', () => {
    const lines = Array.from({ length: 5 }, (_, i) => line(`l${i}`, 1, `charge ${i}`));
    expect(() => invoiceLines(lines, 4)).toThrow('5 charges and periods; an invoice takes 4 lines');
  });

  it('have descriptions that Stripe takes, and say that more stands on the statement', () => {
    const long = 'x'.repeat(2_000);
    const [one] = invoiceLines([line('a', 1, 'output', 0, long)]);
    expect(one?.description).toBe(`${'x'.repeat(499)}…`);
    const [many] = invoiceLines([line('a', 1, 'o', 0, long), line('b', 1, 'o', 0, long)], 1);
    expect(many?.description).toHaveLength(500);
    expect(many?.description).toMatch(/x… \(and 1 more, see the statement\)$/);
  });

  it('always add up to the statement, within the limit, with each id once, the same each time', () => {
    const some = fc.array(
      fc.record({
        minor: fc.integer({ min: -100_000, max: 100_000 }),
        charge: fc.constantFrom('base_fee', 'output', 'uptime'),
        month: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 12, max: 70 }), (parts, most) => {
        const lines = parts.map((p, i) => line(`l${i}`, p.minor, p.charge, p.month));
        const invoiced = invoiceLines(lines, most);
        expect(total(invoiced)).toBe(total(lines));
        expect(invoiced.length).toBeLessThanOrEqual(most);
        expect(new Set(invoiced.map((l) => l.lineId)).size).toBe(invoiced.length);
        expect(invoiceLines(lines, most)).toEqual(invoiced);
      }),
    );
  });
});

describe('an amount too large to be kept', () => {
  const of = (...amounts: string[]): string[] => {
    try {
      mustBeBookable(
        amounts.map((amount, n) => ({ chargeKey: `charge_${n}`, amount: Money.of(amount, 'EUR') })),
        'EUR',
      );
      return [];
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      expect(error.code).toBe('STATE_CONFLICT');
      return error.faults.map((fault) => fault.field);
    }
  };
  const most = '9999999999999999.99';

  it.each([
    [[most], []],
    [[`-${most}`], []],
    [['10000000000000000.00'], ['charge_0', 'total']],
    [['-10000000000000000.00'], ['charge_0', 'total']],
    // No line alone is too large, but their sum is.
    [[most, '0.01'], ['total']],
    [[most, `-${most}`, '5.00'], []],
    [
      ['5.00', '20000000000000000.00', '-20000000000000000.00'],
      ['charge_1', 'charge_2'],
    ],
    [[], []],
  ])('%j is refused at %j', (amounts, fields) => expect(of(...amounts)).toEqual(fields));

  it('is named with its size', () => {
    const line = { chargeKey: 'output', amount: Money.of('12345678901234567.80', 'EUR') };
    expect(() => mustBeBookable([line], 'EUR')).toThrow(
      'output: 12345678901234567.80 EUR is too much to be booked: below 10^16',
    );
  });
});
