import { HOUR_MS, lengthMs, monthInterval } from '@throughline/kernel';
import { assetOf, baseFee, inputOf, january, termsOf } from '../../../../test/support/rating-examples.js';
import { rate } from './rate.js';

const DAY = 24 * HOUR_MS;
const only = (input: Parameters<typeof rate>[0]) => {
  const lines = rate(input);
  expect(lines).toHaveLength(1);
  const [line] = lines;
  if (!line) throw new Error('no line');
  return line;
};

describe('a fee per asset', () => {
  it('is one line over all assets with quantity and unit price', () => {
    const line = only(
      inputOf(
        termsOf([baseFee('450.00')]),
        ['AC-1', 'AC-2', 'AC-3'].map((l) => assetOf(l)),
      ),
    );
    expect(line).toMatchObject({ kind: 'recurring', chargeKey: 'base_fee', unit: 'asset', period: january });
    expect(line.quantity?.toString()).toBe('3');
    expect(line.unitPrice?.toString()).toBe('450');
    expect(line.amount.toString()).toBe('1350.00');
    expect(line.explanation).toEqual([
      {
        text: '3 assets (AC-1, AC-2, AC-3) for the whole period: 3 × 450.00 EUR',
        quantity: '3',
        unit: 'asset',
        unitPrice: '450.00',
        amount: '1350.00',
      },
    ]);
  });

  it('counts the seconds of an asset that came in the middle, grouped by equal shares and rounded once', () => {
    const late = { from: january.from + 10 * DAY + 1000, to: january.to + 90 * DAY };
    const line = only(
      inputOf(termsOf([baseFee('450.00')]), [
        assetOf('AC-9', { contracted: late }),
        assetOf('AC-1'),
        assetOf('AC-8', { contracted: late }),
      ]),
    );
    // 450 + 2 × 450 × (31 × 86400 − 864001) / (31 × 86400) = 450 + 609.6770833…
    expect(line.amount.toString()).toBe('1059.68');
    expect(line.quantity?.toString()).toBe('3');
    expect(line.unitPrice).toBeUndefined();
    expect(line.explanation.map((s) => s.text)).toEqual([
      '1 asset (AC-1) for the whole period: 1 × 450.00 EUR',
      "2 assets (AC-8, AC-9) from 2026-01-11 00:00:01 to 2026-02-01 00:00 (Europe/Amsterdam), 1814399 of the period's 2678400 seconds: 2 × 450.00 EUR × 1814399 / 2678400",
      'Rounded half up to 0.01 EUR',
    ]);
    expect(line.explanation.map((s) => s.amount)).toEqual(['450.00', '609.677083333333', '0.002916666667']);
  });

  it.each([
    ['2026-03', 743],
    ['2026-10', 745],
  ])('of a month with a change of the clocks (%s) is by its real seconds', (month, hours) => {
    const period = monthInterval(month, 'Europe/Amsterdam');
    const line = only(
      inputOf(
        termsOf([baseFee('743.00')]),
        [assetOf('AC-1', { contracted: { from: period.from + HOUR_MS, to: period.to } })],
        { period },
      ),
    );
    expect(lengthMs(period)).toBe(hours * HOUR_MS);
    expect(line.amount.toString()).toBe('742.00');
    expect(line.explanation[0]?.text).toContain(`${(hours - 1) * 3600} of the period's ${hours * 3600} seconds`);
  });

  it('leaves out an asset that was never under contract in the period', () => {
    const before = { from: january.from - 90 * DAY, to: january.from };
    const after = { from: january.to, to: january.to + DAY };
    const terms = termsOf([baseFee()]);
    const gone = [assetOf('AC-1', { contracted: before }), assetOf('AC-2', { contracted: after })];
    expect(rate(inputOf(terms, gone))).toEqual([]);
    expect(only(inputOf(terms, [...gone, assetOf('AC-3')])).quantity?.toString()).toBe('1');
  });

  it('of an asset that left and came back is for both stays', () => {
    const first = { from: january.from, to: january.from + 10 * DAY };
    const second = { from: january.from + 20 * DAY, to: january.to };
    const line = only(
      inputOf(termsOf([baseFee('31.00')]), [
        assetOf('AC-1', { contracted: second }),
        assetOf('AC-1', { contracted: first }),
      ]),
    );
    expect(line.amount.toString()).toBe('21.00');
    expect(line.explanation.map((s) => s.amount)).toEqual(['10.00', '11.00']);
    // One machine, however often it came.
    expect(line.quantity?.toString()).toBe('1');
  });

  it('names five assets and counts the others', () => {
    const labels = Array.from({ length: 8 }, (_, n) => `AC-${n + 1}`);
    const line = only(
      inputOf(
        termsOf([baseFee()]),
        labels.map((l) => assetOf(l)),
      ),
    );
    expect(line.explanation[0]?.text).toContain('8 assets (AC-1, AC-2, AC-3, AC-4, AC-5 and 3 more)');
  });

  it('may be free', () => {
    const line = only(inputOf(termsOf([baseFee('0')]), [assetOf('AC-1')]));
    expect(line.amount.toString()).toBe('0.00');
    expect(line.explanation[0]?.amount).toBe('0.00');
  });
});

describe('a fee per contract', () => {
  it('does not count assets', () => {
    const line = only(inputOf(termsOf([baseFee('99.00', 'contract')]), [assetOf('AC-1'), assetOf('AC-2')]));
    expect(line.amount.toString()).toBe('99.00');
    expect(line).toMatchObject({ unit: 'contract' });
    expect(line.quantity?.toString()).toBe('1');
    expect(line.unitPrice?.toString()).toBe('99');
  });

  it('runs while any asset is under contract', () => {
    const part = (from: number, to: number) => ({
      contracted: { from: january.from + from * DAY, to: january.from + to * DAY },
    });
    const line = only(
      inputOf(termsOf([baseFee('31.00', 'contract')]), [
        assetOf('AC-1', part(0, 10)),
        assetOf('AC-2', part(5, 12)),
        assetOf('AC-3', part(20, 21)),
      ]),
    );
    expect(line.amount.toString()).toBe('13.00');
    expect(line.explanation[0]?.text).toContain(' and 2026-01-21 00:00 to 2026-01-22 00:00');
  });
});

describe('currencies', () => {
  it.each([
    ['JPY', '1000', '333'],
    ['EUR', '1000', '333.33'],
    ['KWD', '1000', '333.330'],
  ])('%s: a third of %s is %s', (currency, fee, amount) => {
    const contracted = { from: january.from, to: january.from + (31 * DAY) / 3 };
    const line = only(inputOf(termsOf([baseFee(fee)], [], currency), [assetOf('AC-1', { contracted })]));
    expect(line.amount.toString()).toBe(amount);
    expect(line.amount.currency).toBe(currency);
  });

  it('half a minor unit goes up, decided on the exact value', () => {
    const half = { from: january.from, to: january.from + 15.5 * DAY };
    const cents = (fee: string) =>
      only(inputOf(termsOf([baseFee(fee)]), [assetOf('AC-1', { contracted: half })])).amount;
    expect(cents('0.01').toString()).toBe('0.01');
    expect(cents('0.0099999999').toString()).toBe('0.00');
  });
});
