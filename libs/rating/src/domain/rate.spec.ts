import type { Terms } from '@throughline/contracts';
import {
  Decimal,
  HOUR_MS,
  type Interval,
  lengthMs,
  Money,
  minorUnitDigits,
  payableDigits,
  sum,
} from '@throughline/kernel';
import fc from 'fast-check';
import {
  assetOf,
  baseFee,
  graduated,
  inputOf,
  january,
  output,
  perUnit,
  state,
  termsOf,
  uptime,
  windowOf,
} from '../../../../test/support/rating-examples.js';
import { lineSum, rate } from './rate.js';
import type { RatedAsset, RatedLine, RatingInput } from './types.js';

const HOURS = lengthMs(january) / HOUR_MS;
const scaled = (digits: number, max: number) =>
  fc
    .bigInt(0n, BigInt(max) * 10n ** BigInt(digits))
    .map((n) => new Decimal(n.toString()).div(new Decimal(10).pow(digits)).toFixed());

const price = scaled(6, 50);
const aCurrency = fc.constantFrom('JPY', 'EUR', 'KWD', 'UGX');
const stay: fc.Arbitrary<Interval> = fc
  .tuple(
    fc.integer({ min: -50, max: HOURS }),
    fc.integer({ min: 1, max: HOURS + 50 }),
    fc.integer({ min: 0, max: 3599 }),
  )
  .map(([from, length, second]) => {
    const begin = january.from + from * HOUR_MS + second * 1000;
    return { from: begin, to: begin + length * HOUR_MS };
  });

const categoryAt = fc.constantFrom(
  'vendor_down' as const,
  'producing' as const,
  'ready' as const,
  'unknown' as const,
  'utility' as const,
);
const timeline = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100 * HOUR_MS }), categoryAt), { maxLength: 12 })
  .map((parts) => {
    let at = january.from - HOUR_MS;
    return parts.map(([length, category]) => {
      const from = at;
      at += length;
      return state(from, at, category);
    });
  });

const asset = (label: string): fc.Arbitrary<RatedAsset> =>
  fc
    .record({
      contracted: fc.oneof(fc.constant(january), stay),
      windows: fc.array(
        fc
          .record({ hour: fc.integer({ min: -3, max: HOURS + 2 }), value: scaled(4, 500), litres: fc.boolean() })
          .map(({ hour, value, litres }) =>
            windowOf(`id-${label}`, january.from + hour * HOUR_MS, value, { unit: litres ? 'L' : 'm3' }),
          ),
        { maxLength: 15 },
      ),
      timeline,
    })
    .map((more) => assetOf(label, more));

const assets = fc
  .integer({ min: 0, max: 5 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => asset(`AC-${i}`))));
const tiersOf = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 2000 }), { minLength: 0, maxLength: 4 }),
    fc.array(price, { minLength: 5, maxLength: 5 }),
  )
  .map(([bounds, prices]) =>
    graduated(...bounds.sort((a, b) => a - b).map((b, i): [string | null, string] => [String(b), prices[i] ?? '0']), [
      null,
      prices[4] ?? '0',
    ]),
  );

const terms: fc.Arbitrary<Terms> = fc
  .record({
    currency: aCurrency,
    fee: price,
    contractFee: price,
    usage: price,
    tiers: tiersOf,
    pooling: fc.constantFrom('contract' as const, 'asset' as const),
    cap: fc.integer({ min: 0, max: 100 }).map(String),
  })
  .map(({ currency, fee, contractFee, usage, tiers, pooling, cap }) =>
    termsOf(
      [
        baseFee(fee),
        { ...baseFee(contractFee, 'contract'), key: 'platform_fee' },
        output(perUnit(usage), { key: 'usage', pooling }),
        output(tiers, { key: 'tiers', pooling }),
      ],
      [uptime({ capPercent: cap })],
      currency,
    ),
  );

const input: fc.Arbitrary<RatingInput> = fc.tuple(terms, assets).map(([t, a]) => inputOf(t, a));

const stepSum = (line: RatedLine): Decimal => sum(line.explanation.map((s) => new Decimal(s.amount ?? 0)));
const beforeRounding = (line: RatedLine): Decimal =>
  sum(line.explanation.filter((s) => !s.text.startsWith('Rounded')).map((s) => new Decimal(s.amount ?? 0)));
const plain = (lines: readonly RatedLine[]): unknown => JSON.parse(JSON.stringify(lines));
const shuffled = <T>(items: readonly T[], seed: number): T[] =>
  items
    .map((item, i) => ({ item, order: Math.imul(seed + i * 2_654_435_761, 40_503) >>> 0 }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);

describe('every statement', () => {
  it('is the same whatever the order of assets, windows and intervals', () => {
    fc.assert(
      fc.property(input, fc.integer(), (given, seed) => {
        const other = {
          ...given,
          assets: shuffled(given.assets, seed).map((a) => ({
            ...a,
            windows: shuffled(a.windows, seed),
            timeline: shuffled(a.timeline, seed),
          })),
        };
        expect(plain(rate(other))).toEqual(plain(rate(given)));
      }),
    );
  });

  it('does not depend on how windows and intervals are cut', () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 9 }), (given, tenth) => {
        const cut = {
          ...given,
          assets: given.assets.map((a) => ({
            ...a,
            windows: a.windows.flatMap((w) => {
              const part = w.quantity.value.times(tenth).div(10);
              return [part, w.quantity.value.minus(part)].map((value) =>
                windowOf(w.assetId, w.hour, value.toFixed(), { unit: w.quantity.unit }),
              );
            }),
            timeline: a.timeline.flatMap((i) => {
              const at = i.from + Math.floor(((i.to - i.from) * tenth) / 10);
              return [state(i.from, at, i.category), state(at, i.to, i.category)].filter((x) => x.to > x.from);
            }),
          })),
        };
        const money = (lines: RatedLine[]) =>
          lines.map((l) => [l.chargeKey, l.assetId, String(l.amount), String(l.quantity)]);
        expect(money(rate(cut))).toEqual(money(rate(given)));
      }),
    );
  });

  it('has lines in whole minor units whose steps add up to them, and rounding that is at most half a unit', () => {
    fc.assert(
      fc.property(input, (given) => {
        const half = new Decimal(10).pow(-payableDigits(given.terms.currency)).div(2);
        for (const line of rate(given)) {
          expect(() => line.amount.toMinor()).not.toThrow();
          expect(line.amount.currency).toBe(given.terms.currency);
          expect(stepSum(line).toFixed()).toBe(new Decimal(line.amount.toString()).toFixed());
          const rounding = line.explanation.filter((s) => s.text.startsWith('Rounded'));
          expect(rounding.length).toBeLessThanOrEqual(1);
          for (const step of rounding) {
            expect(new Decimal(step.amount ?? 0).isZero()).toBe(false);
            expect(new Decimal(step.amount ?? 0).abs().lessThanOrEqualTo(half)).toBe(true);
          }
        }
      }),
    );
  });

  it('totals the sum of its rounded lines', () => {
    fc.assert(
      fc.property(input, (given) => {
        const lines = rate(given);
        const minor = lines.reduce((n, l) => n + l.amount.toMinor(), 0n);
        expect(lineSum(lines, given.terms.currency).toMinor()).toBe(minor);
      }),
    );
  });

  it('never credits more than the cap, nor more than the fees', () => {
    fc.assert(
      fc.property(input, (given) => {
        const lines = rate(given);
        const credit = lineSum(
          lines.filter((l) => l.kind === 'credit'),
          given.terms.currency,
        ).negated();
        const fees = lines.find((l) => l.chargeKey === 'base_fee');
        const most = fees
          ? beforeRounding(fees)
              .times(given.terms.guarantees[0]?.capPercent ?? 0)
              .div(100)
          : new Decimal(0);
        expect(credit.isNegative()).toBe(false);
        expect(credit.amount.minus(most).lessThanOrEqualTo('0.0000000001')).toBe(true);
      }),
    );
  });

  it('costs no less with more usage', () => {
    fc.assert(
      fc.property(
        input,
        fc.nat(),
        scaled(3, 1000),
        fc.integer({ min: 0, max: HOURS - 1 }),
        (given, which, value, hour) => {
          const more = {
            ...given,
            assets: given.assets.map((a, i) =>
              i === which % Math.max(1, given.assets.length)
                ? { ...a, windows: [...a.windows, windowOf(a.assetId, january.from + hour * HOUR_MS, value)] }
                : a,
            ),
          };
          const total = (i: RatingInput) => lineSum(rate(i), i.terms.currency);
          expect(total(more).compare(total(given))).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('of two parts of a period has the usage per unit of the whole', () => {
    // Graduated tiers begin anew in every period, so there the sum of two parts is another sum: that is what "per
    // period" in the price means, and why a period is only ever cut where terms change.
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: HOURS - 1 }), (given, hour) => {
        const at = january.from + hour * HOUR_MS;
        const perUnitOf = (period: Interval) => {
          const lines = rate({ ...given, period }).filter((l) => l.chargeKey === 'usage');
          return {
            amount: sum(lines.map(beforeRounding)),
            quantity: sum(lines.map((l) => l.quantity ?? new Decimal(0))),
          };
        };
        const whole = perUnitOf(january);
        const parts = [perUnitOf({ from: january.from, to: at }), perUnitOf({ from: at, to: january.to })];
        expect(sum(parts.map((p) => p.amount)).toFixed()).toBe(whole.amount.toFixed());
        expect(sum(parts.map((p) => p.quantity)).toFixed()).toBe(whole.quantity.toFixed());
      }),
    );
  });
});

describe('amounts against whole-number arithmetic written independently', () => {
  /** Decimal text as a whole number of 10⁻¹². */
  const pico = (text: string): bigint => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(12, '0'));
  };
  const ONE = 10n ** 12n;
  /** numerator / denominator, half up. */
  const nearest = (numerator: bigint, denominator: bigint): bigint =>
    (2n * numerator + denominator) / (2n * denominator);
  /** Smallest amounts that can be paid in one of a currency: a hundred cents, a hundred times ten fils. */
  const unitsOf = (currency: string) => 10n ** BigInt(payableDigits(currency));
  const inUnits = (amount: Money): bigint =>
    amount.toMinor() / 10n ** BigInt(minorUnitDigits(amount.currency) - payableDigits(amount.currency));
  const clip = (a: RatedAsset): Interval => ({
    from: Math.max(a.contracted.from, january.from),
    to: Math.min(a.contracted.to, january.to),
  });
  const present = (given: RatingInput) => given.assets.filter((a) => clip(a).from < clip(a).to);
  const picoLitres = (a: RatedAsset): bigint =>
    a.windows
      .filter((w) => w.hour >= clip(a).from && w.hour < clip(a).to)
      .reduce((n, w) => n + pico(w.quantity.toString()) * (w.quantity.unit === 'm3' ? 1000n : 1n), 0n);
  const amountsOf = (given: RatingInput, key: string) =>
    rate(given)
      .filter((l) => l.chargeKey === key)
      .map((l) => inUnits(l.amount));

  it('fees per asset', () => {
    fc.assert(
      fc.property(input, (given) => {
        const fee = given.terms.charges[0];
        if (fee?.kind !== 'recurring') throw new Error('the first charge is the fee');
        const seconds = present(given).reduce((n, a) => n + BigInt((clip(a).to - clip(a).from) / 1000), 0n);
        const all = BigInt(lengthMs(january) / 1000);
        const expected = nearest(pico(fee.amount) * seconds * unitsOf(given.terms.currency), all * ONE);
        expect(amountsOf(given, 'base_fee')).toEqual(present(given).length === 0 ? [] : [expected]);
      }),
    );
  });

  it('usage, per unit and in tiers, pooled and per asset', () => {
    const inTiers = (litres: bigint, tiers: readonly { upTo: string | null; unitPrice: string }[]): bigint => {
      let cost = 0n;
      let below = 0n;
      for (const tier of tiers) {
        const top = tier.upTo === null ? litres : pico(tier.upTo) * 1000n;
        const part = (litres < top ? litres : top) - below;
        if (part > 0n) cost += part * pico(tier.unitPrice);
        below = top;
      }
      return cost;
    };
    fc.assert(
      fc.property(input, (given) => {
        for (const charge of given.terms.charges) {
          if (charge.kind !== 'usage') continue;
          const tiers =
            charge.price.model === 'graduated'
              ? charge.price.tiers
              : [{ upTo: null, unitPrice: charge.price.unitPrice }];
          const pools =
            charge.pooling === 'asset'
              ? present(given).map(picoLitres)
              : present(given).length > 0
                ? [present(given).reduce((n, a) => n + picoLitres(a), 0n)]
                : [];
          const expected = pools.map((litres) =>
            nearest(inTiers(litres, tiers) * unitsOf(given.terms.currency), 1000n * ONE * ONE),
          );
          expect(amountsOf(given, charge.key)).toEqual(expected);
        }
      }),
    );
  });

  it('credits and their cap', () => {
    const down = (a: RatedAsset) => {
      const { from, to } = clip(a);
      let [up, all] = [0n, 0n];
      for (const i of a.timeline) {
        const ms = BigInt(Math.max(0, Math.min(i.to, to) - Math.max(i.from, from)));
        if (i.category === 'unknown' || i.category === 'utility') continue;
        all += ms;
        if (i.category !== 'vendor_down') up += ms;
      }
      // Hundredths of a percent, rounded half up.
      return all === 0n ? undefined : nearest(up * 10_000n, all);
    };
    const percentOf = (hundredths: bigint): bigint =>
      hundredths < 9500n ? 20n : hundredths < 9750n ? 10n : hundredths < 9900n ? 5n : 0n;
    fc.assert(
      fc.property(input, (given) => {
        const fee = given.terms.charges[0];
        if (fee?.kind !== 'recurring') throw new Error('the first charge is the fee');
        const all = BigInt(lengthMs(january) / 1000);
        const minor = unitsOf(given.terms.currency);
        const seconds = (a: RatedAsset) => BigInt((clip(a).to - clip(a).from) / 1000);
        const earned = present(given).flatMap((a) => {
          const figure = down(a);
          const percent = figure === undefined ? 0n : percentOf(figure);
          return percent === 0n ? [] : [{ label: a.label, exact: pico(fee.amount) * seconds(a) * percent * minor }];
        });
        const rounded = earned.map((e) => nearest(e.exact, all * 100n * ONE));
        const total = rounded.reduce((a, b) => a + b, 0n);
        const most =
          (pico(fee.amount) *
            present(given).reduce((n, a) => n + seconds(a), 0n) *
            BigInt(given.terms.guarantees[0]?.capPercent ?? '0') *
            minor) /
          (all * 100n * ONE);
        const credited = amountsOf(given, 'uptime').map((n) => -n);
        if (total <= most) expect(credited).toEqual(rounded);
        else {
          expect(credited.reduce((a, b) => a + b, 0n)).toBe(most);
          const weights = earned.reduce((n, e) => n + e.exact, 0n);
          for (const [i, amount] of credited.entries()) {
            const own = most * (earned[i]?.exact ?? 0n);
            const floor = weights === 0n ? 0n : own / weights;
            expect(amount === floor || amount === floor + 1n).toBe(true);
          }
        }
      }),
    );
  });
});

describe('rate', () => {
  it('has lines in the order of the terms and nothing for nobody', () => {
    const given = inputOf(termsOf([output(perUnit('1')), baseFee()], [uptime()]), [
      assetOf('AC-1', { timeline: [state(january.from, january.to, 'vendor_down')] }),
    ]);
    expect(rate(given).map((l) => l.kind)).toEqual(['usage', 'recurring', 'credit']);
    expect(rate({ ...given, assets: [] })).toEqual([]);
  });

  it('refuses a period of no length', () => {
    const given = inputOf(termsOf([baseFee()]), [assetOf('AC-1')]);
    expect(() => rate({ ...given, period: { from: 5, to: 5 } })).toThrow('at least one second');
  });

  it('changes nothing it was given', () => {
    const given = inputOf(termsOf([baseFee()], [uptime()]), [
      assetOf('AC-2', {
        timeline: [state(january.from + 5, january.to, 'ready'), state(january.from, january.from + 5, 'vendor_down')],
      }),
      assetOf('AC-1'),
    ]);
    const before = JSON.stringify(given);
    rate(given);
    expect(JSON.stringify(given)).toBe(before);
  });
});

describe('lineSum', () => {
  it('needs a currency for no lines and refuses two', () => {
    expect(lineSum([], 'KWD').toString()).toBe('0.000');
    expect(() => lineSum([])).toThrow('needs a currency');
    expect(() => lineSum([{ amount: Money.of('1', 'EUR') }, { amount: Money.of('1', 'USD') }])).toThrow(
      'cannot be combined',
    );
  });
});
