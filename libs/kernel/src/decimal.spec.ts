import fc from 'fast-check';
import { Decimal, parseDecimal, sum, ZERO } from './decimal.js';
import { DomainError } from './errors.js';

describe('parseDecimal', () => {
  it.each(['0', '12.50', '-3', '0.000000000001', '-0.5', '007', `${'9'.repeat(30)}.${'9'.repeat(20)}`])(
    'reads %s',
    (text) => {
      expect(parseDecimal(text, 'amount').toString()).toBe(new Decimal(text).toString());
    },
  );

  it.each([
    '',
    ' ',
    '1e3',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '1,5',
    '1.',
    '.5',
    '+1',
    '--1',
    ' 1',
    '1 ',
    '1\n',
    '9'.repeat(31),
    `0.${'1'.repeat(21)}`,
    12.5,
    1n,
    null,
    undefined,
    {},
    ['1'],
  ])('refuses %p', (given) => {
    expect(() => parseDecimal(given, 'charges[0].amount')).toThrow(DomainError);
    expect(() => parseDecimal(given, 'charges[0].amount')).toThrow(/^charges\[0\]\.amount: must be a decimal number/);
  });

  it('gives back what it read, for every number it accepts', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 29n), 10n ** 29n), fc.integer({ min: 0, max: 19 }), (digits, places) => {
        const text = new Decimal(digits.toString()).div(new Decimal(10).pow(places)).toFixed(places);
        expect(parseDecimal(text, 'x').toFixed(places)).toBe(text.replace(/^-(0(\.0+)?)$/, '$1'));
      }),
    );
  });
});

describe('Decimal', () => {
  it('adds what floats cannot', () => {
    expect(sum([new Decimal('0.1'), new Decimal('0.2')]).toString()).toBe('0.3');
    expect(sum([])).toBe(ZERO);
  });

  it('keeps sixty digits and writes numbers without an exponent', () => {
    expect(new Decimal(1).div(3).decimalPlaces()).toBe(60);
    expect(new Decimal('0.000000000000000000001').toString()).toBe('0.000000000000000000001');
    expect(new Decimal(10).pow(30).toString()).toBe(`1${'0'.repeat(30)}`);
  });

  it('adds integers like BigInt in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(-(10n ** 40n), 10n ** 40n)), (numbers) => {
        const expected = numbers.reduce((a, b) => a + b, 0n).toString();
        const decimals = numbers.map((n) => new Decimal(n.toString()));
        expect(sum(decimals).toFixed(0)).toBe(expected);
        expect(sum(decimals.reverse()).toFixed(0)).toBe(expected);
      }),
    );
  });
});
