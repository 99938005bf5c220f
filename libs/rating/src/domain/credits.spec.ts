import { HOUR_MS, lengthMs } from '@throughline/kernel';
import {
  assetOf,
  baseFee,
  downFor,
  inputOf,
  january,
  state,
  termsOf,
  uptime,
} from '../../../../test/support/rating-examples.js';
import { bandFor } from './credits.js';
import { rate } from './rate.js';

const MONTH = lengthMs(january);
/** An asset that was down for a share of the month, in percent. */
const down = (label: string, percent: number) => assetOf(label, { timeline: downFor((MONTH * percent) / 100) });
const terms = (more: Parameters<typeof uptime>[0] = {}, fee = '450.00', currency = 'EUR') =>
  termsOf([baseFee(fee)], [uptime(more)], currency);
const credits = (input: Parameters<typeof rate>[0]) => rate(input).filter((l) => l.kind === 'credit');
const amounts = (input: Parameters<typeof rate>[0]) => credits(input).map((l) => l.amount.toString());

describe('bandFor', () => {
  const { bands } = uptime();
  it.each([
    ['100.00', undefined],
    ['99.00', undefined],
    ['98.99', '5'],
    ['97.50', '5'],
    ['97.49', '10'],
    ['95.00', '10'],
    ['94.99', '20'],
    ['0.00', '20'],
  ])('%s %% is credited %s', (percent, credit) => {
    expect(bandFor(bands, percent)?.creditPercent).toBe(credit);
    expect(bandFor([...bands].reverse(), percent)?.creditPercent).toBe(credit);
  });
});

describe('availability credits', () => {
  it('are a line for each asset below a band, the lowest band that applies', () => {
    const input = inputOf(terms(), [down('AC-1', 0.5), down('AC-2', 2), down('AC-3', 4), down('AC-4', 50)]);
    expect(credits(input).map((l) => [l.assetId, l.amount.toString()])).toEqual([
      ['id-AC-2', '-22.50'],
      ['id-AC-3', '-45.00'],
      ['id-AC-4', '-90.00'],
    ]);
  });

  it('are explained from the measurement to the amount', () => {
    const [line] = credits(inputOf(terms({}, '450.33'), [down('AC-2', 3)]));
    expect(line?.description).toBe('Availability credit, AC-2: 97.00 % available, 99.00 % guaranteed');
    expect(line?.explanation).toEqual([
      {
        text: 'AC-2 from 2026-01-01 00:00 to 2026-02-01 00:00 (Europe/Amsterdam): 97.00 % available, 22.32 h down; measured 744 h, excluded 0 h, not measured 0 h',
        quantity: '97.00',
        unit: '%',
      },
      { text: 'Guaranteed 99.00 %; the lowest band that applies is "below 97.50 %"' },
      { text: 'Credit of 10 % of the fee "Base fee" of 450.33 EUR', quantity: '10', unit: '%', amount: '-45.033' },
      { text: 'Rounded half up to 0.01 EUR', amount: '0.003' },
    ]);
  });

  it('compare the figure rounded as the definition says', () => {
    expect(amounts(inputOf(terms(), [down('AC-1', 1.005)]))).toEqual([]);
    expect(amounts(inputOf(terms(), [down('AC-1', 1.006)]))).toEqual(['-22.50']);
  });

  it('are of the fee an asset really paid', () => {
    const contracted = { from: january.from + MONTH / 2, to: january.to };
    const asset = assetOf('AC-1', { contracted, timeline: downFor(MONTH / 4, contracted) });
    const [line] = credits(inputOf(terms(), [asset]));
    expect(line?.amount.toString()).toBe('-45.00');
    expect(line?.period).toEqual(contracted);
    expect(line?.explanation[2]?.text).toContain('450.00 EUR × 1339200 / 2678400 seconds under contract');
  });

  it('look at the time under contract only', () => {
    const contracted = { from: january.from + MONTH / 2, to: january.to };
    expect(amounts(inputOf(terms(), [assetOf('AC-1', { contracted, timeline: downFor(MONTH / 2) })]))).toEqual([]);
  });

  it('are not given when nothing was measured', () => {
    const excluded = [state(january.from, january.to, 'planned_maintenance')];
    const unknown = [state(january.from, january.to, 'unknown')];
    const assets = [assetOf('AC-1'), assetOf('AC-2', { timeline: excluded }), assetOf('AC-3', { timeline: unknown })];
    expect(amounts(inputOf(terms(), assets))).toEqual([]);
    const strict = terms({ definition: { ...uptime().definition, unknown: { mode: 'down' } } });
    expect(credits(inputOf(strict, assets)).map((l) => l.assetId)).toEqual(['id-AC-3']);
  });

  it('count degraded time by its fraction', () => {
    const half = [
      state(january.from, january.from + MONTH / 10, 'degraded', '0.4'),
      state(january.from + MONTH / 10, january.to, 'producing'),
    ];
    const [line] = credits(inputOf(terms(), [assetOf('AC-1', { timeline: half })]));
    expect(line?.description).toContain('94.00 % available');
  });

  it.each([
    ['JPY', '999', '-50'],
    ['EUR', '33.30', '-1.67'],
    ['KWD', '33.333', '-1.670'],
  ])('are rounded to the minor unit of %s', (currency, fee, amount) => {
    expect(amounts(inputOf(terms({}, fee, currency), [down('AC-1', 2)]))).toEqual([amount]);
  });
});

describe('the cap', () => {
  it('scales all credits in proportion, to the minor unit', () => {
    const assets = [down('AC-1', 50), down('AC-2', 50), down('AC-3', 2), assetOf('AC-4', { timeline: downFor(0) })];
    const input = inputOf(terms({ capPercent: '10' }, '100.00'), assets);
    // 20 + 20 + 5 = 45 of 400; the cap is 40.
    expect(amounts(input)).toEqual(['-17.78', '-17.78', '-4.44']);
    const steps = credits(input)[0]?.explanation.at(-1);
    expect(steps).toEqual({
      text: 'Cap: the credits of all assets would be 45.00 EUR; at most 10 % of the fees of 400.00 EUR, which is 40.00 EUR, so each is scaled down in proportion',
      amount: '2.22',
    });
  });

  it('is of the fees of the assets under contract, prorated, and rounded down', () => {
    const half = { from: january.from, to: january.from + MONTH / 2 };
    const assets = [down('AC-1', 50), assetOf('AC-2', { contracted: half, timeline: downFor(0, half) })];
    expect(amounts(inputOf(terms({ capPercent: '10' }, '33.33'), assets))).toEqual(['-4.99']);
  });

  it('of zero leaves lines of nothing that say why', () => {
    const input = inputOf(terms({ capPercent: '0' }), [down('AC-1', 50)]);
    expect(amounts(input)).toEqual(['0.00']);
    expect(credits(input)[0]?.explanation.at(-1)?.amount).toBe('90.00');
  });

  it('is shared by the exact credits, not by the rounded ones', () => {
    // 20 % and 5 % of 10 yen are 2 and 0.5; of a cap of 2 yen that is 1.6 and 0.4.
    const input = inputOf(terms({ capPercent: '10' }, '10', 'JPY'), [down('AC-1', 50), down('AC-2', 2)]);
    expect(amounts(input)).toEqual(['-2', '0']);
  });

  it('that is just reached changes nothing', () => {
    const input = inputOf(terms({ capPercent: '20' }), [down('AC-1', 50)]);
    expect(amounts(input)).toEqual(['-90.00']);
    expect(
      credits(input)[0]
        ?.explanation.map((s) => s.text)
        .join(),
    ).not.toContain('Cap');
  });
});

describe('terms that were never checked', () => {
  it.each(['none', 'output'])('a guarantee on "%s" is a bug, not a credit of nothing', (basis) => {
    expect(() => rate(inputOf(terms({ basis }), [down('AC-1', HOUR_MS)]))).toThrow(
      `no recurring charge per asset "${basis}"`,
    );
  });
});
