import { Decimal, Money, payableDigits, sum } from '@throughline/kernel';
import fc from 'fast-check';
import { addUp, lineQuantity, moneyText, roundingStep, type Term, totalOf, written } from './exact.js';

const d = (text: string): Decimal => new Decimal(text);
const term = (numerator: string): Term => ({ text: numerator, numerator: d(numerator) });
const amounts = (numerators: readonly string[], denominator: string, currency = 'EUR') => {
  const { amount, steps } = addUp(numerators.map(term), d(denominator), currency);
  return { amount: amount.toString(), steps: steps.map((s) => s.amount) };
};

describe('numbers as they are written', () => {
  it('keeps an exact number whole and cuts one without a last decimal to twelve', () => {
    expect(written(d('0.000000000000000000000000000001'))).toBe('0.000000000000000000000000000001');
    expect(written(d('1').div(3))).toBe('0.333333333333');
    expect(written(d('2').div(3))).toBe('0.666666666667');
    expect(written(d('12.50'))).toBe('12.5');
  });

  it('keeps at most twelve decimals of a quantity, half up', () => {
    expect(lineQuantity(d('0.1234567890125')).toFixed()).toBe('0.123456789013');
    expect(lineQuantity(d('2880')).toFixed()).toBe('2880');
  });

  it('writes money with the decimals of its currency at least, and nothing as nothing', () => {
    expect(moneyText(d('450'), 'EUR')).toBe('450.00');
    expect(moneyText(d('0.0115'), 'EUR')).toBe('0.0115');
    expect(moneyText(d('7'), 'JPY')).toBe('7');
    expect(moneyText(d('7'), 'KWD')).toBe('7.000');
    expect(moneyText(d('0').negated(), 'EUR')).toBe('0.00');
  });
});

describe('adding up', () => {
  it.each([
    ['half a cent up', ['1'], '200', { amount: '0.01', steps: ['0.005', '0.005'] }],
    ['less than half a cent down', ['0.9999'], '200', { amount: '0.00', steps: ['0.0049995', '-0.0049995'] }],
    ['half a cent of a credit away from nothing', ['-1'], '200', { amount: '-0.01', steps: ['-0.005', '-0.005'] }],
    ['no rounding step where nothing was rounded', ['450'], '1', { amount: '450.00', steps: ['450.00'] }],
    [
      'thirds whose forms add up to the whole',
      ['1', '1', '1'],
      '3',
      {
        amount: '1.00',
        steps: ['0.333333333333', '0.333333333333', '0.333333333334'],
      },
    ],
    ['no terms to nothing', [], '3', { amount: '0.00', steps: [] }],
  ])('rounds %s', (_what, numerators, denominator, expected) => {
    expect(amounts(numerators, denominator)).toEqual(expected);
  });

  it('decides on the exact value, not on the form that is written', () => {
    // 0.00499999999999999999… is written as 0.005 with twelve decimals, but is less than half a cent.
    expect(amounts(['0.01499999999999999999'], '3').amount).toBe('0.00');
    expect(amounts(['0.015'], '3').amount).toBe('0.01');
  });

  it('divides the sum once, not each term', () => {
    expect(totalOf(['1', '1', '1'].map(term), d('3')).toFixed()).toBe('1');
  });

  it('says what rounding did, in the unit of the currency', () => {
    expect(roundingStep(d('0.5'), Money.of('1', 'JPY'))).toEqual({ text: 'Rounded half up to 1 JPY', amount: '0.5' });
    expect(roundingStep(d('1.2344'), Money.of('1.230', 'KWD'))).toEqual({
      text: 'Rounded half up to 0.010 KWD',
      amount: '-0.0044',
    });
  });

  it('has steps that add up to the amount, whatever the terms', () => {
    const numerators = fc.array(
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => new Decimal(n).div(1000).toFixed()),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(
        numerators,
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom('JPY', 'EUR', 'KWD', 'ISK'),
        (list, denominator, currency) => {
          const { amount, steps } = addUp(list.map(term), d(String(denominator)), currency);
          expect(sum(steps.map((s) => d(s.amount ?? '0'))).equals(amount.amount)).toBe(true);
          expect(amount.equals(amount.rounded())).toBe(true);
          const exact = sum(list.map(d)).div(denominator);
          const half = new Decimal(10).pow(-payableDigits(currency)).div(2);
          expect(amount.amount.minus(exact).abs().lte(half)).toBe(true);
        },
      ),
    );
  });
});
