import fc from 'fast-check';
import { lineAmount, priced } from './money.js';
import type { PriceRow } from './rows.js';

const decimalText = (digits: number) =>
  fc
    .tuple(fc.boolean(), fc.nat(99_999_999), fc.integer({ min: 0, max: digits }), fc.nat(999_999_999))
    .map(
      ([minus, whole, places, part]) =>
        `${minus ? '-' : ''}${whole}${places ? `.${String(part).padStart(9, '0').slice(0, places)}` : ''}`,
    );

/** Digits without the point, and how many stand behind it. */
const scaled = (text: string): [bigint, number] => [BigInt(text.replace('.', '')), (text.split('.')[1] ?? '').length];

/** Half up on whole numbers alone: (2·n + d) / 2d of the absolute value, rounded down. */
function expected(unit: string, quantity: string): number {
  const [a, x] = scaled(unit);
  const [b, y] = scaled(quantity);
  const negative = unit.startsWith('-') !== quantity.startsWith('-');
  const product = a * b;
  const size = product < 0n ? -product : product;
  const whole = (2n * size + 10n ** BigInt(x + y)) / (2n * 10n ** BigInt(x + y));
  return Number(negative && whole !== 0n ? -whole : whole);
}

const price = (tiers_mode: 'graduated' | 'volume', tiers: [number | null, string, string | null][]): PriceRow =>
  ({
    billing_scheme: 'tiered',
    tiers_mode,
    transform_quantity: null,
    _tiers: tiers.map(([up_to, unit, flat]) => ({
      up_to,
      unit_amount_decimal: unit,
      flat_amount_decimal: flat,
      unit_amount: null,
      flat_amount: null,
    })),
  }) as unknown as PriceRow;

describe('the amount of a line', () => {
  it.each([
    ['0.5', '1', 1],
    ['-0.5', '1', -1],
    ['0.125', '4', 1],
    ['0.1249999', '4', 0],
    ['-0.4', '1', 0],
    ['100', '0', 0],
    ['0.000000000001', '499999999999', 0],
    ['0.000000000001', '500000000000', 1],
  ])('%s × %s is %s', (unit, quantity, amount) => {
    expect(Object.is(lineAmount(unit, quantity), amount)).toBe(true);
  });

  it('is unit × quantity rounded half up, whatever the numbers', () => {
    fc.assert(
      fc.property(decimalText(9), decimalText(6), (unit, quantity) => {
        expect(lineAmount(unit, quantity)).toBe(expected(unit, quantity));
      }),
    );
  });
});

describe('tiers', () => {
  it('graduated: every unit is in exactly one tier', () => {
    const row = price('graduated', [
      [10, '1', null],
      [100, '1', null],
      [null, '1', null],
    ]);
    fc.assert(
      fc.property(fc.nat(1000), (n) => {
        expect(priced(row, String(n)).reduce((sum, part) => sum + Number(part.quantity), 0)).toBe(n);
      }),
    );
  });

  it('graduated: a boundary stays in the tier below, and a flat fee comes with the first unit above', () => {
    const row = price('graduated', [
      [10, '5', null],
      [null, '3', '700'],
    ]);
    const amounts = (n: string) => priced(row, n).map((part) => part.amount);
    expect(amounts('0')).toEqual([0]);
    expect(amounts('10')).toEqual([50]);
    expect(amounts('10.5')).toEqual([50, 2, 700]);
  });

  it('volume: all units at the tier of the total', () => {
    const row = price('volume', [
      [10, '5', null],
      [null, '3', '700'],
    ]);
    const amounts = (n: string) => priced(row, n).map((part) => part.amount);
    expect(amounts('10')).toEqual([50]);
    expect(amounts('11')).toEqual([33, 700]);
  });
});
