import { DomainError, HOUR_MS, monthInterval } from '@throughline/kernel';
import {
  assetOf,
  graduated,
  hourly,
  inputOf,
  january,
  output,
  perUnit,
  termsOf,
  windowOf,
} from '../../../../test/support/rating-examples.js';
import { rate } from './rate.js';

const tiers = graduated(['100', '0.10'], ['250', '0.05'], [null, '0.01']);
const single = (input: Parameters<typeof rate>[0]) => {
  const lines = rate(input);
  expect(lines).toHaveLength(1);
  const [line] = lines;
  if (!line) throw new Error('no line');
  return line;
};

describe('usage per unit', () => {
  it('is the sum of the hours times the price', () => {
    const line = single(
      inputOf(termsOf([output(perUnit('0.0115'))]), [
        assetOf('AC-1', { windows: hourly('id-AC-1', ['10.5', '20']) }),
        assetOf('AC-2', { windows: hourly('id-AC-2', ['1000']) }),
      ]),
    );
    expect(line).toMatchObject({
      kind: 'usage',
      chargeKey: 'output',
      meter: 'output_m3',
      unit: 'm3',
      quality: 'measured',
    });
    expect(line.assetId).toBeUndefined();
    expect(line.quantity?.toString()).toBe('1030.5');
    expect(line.unitPrice?.toString()).toBe('0.0115');
    expect(line.amount.toString()).toBe('11.85');
    expect(line.explanation).toEqual([
      { text: 'output_m3 of 2 assets: the sum of 3 hourly windows', quantity: '1030.5', unit: 'm3' },
      { text: '1030.5 m3 × 0.0115 EUR', quantity: '1030.5', unit: 'm3', unitPrice: '0.0115', amount: '11.85075' },
      { text: 'Rounded half up to 0.01 EUR', amount: '-0.00075' },
    ]);
  });

  it('takes only its own meter, and says when nothing was recorded', () => {
    const other = hourly('id-AC-1', ['5'], { meter: 'power_kwh', unit: 'kW.h' });
    const line = single(inputOf(termsOf([output(perUnit('2'))]), [assetOf('AC-1', { windows: other })]));
    expect(line.amount.toString()).toBe('0.00');
    expect(line.quantity?.toString()).toBe('0');
    expect(line.quality).toBeUndefined();
    expect(line.explanation[0]?.text).toBe('No usage of output_m3 was recorded for 1 asset');
  });

  it('has the quality of its worst hour and says how many there are', () => {
    const windows = [
      windowOf('id-AC-1', january.from, '1'),
      windowOf('id-AC-1', january.from + HOUR_MS, '1', { quality: 'estimated' }),
      windowOf('id-AC-1', january.from + 2 * HOUR_MS, '1', { quality: 'estimated' }),
    ];
    const qualityOf = (w: typeof windows) =>
      single(inputOf(termsOf([output(perUnit('2'))]), [assetOf('AC-1', { windows: w })]));
    expect(qualityOf(windows).quality).toBe('estimated');
    expect(qualityOf(windows).explanation[0]?.text).toContain('3 hourly windows, 2 of them estimated');
    const edited = [...windows, windowOf('id-AC-1', january.from + 3 * HOUR_MS, '1', { quality: 'edited' })];
    expect(qualityOf(edited).quality).toBe('edited');
    expect(qualityOf(edited.filter((w) => w.quality !== 'estimated')).quality).toBe('edited');
  });

  it('counts the hours that begin in the period and in the time under contract', () => {
    const contracted = { from: january.from + 90 * 60_000, to: january.from + 4.5 * HOUR_MS };
    const windows = [-1, 0, 1, 2, 3, 4, 5].map((n) =>
      windowOf('id-AC-1', january.from + n * HOUR_MS, String(10 ** (n + 1))),
    );
    const price = termsOf([output(perUnit('1'))]);
    expect(single(inputOf(price, [assetOf('AC-1', { windows })])).quantity?.toString()).toBe('1111110');
    expect(single(inputOf(price, [assetOf('AC-1', { windows, contracted })])).quantity?.toString()).toBe('111000');
  });

  it('bills every hour once where months begin at half past (hour granularity)', () => {
    const zone = 'Asia/Kolkata';
    const periods = ['2026-01', '2026-02', '2026-03'].map((m) => monthInterval(m, zone));
    const whole = { from: periods[0]?.from ?? 0, to: periods[2]?.to ?? 0 };
    const first = Math.ceil(whole.from / HOUR_MS) * HOUR_MS;
    const hours = Math.round((whole.to - whole.from) / HOUR_MS);
    const windows = Array.from({ length: hours }, (_, n) => windowOf('id-AC-1', first + n * HOUR_MS, '1'));
    const asset = assetOf('AC-1', { windows, contracted: whole });
    const quantities = periods.map((period) =>
      Number(single(inputOf(termsOf([output(perUnit('1'))]), [asset], { period, timeZone: zone })).quantity),
    );
    expect(whole.from % HOUR_MS).not.toBe(0);
    expect(quantities).toEqual([744, 672, 744]);
    expect(quantities.reduce((a, b) => a + b)).toBe(hours);
  });

  it('converts to the price’s unit exactly, from several units', () => {
    const line = single(
      inputOf(termsOf([output(perUnit('2'))]), [
        assetOf('AC-1', { windows: hourly('id-AC-1', ['1500'], { unit: 'L' }) }),
        assetOf('AC-2', { windows: hourly('id-AC-2', ['3'], { unit: 'm3' }) }),
      ]),
    );
    expect(line.quantity?.toString()).toBe('4.5');
    expect(line.amount.toString()).toBe('9.00');
    expect(line.explanation.slice(0, 3)).toEqual([
      { text: 'output_m3 of 2 assets: the sum of 1 hourly window', quantity: '1500', unit: 'L' },
      { text: 'In m3 (1000 L are 1 m3)', quantity: '1.5', unit: 'm3' },
      { text: 'output_m3 of 2 assets: the sum of 1 hourly window', quantity: '3', unit: 'm3' },
    ]);
  });

  it('rounds time sold by the hour on the exact fraction', () => {
    const charge = (unitPrice: string) => output(perUnit(unitPrice), { meter: 'available', unit: 'h' });
    const seconds = (value: string) =>
      assetOf('AC-1', { windows: hourly('id-AC-1', [value], { meter: 'available', unit: 's' }) });
    // 1 s × 18 EUR/h is half a cent, though 1/3600 has no last decimal.
    expect(single(inputOf(termsOf([charge('18')]), [seconds('1')])).amount.toString()).toBe('0.01');
    expect(single(inputOf(termsOf([charge('17.999999999999')]), [seconds('1')])).amount.toString()).toBe('0.00');
    const line = single(inputOf(termsOf([charge('0.11')]), [seconds('1000')]));
    expect(line.quantity?.toString()).toBe('0.277777777778');
    expect(line.explanation.map((s) => s.amount)).toEqual([undefined, undefined, '0.030555555556', '-0.000555555556']);
    expect(line.explanation[1]?.text).toBe('In h (3600 s are 1 h)');
  });

  it('refuses units of another kind and usage below zero as bugs', () => {
    const windows = hourly('id-AC-1', ['1'], { unit: 'h' });
    const rateIt = (w: typeof windows) => () =>
      rate(inputOf(termsOf([output(perUnit('1'))]), [assetOf('AC-1', { windows: w })]));
    expect(rateIt(windows)).toThrow('h cannot be converted to m3');
    expect(rateIt(hourly('id-AC-1', ['1', '-2']))).toThrow(DomainError);
    expect(rateIt(hourly('id-AC-1', ['2', '-2']))).not.toThrow();
  });
});

describe('graduated usage', () => {
  const lineFor = (quantity: string) =>
    single(inputOf(termsOf([output(tiers)]), [assetOf('AC-1', { windows: hourly('id-AC-1', [quantity]) })]));

  it.each([
    ['0', '0.00'],
    ['1', '0.10'],
    ['100', '10.00'],
    ['101', '10.05'],
    ['250', '17.50'],
    ['250.5', '17.51'],
    ['1000', '25.00'],
  ])('%s m3 cost %s', (quantity, amount) => expect(lineFor(quantity).amount.toString()).toBe(amount));

  it('explains each tier', () => {
    expect(lineFor('300').explanation.slice(1)).toEqual([
      { text: 'Up to 100 m3: 100 m3 × 0.10 EUR', quantity: '100', unit: 'm3', unitPrice: '0.10', amount: '10.00' },
      {
        text: 'Above 100 up to 250 m3: 150 m3 × 0.05 EUR',
        quantity: '150',
        unit: 'm3',
        unitPrice: '0.05',
        amount: '7.50',
      },
      { text: 'Above 250 m3: 50 m3 × 0.01 EUR', quantity: '50', unit: 'm3', unitPrice: '0.01', amount: '0.50' },
    ]);
  });

  it('has one unit price only while one tier is used', () => {
    expect(lineFor('99').unitPrice?.toString()).toBe('0.1');
    expect(lineFor('101').unitPrice).toBeUndefined();
  });

  it('pools over the contract, or counts tiers for each asset', () => {
    const assets = ['AC-1', 'AC-2'].map((l) => assetOf(l, { windows: hourly(`id-${l}`, ['80']) }));
    const pooled = rate(inputOf(termsOf([output(tiers)]), assets));
    expect(pooled.map((l) => [l.assetId, l.amount.toString()])).toEqual([[undefined, '13.00']]);
    const each = rate(inputOf(termsOf([output(tiers, { pooling: 'asset' })]), assets));
    expect(each.map((l) => [l.assetId, l.description, l.amount.toString()])).toEqual([
      ['id-AC-1', 'Compressed air, AC-1', '8.00'],
      ['id-AC-2', 'Compressed air, AC-2', '8.00'],
    ]);
  });

  it('counts the tiers of an asset over both of its stays', () => {
    const day = 24 * HOUR_MS;
    const windows = [windowOf('id-AC-1', january.from, '80'), windowOf('id-AC-1', january.from + 20 * day, '80')];
    const stays = [
      { from: january.from, to: january.from + day },
      { from: january.from + 20 * day, to: january.to },
    ];
    const assets = stays.map((contracted) => assetOf('AC-1', { windows, contracted }));
    const lines = rate(inputOf(termsOf([output(tiers, { pooling: 'asset' })]), assets));
    expect(lines.map((l) => l.amount.toString())).toEqual(['13.00']);
  });

  it('has its tiers in the price’s unit', () => {
    const charge = output(graduated(['1', '3.60'], [null, '1.80']), { meter: 'run', unit: 'h' });
    const asset = assetOf('AC-1', { windows: hourly('id-AC-1', ['3601'], { meter: 'run', unit: 's' }) });
    const line = single(inputOf(termsOf([charge]), [asset]));
    expect(line.explanation.slice(2).map((s) => [s.text, s.amount])).toEqual([
      ['Up to 1 h: 1 h × 3.60 EUR', '3.60'],
      ['Above 1 h: 0.000277777778 h × 1.80 EUR', '0.0005'],
      ['Rounded half up to 0.01 EUR', '-0.0005'],
    ]);
  });
});
