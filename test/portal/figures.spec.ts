import fc from 'fast-check';
import type { Availability } from '../../apps/portal/src/api/operations/assets.js';
import type { Preview, Terms } from '../../apps/portal/src/api/operations/finance.js';
import { termsOf, wholeMinutes } from '../../apps/portal/src/customer/availability-terms.js';
import { billOf, sum } from '../../apps/portal/src/customer/bill.js';
import { check, draftOf, emptyCharge, inputOf, type TermsDraft } from '../../apps/portal/src/finance/terms-draft.js';
import { de } from '../../apps/portal/src/i18n/de.js';
import { en } from '../../apps/portal/src/i18n/en.js';
import { Formats } from '../../apps/portal/src/i18n/formats.js';
import { instantOf, localDay, monthOf, monthSpan } from '../../apps/portal/src/i18n/zoned.js';
import { csvOf } from '../../apps/portal/src/parts/csv.js';
import { most, said } from '../../apps/portal/src/parts/explanation-steps.js';

const minute = 60_000;

describe('the availability column', () => {
  const figure = (change: Partial<Availability>): Availability => ({
    percent: '98.71',
    totalMs: 30_240 * minute,
    measuredMs: 30_111 * minute,
    excludedMs: 129 * minute,
    notMeasuredMs: 0,
    upMs: String(29_723 * minute),
    downMs: String(388 * minute),
    unknownMs: 0,
    byCategory: [
      { category: 'planned_maintenance', ms: 105 * minute },
      { category: 'utility', ms: 24 * minute },
      { category: 'vendor_down', ms: 364 * minute },
      { category: 'degraded', ms: 60 * minute },
    ],
    ...change,
  });
  const definition = {
    up: ['producing', 'ready', 'degraded'],
    down: ['vendor_down'],
    excluded: ['planned_maintenance', 'utility'],
    exclusions: 'removed',
    unknownMode: 'excluded',
    unknownMinutes: null,
    unknownThen: null,
    degraded: 'by_fraction',
    decimals: 2,
  } as const;

  it('names every term, also the share that degraded time lost', () => {
    expect(
      termsOf(figure({}), {
        ...definition,
        up: [...definition.up],
        down: [...definition.down],
        excluded: [...definition.excluded],
      }),
    ).toEqual({
      total: 30_240,
      outside: 0,
      excluded: [
        { name: 'planned_maintenance', minutes: 105 },
        { name: 'utility', minutes: 24 },
      ],
      measured: 30_111,
      down: [
        { name: 'vendor_down', minutes: 364 },
        { name: 'degradedLoss', minutes: 24 },
      ],
      up: 29_723,
    });
  });

  it('says what is excluded beyond the categories is not known yet', () => {
    const terms = termsOf(figure({ excludedMs: 139 * minute, measuredMs: 30_101 * minute }), {
      ...definition,
      up: [],
      down: ['vendor_down'],
      excluded: ['planned_maintenance', 'utility'],
    });
    expect(terms.excluded).toContainEqual({ name: 'unknownExcluded', minutes: 10 });
  });

  it('names what is usually excluded to those who may not read the contract, as far as it explains the figure', () => {
    expect(termsOf(figure({}), undefined).excluded).toEqual([
      { name: 'planned_maintenance', minutes: 105 },
      { name: 'utility', minutes: 24 },
    ]);
    const less = termsOf(figure({ excludedMs: 24 * minute, measuredMs: 30_216 * minute }), undefined);
    expect(less.excluded).toEqual([{ name: 'unknownExcluded', minutes: 24 }]);
  });

  it('adds up on the page for any lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 44_640 * minute }), { minLength: 1, maxLength: 8 }), (parts) => {
        const total = parts.reduce((a, b) => a + b, 0);
        const minutes = wholeMinutes(total, parts);
        expect(minutes.reduce((a, b) => a + b, 0)).toBe(Math.round(total / minute));
        minutes.forEach((value, i) => {
          expect(Math.abs(value - (parts[i] ?? 0) / minute)).toBeLessThanOrEqual(1);
        });
      }),
    );
  });
});

describe('the bill so far', () => {
  const preview = (change: Partial<Preview> = {}): Preview => ({
    periodFrom: '2026-11-01T00:00:00.000Z',
    periodTo: '2026-12-01T00:00:00.000Z',
    completeTo: '2026-11-16T00:00:00.000Z',
    total: { amount: '349.00', currency: 'EUR' },
    lines: [
      {
        kind: 'recurring',
        description: 'Base fee',
        quantity: { value: '1', unit: '1' },
        unitPrice: '149.00',
        amount: { amount: '149.00', currency: 'EUR' },
        explanation: [],
      },
      {
        kind: 'usage',
        description: 'Air',
        quantity: { value: '10000.5', unit: 'm3' },
        unitPrice: null,
        amount: { amount: '200.00', currency: 'EUR' },
        explanation: [],
      },
    ],
    ...change,
  });

  it('carries usage forward to the end of the month and leaves fees as they are', () => {
    expect(billOf([preview()])).toMatchObject({
      amount: '349.00',
      forecast: 549,
      usage: { value: '10000.50', unit: 'm3' },
    });
  });

  it('adds contracts exactly, and is silent over two currencies', () => {
    expect(billOf([preview(), preview()])?.amount).toBe('698.00');
    expect(billOf([preview(), preview({ total: { amount: '1.00', currency: 'USD' } })])).toBeNull();
    expect(billOf([])).toBeNull();
  });

  it('foretells nothing from the first hours of a month', () => {
    expect(billOf([preview({ completeTo: '2026-11-01T06:00:00.000Z' })])?.forecast).toBeNaN();
  });

  it('sums decimals without losing a digit, whatever their signs', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { maxLength: 20 }), (cents) => {
        const text = (value: bigint) =>
          `${value < 0n ? '-' : ''}${(value < 0n ? -value : value) / 100n}.${String((value < 0n ? -value : value) % 100n).padStart(2, '0')}`;
        expect(sum(cents.map(text))).toBe(text(cents.reduce((a, b) => a + b, 0n)));
      }),
    );
  });
});

describe('terms as they are typed', () => {
  const terms: Terms = {
    currency: 'EUR',
    cadence: 'month',
    charges: [
      {
        kind: 'recurring',
        key: 'base_fee',
        description: 'Base fee',
        amount: '149.00',
        per: 'asset',
        meter: null,
        unit: null,
        priceModel: null,
        unitPrice: null,
        pooling: null,
        tiers: null,
      },
      {
        kind: 'usage',
        key: 'air',
        description: 'Air',
        amount: null,
        per: null,
        meter: 'output_m3',
        unit: 'm3',
        priceModel: 'graduated',
        unitPrice: null,
        pooling: 'contract',
        tiers: [
          { upTo: '500000', unitPrice: '0.0150' },
          { upTo: null, unitPrice: '0.0115' },
        ],
      },
    ],
    guarantees: [
      {
        key: 'availability',
        description: 'Availability',
        target: '99.00',
        basis: 'base_fee',
        capPercent: '100',
        bands: [
          { below: '99.00', creditPercent: '5' },
          { below: '98.50', creditPercent: '15' },
        ],
        definition: {
          up: ['producing', 'ready', 'degraded'],
          down: ['vendor_down'],
          excluded: ['customer_caused', 'utility', 'planned_maintenance', 'force_majeure'],
          exclusions: 'removed',
          unknownMode: 'last_state_for',
          unknownMinutes: 15,
          unknownThen: 'excluded',
          degraded: 'by_fraction',
          decimals: 2,
        },
      },
    ],
  };
  const draft = draftOf(terms);
  const rule = en.terms.rule;
  const withTiers = (tiers: readonly { upTo: string; unitPrice: string }[]): TermsDraft => ({
    ...draft,
    charges: draft.charges.map((charge) => (charge.kind === 'usage' ? { ...charge, tiers } : charge)),
  });
  const withBands = (bands: readonly { below: string; creditPercent: string }[]): TermsDraft => ({
    ...draft,
    guarantees: draft.guarantees.map((guarantee) => ({ ...guarantee, bands })),
  });

  it('are sent as they were agreed when nothing is changed', () => {
    expect(check(draft, rule)).toEqual({});
    expect(inputOf(draft)).toEqual({
      currency: 'EUR',
      charges: [
        { kind: 'recurring', key: 'base_fee', description: 'Base fee', amount: '149.00', per: 'asset' },
        {
          kind: 'usage',
          key: 'air',
          description: 'Air',
          meter: 'output_m3',
          unit: 'm3',
          pooling: 'contract',
          priceModel: 'graduated',
          tiers: [
            { upTo: '500000', unitPrice: '0.0150' },
            { upTo: null, unitPrice: '0.0115' },
          ],
        },
      ],
      guarantees: [
        expect.objectContaining({
          target: '99.00',
          bands: [
            { below: '99.00', creditPercent: '5' },
            { below: '98.50', creditPercent: '15' },
          ],
          definition: expect.objectContaining({
            up: ['producing', 'ready', 'degraded'],
            down: ['vendor_down'],
            unknownMinutes: 15,
            unknownThen: 'excluded',
          }),
        }),
      ],
    });
  });

  it.each([
    [
      'a negative price',
      withTiers([{ upTo: '', unitPrice: '-0.01' }]),
      'charges.1.tiers.0.unitPrice',
      rule.notNegative,
    ],
    ['no number', withTiers([{ upTo: '', unitPrice: '1,5' }]), 'charges.1.tiers.0.unitPrice', rule.decimal],
    ['no price', withTiers([{ upTo: '', unitPrice: ' ' }]), 'charges.1.tiers.0.unitPrice', rule.required],
    [
      'a tier at zero',
      withTiers([
        { upTo: '0', unitPrice: '1' },
        { upTo: '', unitPrice: '1' },
      ]),
      'charges.1.tiers.0.upTo',
      rule.tierPositive,
    ],
    [
      'tiers that fall',
      withTiers([
        { upTo: '9', unitPrice: '1' },
        { upTo: '9', unitPrice: '1' },
        { upTo: '', unitPrice: '1' },
      ]),
      'charges.1.tiers.1.upTo',
      rule.tierOrder,
    ],
    [
      'bands that rise',
      withBands([
        { below: '98', creditPercent: '5' },
        { below: '98.5', creditPercent: '9' },
      ]),
      'guarantees.0.bands.1.below',
      rule.bandOrder,
    ],
    [
      'a lower band that credits less',
      withBands([
        { below: '98', creditPercent: '5' },
        { below: '97', creditPercent: '5' },
      ]),
      'guarantees.0.bands.1.creditPercent',
      rule.bandCredit,
    ],
    [
      'a band above the guarantee',
      withBands([{ below: '99.5', creditPercent: '5' }]),
      'guarantees.0.bands.0.below',
      rule.bandTarget,
    ],
    [
      'a percentage over 100',
      withBands([{ below: '98', creditPercent: '101' }]),
      'guarantees.0.bands.0.creditPercent',
      rule.percent,
    ],
    ['no bands', withBands([]), 'guarantees.0.bands', rule.bandNeeded],
    ['no charges', { ...draft, charges: [], guarantees: [] }, 'charges', rule.charges],
    [
      'a key used twice',
      {
        ...draft,
        charges: [...draft.charges, { ...emptyCharge('recurring', []), key: 'air', description: 'X', amount: '1' }],
      },
      'charges.2.key',
      rule.keyTwice,
    ],
    ['a basis that is gone', { ...draft, charges: draft.charges.slice(1) }, 'guarantees.0.basis', rule.basis],
  ] satisfies [string, TermsDraft, string, string][])('say the rule for %s', (_, wrong, field, said) => {
    expect(check(wrong, rule)).toEqual({ [field]: said });
  });
});

describe('the steps of a line', () => {
  const step = { text: '', quantity: '669411.062', unit: 'm3', unitPrice: '0.0098', amount: '6560.2284076' };

  it('say the product once: the page shows it in the reader’s own format', () => {
    expect(said({ ...step, text: 'Above 1500000 m3: 669411.062 m3 × 0.0098 EUR' }, 'EUR')).toBe('Above 1500000 m3');
    expect(
      said(
        { ...step, text: 'The contract: 1 × 39.00 EUR', quantity: '1', unit: 'contract', unitPrice: '39.00' },
        'EUR',
      ),
    ).toBe('The contract');
    expect(said({ ...step, text: '669411.062 m3 × 0.0098 EUR' }, 'EUR')).toBe('');
    expect(said({ ...step, text: 'Rounded half up to 0.01 EUR', quantity: null, unitPrice: null }, 'EUR')).toBe(
      'Rounded half up to 0.01 EUR',
    );
  });

  it('have prices with as many decimals as the longest, and amounts with every digit', () => {
    const formats = new Formats(en.locale, en.counted);
    const prices = ['0.015', null, '0.0115'];
    expect(most(prices)).toBe(4);
    expect(most([])).toBe(2);
    expect(formats.price('0.015', 'EUR', most(prices))).toBe('€0.0150');
    expect(formats.price('6560.2284076', 'EUR')).toBe('€6,560.2284076');
    expect(formats.price('-0.001833333333', 'EUR')).toBe('− €0.001833333333');
  });
});

describe('what is counted', () => {
  it('is said in words of the language, also in parts', () => {
    const [english, german] = [new Formats(en.locale, en.counted), new Formats(de.locale, de.counted)];
    expect(english.quantity({ value: '6', unit: 'asset' })).toBe('6 machines');
    expect(english.quantity({ value: '1', unit: 'contract' })).toBe('1 contract');
    expect(german.quantity({ value: '1', unit: 'asset' })).toBe('1 Maschine');
    expect(german.quantity({ value: '2.50', unit: 'contract' })).toBe('2,5 Verträge');
    expect(english.quantity({ value: '12.5', unit: 'm3' })).toBe('12.5 m³');
  });
});

describe('times in a zone', () => {
  it('finds midnights across daylight saving', () => {
    expect(new Date(instantOf('Europe/Amsterdam', 2026, 3, 29)).toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(new Date(instantOf('Europe/Amsterdam', 2026, 3, 30)).toISOString()).toBe('2026-03-29T22:00:00.000Z');
    const { from, to } = monthSpan('2026-10', 'Europe/Amsterdam');
    expect((to - from) / 3_600_000).toBe(31 * 24 + 1);
  });

  it('runs over the end of a year', () => {
    expect(new Date(monthSpan('2026-12', 'UTC').to).toISOString()).toBe('2027-01-01T00:00:00.000Z');
  });

  it('gives back the day it was asked for, in any zone', () => {
    const zones = ['Europe/Lisbon', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 2000, max: 2099 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 28 }),
        (zone, year, month, day) => {
          expect(localDay(instantOf(zone, year, month, day, 12), zone)).toEqual({ year, month, day, hour: 12 });
          expect(monthOf(instantOf(zone, year, month, day, 12), zone)).toBe(
            `${year}-${String(month).padStart(2, '0')}`,
          );
        },
      ),
    );
  });
});

describe('what people read', () => {
  const english = new Formats('en-GB');
  const german = new Formats('de-DE');

  it('keeps every digit of a decimal', () => {
    expect(english.price('0.0115', 'EUR')).toBe('€0.0115');
    expect(english.money({ amount: '12345678901234567.89', currency: 'EUR' })).toBe('€12,345,678,901,234,567.89');
    expect(english.money({ amount: '-7.45', currency: 'EUR' })).toBe('− €7.45');
    expect(german.quantity({ value: '611204.0', unit: 'm3' })).toBe('611.204 m³');
    expect(english.percent('99.00')).toBe('99.00 %');
  });

  it('tells lengths in two units at most', () => {
    expect([45_000, 38 * minute, 192 * minute, 50 * 60 * minute].map((ms) => english.duration(ms))).toEqual([
      '45 s',
      '38 min',
      '3 h 12 min',
      '2 d 2 h',
    ]);
  });

  it('has a German word for everything', () => {
    const untold: string[] = [];
    const walk = (a: unknown, b: unknown, path: string): void => {
      if (a && typeof a === 'object')
        for (const [key, value] of Object.entries(a))
          walk(value, (b as Record<string, unknown> | undefined)?.[key], `${path}.${key}`);
      else if (typeof a !== typeof b || b === '') untold.push(path);
    };
    walk(en, de, 'text');
    expect(untold).toEqual([]);
  });

  it('writes CSV that no spreadsheet runs', () => {
    expect(
      csvOf(
        ['a', 'b'],
        [
          ['=1+1', -5],
          ['x,"y"', null],
          ['-2.5', '-x'],
        ],
      ),
    ).toBe('a,b\r\n\'=1+1,-5\r\n"x,""y""",\r\n-2.5,\'-x');
  });
});
