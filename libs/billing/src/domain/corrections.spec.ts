import { Decimal, Money, ZERO } from '@throughline/kernel';
import type { RatedLine } from '@throughline/rating';
import fc from 'fast-check';
import { type BookedLine, type CorrectionLine, corrections, sameCorrections } from './corrections.js';

const period = { from: Date.parse('2026-01-01T00:00:00Z'), to: Date.parse('2026-02-01T00:00:00Z') };
const eur = (text: string): Money => Money.of(text, 'EUR');

const rated = (chargeKey: string, amount: string, more: Partial<RatedLine> = {}): RatedLine => ({
  chargeKey,
  kind: 'usage',
  description: `Charge ${chargeKey}`,
  amount: eur(amount),
  period,
  explanation: [],
  ...more,
});

/** How a line reads once it is booked. */
const book = (line: RatedLine | CorrectionLine): BookedLine => ({
  chargeKey: line.chargeKey,
  kind: line.kind,
  description: line.description,
  assetId: line.assetId ?? null,
  meter: line.meter ?? null,
  quantity: line.quantity ?? null,
  unit: line.unit ?? null,
  amount: line.amount,
});

const diff = (now: readonly RatedLine[], booked: readonly BookedLine[]) => corrections(now, booked, period, 'EUR');

describe('corrections', () => {
  it('are the difference of a charge, stamped with the period it is for', () => {
    const before = rated('output', '115.00', { quantity: new Decimal(10_000), unit: 'm3', meter: 'output_m3' });
    const after = rated('output', '120.75', {
      quantity: new Decimal(10_500),
      unit: 'm3',
      meter: 'output_m3',
      quality: 'estimated',
    });
    expect(diff([after], [book(before)])).toEqual([
      {
        chargeKey: 'output',
        kind: 'correction',
        description: 'Correction: Charge output',
        meter: 'output_m3',
        quantity: new Decimal(500),
        unit: 'm3',
        quality: 'estimated',
        amount: eur('5.75'),
        period,
        explanation: [
          { text: 'Rated anew with all that is known now', quantity: '10500', unit: 'm3', amount: '120.75' },
          { text: 'Booked for this period before, taken off', quantity: '-10000', unit: 'm3', amount: '-115.00' },
        ],
      },
    ]);
  });

  it('take a credit back that is not due any more, and book one that came to be', () => {
    const credit = (asset: string) => rated('uptime', '-22.50', { kind: 'credit', assetId: asset });
    const lines = diff([credit('b')], [book(credit('a'))]);
    expect(lines.map(({ assetId, amount }) => [assetId, amount.toString()])).toEqual([
      ['b', '-22.50'],
      ['a', '22.50'],
    ]);
    expect(lines[1]?.explanation.map((step) => step.amount)).toEqual(['0.00', '22.50']);
  });

  it('keep assets and charges apart, whatever their names', () => {
    const now = [rated('a b', '1.00'), rated('a', '2.00', { assetId: 'b' })];
    const lines = diff(now, []);
    expect(lines.map((l) => [l.chargeKey, l.assetId, l.amount.toString()])).toEqual([
      ['a b', undefined, '1.00'],
      ['a', 'b', '2.00'],
    ]);
  });

  it('do not pile up their prefix when a correction is all that is booked', () => {
    const [first] = diff([rated('output', '5.00')], []);
    expect(first && diff([], [book(first)])[0]?.description).toBe('Correction: Charge output');
  });

  it('name no quantity where only the price differs', () => {
    const quantity = new Decimal(3);
    const [line] = diff(
      [rated('output', '5.00', { quantity, unit: 'h' })],
      [book(rated('output', '4.00', { quantity, unit: 'h' }))],
    );
    expect(line).not.toHaveProperty('quantity');
    expect(line).not.toHaveProperty('unit');
  });
});

const someLines = fc.array(
  fc
    .record({
      chargeKey: fc.constantFrom('base_fee', 'output', 'uptime', 'hours'),
      assetId: fc.constantFrom('a', 'b', undefined),
      minor: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      quantity: fc.integer({ min: -5_000, max: 5_000 }),
    })
    .map(({ chargeKey, assetId, minor, quantity }) =>
      rated(chargeKey, '0', {
        ...(assetId && { assetId }),
        amount: Money.fromMinor(minor, 'EUR'),
        quantity: new Decimal(quantity),
        unit: 'm3',
      }),
    ),
  { maxLength: 12 },
);

/** Money and quantity by charge and asset; what adds up to no money is not told apart from what is not there. */
function sums(lines: readonly BookedLine[]): Map<string, string> {
  const amounts = new Map<string, Money>();
  for (const l of lines) {
    const key = `${l.chargeKey}/${l.assetId}`;
    amounts.set(key, (amounts.get(key) ?? Money.zero('EUR')).plus(l.amount));
  }
  return new Map(
    [...amounts].filter(([, amount]) => !amount.isZero()).map(([key, amount]) => [key, amount.toString()]),
  );
}

describe('corrections, for any lines', () => {
  it('of what is booked already are none', () => {
    fc.assert(fc.property(someLines, (lines) => expect(diff(lines, lines.map(book))).toEqual([])));
  });

  it('once booked leave nothing to correct', () => {
    fc.assert(
      fc.property(someLines, someLines, (now, before) => {
        const booked = before.map(book);
        const all = [...booked, ...diff(now, booked).map(book)];
        expect(diff(now, all)).toEqual([]);
        expect(sums(all)).toEqual(sums(now.map(book)));
      }),
    );
  });

  it('of one late fact after the other book what all at once would', () => {
    fc.assert(
      fc.property(someLines, fc.array(someLines, { maxLength: 4 }), (first, later) => {
        let booked = first.map(book);
        for (const now of later) booked = [...booked, ...diff(now, booked).map(book)];
        expect(sums(booked)).toEqual(sums((later.at(-1) ?? first).map(book)));
      }),
    );
  });

  it('do not depend on the order of what is booked', () => {
    const plain = (lines: readonly CorrectionLine[]) =>
      lines.map((l) => `${l.chargeKey}/${l.assetId} ${l.amount}`).sort();
    fc.assert(
      fc.property(someLines, someLines, (now, before) => {
        const booked = before.map(book);
        expect(plain(diff([...now].reverse(), [...booked].reverse()))).toEqual(plain(diff(now, booked)));
      }),
    );
  });

  it('are explained by steps that add up to the amount', () => {
    fc.assert(
      fc.property(someLines, someLines, (now, before) => {
        for (const line of diff(now, before.map(book))) {
          const explained = line.explanation.reduce((sum, s) => sum.plus(eur(s.amount ?? '0')), Money.zero('EUR'));
          expect(explained.toString()).toBe(line.amount.toString());
          const quantities = line.explanation.reduce((sum, s) => sum.plus(s.quantity ?? 0), ZERO);
          expect(quantities.toFixed()).toBe((line.quantity ?? ZERO).toFixed());
        }
      }),
    );
  });
});

describe('the same corrections', () => {
  const list = fc
    .tuple(someLines, someLines)
    .map(([now, before]) => diff(now, before.map(book)))
    .filter((lines) => lines.length > 0);

  it('are the same in any order', () => {
    const mixed = list.chain((lines) =>
      fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
    );
    fc.assert(fc.property(mixed, ([lines, again]) => expect(sameCorrections(lines, again)).toBe(true)));
  });

  it('are not, with another amount, charge, asset or month, or one line more', () => {
    fc.assert(
      fc.property(list, fc.nat(), (lines, which) => {
        const at = which % lines.length;
        const others = [
          { amount: (lines[at]?.amount ?? eur('0')).plus(eur('0.01')) },
          { chargeKey: 'another' },
          { assetId: 'c' },
          { period: { ...period, from: period.from - 1 } },
        ];
        for (const more of others) {
          const other = lines.map((line, n) => (n === at ? { ...line, ...more } : line));
          expect(sameCorrections(lines, other)).toBe(false);
        }
        expect(sameCorrections(lines, lines.slice(1))).toBe(false);
        expect(sameCorrections([], lines)).toBe(false);
      }),
    );
  });

  it('are told by what an amount is worth, however it is written', () => {
    const line = (amount: string) => ({ chargeKey: 'output', period, amount: eur(amount) });
    expect(sameCorrections([line('12.5')], [line('12.5000')])).toBe(true);
    expect(sameCorrections([line('12.5')], [{ ...line('12.50'), assetId: undefined }])).toBe(true);
    expect(sameCorrections([], [])).toBe(true);
  });
});
