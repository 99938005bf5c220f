import fc from 'fast-check';
import { Decimal, sum } from './decimal.js';
import { DomainError } from './errors.js';
import { Money, minorUnitDigits, parseCurrency, payableDigits, splitByLargestRemainder } from './money.js';

const currencies = fc.constantFrom('JPY', 'EUR', 'KWD', 'ISK', 'UGX');
const minor = fc.bigInt(-(10n ** 18n), 10n ** 18n);
/** Minor units of the smallest amount that can be paid. */
const step = (currency: string): bigint => 10n ** BigInt(minorUnitDigits(currency) - payableDigits(currency));

describe('parseCurrency', () => {
  it.each(['EUR', 'USD', 'JPY', 'KWD', 'CHF'])('knows %s', (code) =>
    expect(parseCurrency(code, 'currency')).toBe(code),
  );

  it.each(['eur', 'EU', 'EURO', 'XYZ', 'BTC', '', ' EUR', null, 978])('refuses %p', (code) => {
    expect(() => parseCurrency(code, 'terms.currency')).toThrow(/^terms\.currency: must be an ISO 4217/);
  });

  it.each([
    ['JPY', 0],
    ['EUR', 2],
    ['KWD', 3],
    ['ISK', 0],
    ['UGX', 0],
  ])('%s has %i decimals', (code, digits) => expect(minorUnitDigits(code)).toBe(digits));

  it.each([
    ['JPY', 0],
    ['EUR', 2],
    ['KWD', 2],
    ['TND', 2],
    ['ISK', 0],
  ])('%s is paid with %i decimals', (code, digits) => expect(payableDigits(code)).toBe(digits));
});

describe('Money', () => {
  it.each([
    ['EUR', '0.005', '0.01'],
    ['EUR', '0.0049999999999', '0.00'],
    ['EUR', '-0.005', '-0.01'],
    ['EUR', '-0.004', '0.00'],
    ['EUR', '2.675', '2.68'],
    ['EUR', '1.005', '1.01'],
    ['JPY', '0.5', '1'],
    ['JPY', '-1.5', '-2'],
    ['KWD', '5.124', '5.120'],
    ['KWD', '5.125', '5.130'],
    ['KWD', '-5.125', '-5.130'],
    ['KWD', '5.1249999', '5.120'],
    ['ISK', '40.1', '40'],
    ['UGX', '40.5', '41'],
  ])('rounds half up on the size: %s %s is %s', (currency, exact, rounded) => {
    expect(Money.of(exact, currency).rounded().toString()).toBe(rounded);
  });

  it('is written with the minor digits, and with more when it has them', () => {
    expect(Money.of('12.5', 'EUR').toString()).toBe('12.50');
    expect(Money.of('0.0115', 'EUR').toString()).toBe('0.0115');
    expect(Money.of('7', 'JPY').toString()).toBe('7');
    expect(Money.of('7', 'KWD').toJSON()).toEqual({ amount: '7.000', currency: 'KWD' });
  });

  it('never mixes currencies, nor takes what is no amount', () => {
    expect(() => Money.of('1', 'EUR').plus(Money.of('1', 'USD'))).toThrow('EUR and USD cannot be combined');
    expect(() => Money.of('1', 'EUR').compare(Money.of('1', 'USD'))).toThrow(DomainError);
    expect(Money.of('1', 'EUR').equals(Money.of('1', 'USD'))).toBe(false);
    expect(() => Money.of(new Decimal(Number.NaN), 'EUR')).toThrow('must be finite');
    expect(() => Money.of(new Decimal(1).div(0), 'EUR')).toThrow('must be finite');
    expect(() => Money.of('1e3', 'EUR')).toThrow(DomainError);
  });

  it('refuses minor units of an amount that was not rounded', () => {
    expect(() => Money.of('0.001', 'EUR').toMinor()).toThrow('round it first');
    expect(Money.of('0.001', 'KWD').toMinor()).toBe(1n);
  });

  it('goes to minor units and back', () => {
    fc.assert(
      fc.property(minor, currencies, (n, currency) => {
        expect(Money.fromMinor(n, currency).toMinor()).toBe(n);
      }),
    );
  });

  it('adds, subtracts and negates like the integers of its minor units', () => {
    fc.assert(
      fc.property(minor, minor, currencies, (a, b, currency) => {
        const [x, y] = [Money.fromMinor(a, currency), Money.fromMinor(b, currency)];
        expect(x.plus(y).toMinor()).toBe(a + b);
        expect(x.minus(y).toMinor()).toBe(a - b);
        expect(x.negated().toMinor()).toBe(-a);
        expect(Math.sign(x.compare(y))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(x.isNegative()).toBe(a < 0n);
        expect(x.isZero()).toBe(a === 0n);
      }),
    );
  });

  it('rounds as integer arithmetic does: at most half a unit away, ties outward', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), currencies, (units, currency) => {
        const exact = new Decimal(units.toString()).div(new Decimal(10).pow(payableDigits(currency) + 4));
        const size = units < 0n ? -units : units;
        const nearest = ((size + 5_000n) / 10_000n) * step(currency);
        expect(Money.of(exact, currency).rounded().toMinor()).toBe(units < 0n ? -nearest : nearest);
      }),
    );
  });
});

describe('splitByLargestRemainder', () => {
  const split = (total: string, ...weights: string[]) =>
    splitByLargestRemainder(
      Money.of(total, 'EUR'),
      weights.map((w) => new Decimal(w)),
    ).map(String);

  it('gives left-over cents to the largest remainders, ties to the earlier part', () => {
    expect(split('0.10', '1', '1', '1')).toEqual(['0.04', '0.03', '0.03']);
    expect(split('0.05', '3', '7')).toEqual(['0.02', '0.03']);
    expect(split('1.00', '0.33', '0.33', '0.34')).toEqual(['0.33', '0.33', '0.34']);
  });

  it('shares equally when all weights are zero, and gives nothing to nobody', () => {
    expect(split('0.05', '0', '0')).toEqual(['0.03', '0.02']);
    expect(split('0.05')).toEqual([]);
  });

  it('refuses negative weights', () => {
    expect(() => split('1', '-1', '2')).toThrow('must not be negative');
  });

  it('refuses a total that cannot be paid', () => {
    expect(() => splitByLargestRemainder(Money.of('1.234', 'KWD'), [new Decimal(1)])).toThrow('round it first');
    expect(() => split('0.001', '1')).toThrow('round it first');
  });

  it('parts add up to the total, can be paid, and are less than a unit from their exact share, also for negative totals', () => {
    fc.assert(
      fc.property(
        minor,
        currencies,
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 40 }),
        (units, currency, numbers) => {
          const total = units * step(currency);
          const weights = numbers.map((n) => new Decimal(n).div(1000));
          const parts = splitByLargestRemainder(Money.fromMinor(total, currency), weights);
          expect(parts.reduce((n, p) => n + p.toMinor(), 0n)).toBe(total);
          const whole = sum(weights);
          for (const [i, part] of parts.entries()) {
            const weight = whole.isZero() ? new Decimal(1) : (weights[i] ?? new Decimal(0));
            const share = new Decimal(total.toString()).times(weight).div(whole.isZero() ? parts.length : whole);
            expect(part.toMinor() % step(currency)).toBe(0n);
            expect(new Decimal(part.toMinor().toString()).minus(share).abs().lessThan(step(currency).toString())).toBe(
              true,
            );
          }
        },
      ),
    );
  });
});
