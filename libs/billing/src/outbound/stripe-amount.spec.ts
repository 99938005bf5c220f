import { Decimal, DomainError, Money, payableDigits } from '@throughline/kernel';
import fc from 'fast-check';
import { fromStripe, toStripe } from './stripe-amount.js';

/** Where a currency has no minor unit at Stripe, in its zero-decimal list; where Stripe wants `00`, among its special cases. */
const currencies = ['EUR', 'USD', 'JPY', 'KRW', 'MGA', 'ISK', 'UGX', 'KWD', 'BHD', 'TND', 'HUF', 'TWD'] as const;

describe('an amount at Stripe', () => {
  it.each([
    ['10', 'USD', 1_000],
    ['500', 'JPY', 500],
    ['5', 'ISK', 500],
    ['5', 'UGX', 500],
    ['-40', 'ISK', -4_000],
    ['5.12', 'KWD', 5_120],
    ['5.13', 'KWD', 5_130],
    ['10.45', 'HUF', 1_045],
    ['800.45', 'TWD', 80_045],
    ['7', 'MGA', 7],
    ['0', 'EUR', 0],
  ])('%s %s is %i, as its documentation of currencies says', (amount, currency, units) => {
    expect(toStripe(Money.of(amount, currency))).toBe(units);
    expect(fromStripe(units, currency.toLowerCase()).equals(Money.of(amount, currency))).toBe(true);
  });

  it.each([
    ['0.5', 'ISK'],
    ['0.01', 'UGX'],
    ['5.124', 'KWD'],
    ['0.001', 'EUR'],
    ['0.1', 'JPY'],
    ['90071992547410', 'EUR'],
  ])('is never made of %s %s, which cannot be paid as it is', (amount, currency) => {
    expect(() => toStripe(Money.of(amount, currency))).toThrow(DomainError);
    expect(() => toStripe(Money.of(amount, currency))).toThrow('cannot be paid through Stripe');
  });

  it('reads what somebody else put there, also where it could not be paid', () => {
    expect(fromStripe(50, 'isk').toString()).toBe('0.5');
    expect(fromStripe(5_124, 'kwd').toString()).toBe('5.124');
  });

  it('of any rounded amount is a whole number that Stripe can collect, and reads back as the same amount', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...currencies),
        fc.bigInt(-(10n ** 14n), 10n ** 14n).map((n) => new Decimal(n.toString()).div(1_000_000)),
        (currency, exact) => {
          const amount = Money.of(exact, currency).rounded();
          const units = toStripe(amount);
          expect(Number.isInteger(units)).toBe(true);
          const step = ['ISK', 'UGX'].includes(currency) ? 100 : ['KWD', 'BHD', 'TND'].includes(currency) ? 10 : 1;
          expect(Math.abs(units % step)).toBe(0);
          expect(fromStripe(units, currency.toLowerCase()).equals(amount)).toBe(true);
        },
      ),
    );
  });

  it('is the sum of its lines: converting and adding up can be done in either order', () => {
    const amounts = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(...currencies), amounts, (currency, list) => {
        const unit = new Decimal(10).pow(-payableDigits(currency));
        const lines = list.map((n) => Money.of(unit.times(n), currency));
        const total = lines.reduce((sum, line) => sum.plus(line), Money.zero(currency));
        expect(lines.reduce((sum, line) => sum + toStripe(line), 0)).toBe(toStripe(total));
      }),
    );
  });
});
