import { type CreditBand, checkTerms, type Terms } from '@throughline/contracts';
import { Decimal, HOUR_MS, lengthMs, Money, minorUnitDigits, monthInterval, payableDigits } from '@throughline/kernel';
import fc from 'fast-check';
import {
  assetOf,
  baseFee,
  downFor,
  graduated,
  inputOf,
  january,
  output,
  perUnit,
  termsOf,
  uptime,
  windowOf,
} from '../../../../test/support/rating-examples.js';
import { bandFor } from './credits.js';
import { lineSum, rate } from './rate.js';
import type { RatedLine } from './types.js';

/** Prices and quantities as large and as small as terms allow, and what must not change when they change. */
const MONTH = lengthMs(january);
const currencies = ['EUR', 'JPY', 'KWD', 'ISK', 'UGX'] as const;
const stepSum = (line: RatedLine): string =>
  line.explanation.reduce((n, step) => n.plus(step.amount ?? 0), new Decimal(0)).toFixed();
const usage = (input: Parameters<typeof rate>[0]): RatedLine => {
  const line = rate(input).find((l) => l.kind === 'usage');
  if (!line) throw new Error('no line of usage');
  return line;
};

describe('the largest and smallest of numbers', () => {
  const most = '999999999999.999999999999';
  const least = '0.000000000001';
  it.each([
    ['the most for the most', [most], most, '999999999999999999999998.00'],
    ['the least for the least', [least], least, '0.00'],
    ['the most for the least', [most], least, '1.00'],
    ['a year of the most hours for the least', Array<string>(744).fill(most), least, '744.00'],
    ['nothing for the most', ['0'], most, '0.00'],
    ['much for nothing', [most], '0', '0.00'],
  ])('%s costs what it costs, to the cent', (_what, values, price, amount) => {
    const windows = values.map((value, n) => windowOf('id-AC-1', january.from + n * HOUR_MS, value));
    const line = usage(inputOf(termsOf([output(perUnit(price))]), [assetOf('AC-1', { windows })]));
    expect(line.amount.toString()).toBe(amount);
    expect(new Decimal(stepSum(line)).equals(line.amount.amount)).toBe(true);
  });

  it('cost in whole numbers what they cost in decimals, tier by tier', () => {
    const digits = (max: bigint) =>
      fc.bigInt(0n, max).map((n) => {
        const text = n.toString().padStart(13, '0');
        return { n, text: `${text.slice(0, -12)}.${text.slice(-12)}` };
      });
    const ONE = 10n ** 12n;
    const price = digits(10n ** 24n - 1n);
    fc.assert(
      fc.property(
        fc.array(digits(10n ** 24n - 1n), { minLength: 1, maxLength: 12 }),
        fc.uniqueArray(fc.bigInt(1n, 10n ** 12n - 1n), { maxLength: 4 }),
        fc.array(price, { minLength: 5, maxLength: 5 }),
        fc.constantFrom(...currencies),
        (values, bounds, prices, currency) => {
          const tops = bounds.sort((a, b) => (a < b ? -1 : 1));
          const priceAt = (n: number) => prices[n] ?? { n: 0n, text: '0' };
          const tiers = graduated(...tops.map((top, n): [string, string] => [top.toString(), priceAt(n).text]), [
            null,
            priceAt(tops.length).text,
          ]);
          const windows = values.map(({ text }, n) => windowOf('id-AC-1', january.from + n * HOUR_MS, text));
          const line = usage(inputOf(termsOf([output(tiers)], [], currency), [assetOf('AC-1', { windows })]));
          const used = values.reduce((sum, { n }) => sum + n, 0n);
          let [cost, below] = [0n, 0n];
          for (const [n, top] of [...tops.map((t) => t * ONE), used].entries()) {
            const end = n < tops.length && top < used ? top : used;
            if (end > below) cost += (end - below) * priceAt(n).n;
            below = end > below ? end : below;
          }
          const unit = 10n ** BigInt(24 - payableDigits(currency));
          const payable = (2n * cost + unit) / (2n * unit);
          const minor = payable * 10n ** BigInt(minorUnitDigits(currency) - payableDigits(currency));
          expect(line.amount.toMinor()).toBe(minor);
          expect(new Decimal(stepSum(line)).equals(line.amount.amount)).toBe(true);
        },
      ),
    );
  });
});

describe('prices that are the same said in another way', () => {
  const quantities = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 6 });
  const windowsOf = (list: readonly number[]) =>
    list.map((n, hour) => windowOf('id-AC-1', january.from + hour * HOUR_MS, String(n / 4)));
  const price = fc.integer({ min: 0, max: 100_000 }).map((n) => new Decimal(n).div(10_000).toFixed());
  const amountOf = (charge: Terms['charges'][number], list: readonly number[], currency: string) =>
    usage(inputOf(termsOf([charge], [], currency), [assetOf('AC-1', { windows: windowsOf(list) })])).amount.toString();

  it('cost the same: tiers of one price, a tier that is cut, a unit a thousand times smaller', () => {
    const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(quantities, price, bounds, fc.constantFrom(...currencies), (list, unitPrice, cuts, currency) => {
        const plain = amountOf(output(perUnit(unitPrice)), list, currency);
        const tops = cuts.sort((a, b) => a - b).map((top): [string, string] => [String(top), unitPrice]);
        expect(amountOf(output(graduated(...tops, [null, unitPrice])), list, currency)).toBe(plain);
        const litres = new Decimal(unitPrice).div(1_000).toFixed();
        expect(amountOf(output(perUnit(litres), { unit: 'L' }), list, currency)).toBe(plain);
      }),
    );
  });

  it('cost twice as much at twice the price, but for rounding', () => {
    fc.assert(
      fc.property(quantities, price, fc.constantFrom(...currencies), (list, unitPrice, currency) => {
        const once = new Decimal(amountOf(output(perUnit(unitPrice)), list, currency));
        const twice = new Decimal(amountOf(output(perUnit(new Decimal(unitPrice).times(2).toFixed())), list, currency));
        const unit = new Decimal(10).pow(-payableDigits(currency));
        expect(twice.minus(once.times(2)).abs().lte(unit)).toBe(true);
      }),
    );
  });
});

describe('fees of parts', () => {
  it('of a month that many assets share by the second are one whole fee, if nobody is there twice', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: MONTH / 1000 - 1 }), { maxLength: 8 });
    const fee = fc.integer({ min: 0, max: 10_000_000 }).map((n) => new Decimal(n).div(1_000).toFixed());
    fc.assert(
      fc.property(cuts, fee, fc.constantFrom(...currencies), (at, amount, currency) => {
        const bounds = [0, ...at.sort((a, b) => a - b), MONTH / 1000].map((s) => january.from + s * 1000);
        const parts = bounds.slice(1).map((to, n) => ({ from: bounds[n] ?? 0, to }));
        const line = (assets: readonly ReturnType<typeof assetOf>[]) =>
          lineSum(rate(inputOf(termsOf([baseFee(amount)], [], currency), assets)), currency).toString();
        const shared = parts.map((contracted, n) => assetOf(`AC-${n}`, { contracted }));
        const returned = parts.map((contracted) => assetOf('AC-1', { contracted }));
        expect(line(shared)).toBe(line([assetOf('AC-1')]));
        expect(line(returned)).toBe(line([assetOf('AC-1')]));
      }),
    );
  });

  it('of two halves of a day that has 23 or 25 hours are by their seconds', () => {
    for (const [month, hours] of [
      ['2026-03', 743],
      ['2026-10', 745],
    ] as const) {
      const period = monthInterval(month, 'Europe/Amsterdam');
      const contracted = { from: period.from, to: period.from + 100 * HOUR_MS };
      const [line] = rate(inputOf(termsOf([baseFee(`${hours}.00`)]), [assetOf('AC-1', { contracted })], { period }));
      expect(line?.amount.toString()).toBe('100.00');
    }
  });
});

const someBands = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 9_900 }), { minLength: 1, maxLength: 8 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 8, maxLength: 8 }),
  )
  .map(([belows, credits]): CreditBand[] => {
    const rising = credits.sort((a, b) => a - b);
    return belows
      .sort((a, b) => b - a)
      .map((below, n) => ({
        below: new Decimal(below).div(100).toFixed(2),
        creditPercent: new Decimal(rising[n] ?? 0).div(100).toFixed(2),
      }));
  });

describe('credits', () => {
  const creditOf = (bands: readonly CreditBand[], downMs: readonly number[], capPercent: string, currency: string) => {
    const terms = termsOf([baseFee('333.37')], [uptime({ bands, capPercent })], currency);
    const lines = rate(
      inputOf(
        terms,
        downMs.map((ms, n) => assetOf(`AC-${n}`, { timeline: downFor(ms) })),
      ),
    );
    return lines
      .filter((line) => line.kind === 'credit')
      .map((line) => ({ id: line.assetId, amount: line.amount.negated() }));
  };
  const downtime = fc.integer({ min: 1, max: MONTH - 1 });

  it('of bands that terms accept never fall as availability falls', () => {
    fc.assert(
      fc.property(someBands, downtime, downtime, fc.constantFrom(...currencies), (bands, a, b, currency) => {
        // What the contract would refuse needs no proof.
        const terms = termsOf([baseFee()], [uptime({ bands })], currency);
        expect(checkTerms(terms)).toEqual(terms);
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const of = (ms: number) => lineSum(creditOf(bands, [ms], '100', currency), currency);
        expect(of(more).compare(of(less))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('are the percentage of the lowest band that applies, whatever the order of bands', () => {
    fc.assert(
      fc.property(someBands, fc.integer({ min: 0, max: 10_000 }), fc.integer(), (bands, hundredths, seed) => {
        const percent = new Decimal(hundredths).div(100).toFixed(2);
        const apply = bands.filter((band) => Number(percent) < Number(band.below)).map((band) => Number(band.below));
        const mixed = [...bands].sort(
          (a, b) => ((Number(a.below) * 7919 + seed) % 13) - ((Number(b.below) * 7919 + seed) % 13),
        );
        const found = bandFor(mixed, percent);
        expect(found && Number(found.below)).toBe(apply.length > 0 ? Math.min(...apply) : undefined);
      }),
    );
  });

  it('under a higher cap are never less, and never above it', () => {
    const caps = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }));
    const machines = fc.array(downtime, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(someBands, machines, caps, fc.constantFrom(...currencies), (bands, down, [a, b], currency) => {
        const of = (cap: number) => lineSum(creditOf(bands, down, String(cap), currency), currency);
        expect(of(Math.max(a, b)).compare(of(Math.min(a, b)))).toBeGreaterThanOrEqual(0);
        const most = new Decimal('333.37').times(down.length).times(a).div(100);
        expect(of(a).amount.lte(most)).toBe(true);
        expect(of(a).equals(of(a).rounded())).toBe(true);
      }),
    );
  });

  it('scaled down to a cap keep their order: who earned more is not given less', () => {
    const machines = fc.array(downtime, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(someBands, machines, fc.integer({ min: 0, max: 100 }), (bands, down, cap) => {
        const earned = new Map(creditOf(bands, down, '100', 'EUR').map(({ id, amount }) => [id, amount]));
        const given = creditOf(bands, down, String(cap), 'EUR');
        for (const one of given)
          for (const other of given)
            if ((earned.get(one.id) ?? Money.zero('EUR')).compare(earned.get(other.id) ?? Money.zero('EUR')) > 0)
              expect(one.amount.compare(other.amount)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
