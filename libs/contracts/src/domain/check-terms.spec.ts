import { DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { baseFee, graduated, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import { checkTerms } from './check-terms.js';
import type { Charge, Terms } from './terms.js';

const tiers = graduated(['100', '0.10'], ['250', '0.05'], [null, '0.01']);
const good: Terms = termsOf([baseFee(), output(perUnit('0.0115')), output(tiers, { key: 'more' })], [uptime()]);

/** Rules by place. */
const faultsOf = (raw: unknown): Record<string, string> => {
  try {
    checkTerms(raw);
    return {};
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('INVALID_INPUT');
    return Object.fromEntries(error.faults.map((f) => [f.field, f.rule]));
  }
};
const placesOf = (raw: unknown): string[] => Object.keys(faultsOf(raw));
const withCharge = (charge: object): unknown => ({ ...good, charges: [baseFee(), charge] });
const withGuarantee = (more: object): unknown => ({ ...good, guarantees: [{ ...uptime(), ...more }] });

describe('checkTerms', () => {
  it('gives back good terms as they are, decimals as they were written', () => {
    expect(checkTerms(good)).toEqual(good);
    expect(checkTerms(JSON.parse(JSON.stringify(good)))).toEqual(good);
    expect(checkTerms({ ...good, guarantees: [] }).guarantees).toEqual([]);
  });

  it.each([null, undefined, 'x', 5, [], true])('refuses %p', (raw) => {
    expect(() => checkTerms(raw)).toThrow(/^terms: must be an object/);
  });

  it('lists all faults at once, each by its place', () => {
    const raw = {
      currency: 'EURO',
      cadence: 'week',
      charges: [
        { ...baseFee('-1'), per: 'site' },
        { ...output(graduated(['100', '-0.5'], ['100', 'x'], ['300', '1'])), pooling: 'site' },
      ],
      guarantees: [{ ...uptime(), basis: 'output', capPercent: '101' }],
    };
    expect(faultsOf(raw)).toEqual({
      currency: expect.stringContaining('ISO 4217'),
      cadence: 'must be "month"',
      'charges[0].amount': 'must not be negative',
      'charges[0].per': 'must be "asset" or "contract"',
      'charges[1].price.tiers[0].unitPrice': 'must not be negative',
      'charges[1].price.tiers[1].upTo': 'must be above the tier before',
      'charges[1].price.tiers[1].unitPrice': 'must be a decimal number in text, such as "12.50"',
      'charges[1].price.tiers[2].upTo': 'must be null in the last tier, which has no end',
      'charges[1].pooling': 'must be "contract" or "asset"',
      'guarantees[0].capPercent': 'must be from 0 to 100',
      'guarantees[0].basis': 'must be the key of a recurring charge per asset of these terms',
    });
  });

  it('puts a given field before every place', () => {
    expect(() => checkTerms({ ...good, currency: 'x' }, 'terms')).toThrow(/^terms\.currency: /);
  });
});

describe('numbers in terms', () => {
  it.each([
    ['0', true],
    ['0.000000000001', true],
    ['999999999999.999999999999', true],
    ['-0', true],
    ['-0.01', false],
    ['0.0000000000001', false],
    ['1000000000000', false],
    ['1e3', false],
    ['NaN', false],
    ['', false],
    [' 1', false],
    [12.5, false],
    [null, false],
    [undefined, false],
    [{}, false],
  ])('a price of %p is accepted: %p', (amount, ok) => {
    expect(placesOf({ ...good, charges: [{ ...baseFee(), amount }] })).toEqual(ok ? [] : ['charges[0].amount']);
    const unit = withCharge(output({ model: 'per_unit', unitPrice: amount as string }));
    expect(placesOf(unit)).toEqual(ok ? [] : ['charges[1].price.unitPrice']);
  });
});

describe('charges', () => {
  it('need one at least and fifty at most', () => {
    expect(placesOf({ ...good, guarantees: [], charges: [] })).toEqual(['charges']);
    const many = Array.from({ length: 51 }, (_, i) => ({ ...baseFee(), key: `fee_${i}` }));
    expect(placesOf({ ...good, guarantees: [], charges: many })).toEqual(['charges']);
    expect(placesOf({ ...good, guarantees: [], charges: many.slice(1) })).toEqual([]);
    expect(placesOf({ ...good, guarantees: [], charges: 'all' })).toEqual(['charges']);
  });

  it.each(['one_off', undefined, 'Recurring', '__proto__'])('of kind %p do not exist', (kind) => {
    expect(faultsOf(withCharge({ ...output(perUnit('1')), kind }))).toMatchObject({
      'charges[1].kind': 'must be "recurring" or "usage"',
    });
  });

  it.each(['', 'Base', '1st', 'a-b', 'a b', 'a'.repeat(81), 5, null])('have no key like %p', (key) => {
    expect(placesOf(withCharge({ ...output(perUnit('1')), key }))).toEqual(['charges[1].key']);
    expect(placesOf(withCharge({ ...output(perUnit('1')), meter: key }))).toEqual(['charges[1].meter']);
  });

  it.each(['', '  ', 'two\nlines', 'x'.repeat(201), 5])('have no description like %p', (description) => {
    expect(placesOf(withCharge({ ...output(perUnit('1')), description }))).toEqual(['charges[1].description']);
  });

  it.each(['', 'cubic metres', 'x'.repeat(21), 3])('have no unit like %p', (unit) => {
    expect(placesOf(withCharge({ ...output(perUnit('1')), unit }))).toEqual(['charges[1].unit']);
  });

  it('have keys that nothing else in the terms has', () => {
    const charges = [baseFee(), { ...baseFee(), description: 'again' }, output(perUnit('1'), { key: 'uptime' })];
    expect(faultsOf({ ...good, charges })).toEqual({
      'charges[1].key': 'must be unique, but charges[0].key is the same',
      'guarantees[0].key': 'must be unique, but charges[2].key is the same',
    });
  });

  it('have the fields of their kind only', () => {
    const stray = {
      ...good,
      charges: [
        { ...baseFee(), meter: 'x' },
        { ...output(perUnit('1')), amount: '5' },
      ],
      total: 1,
    };
    expect(placesOf(stray)).toEqual(['total', 'charges[0].meter', 'charges[1].amount']);
  });

  it('survive hostile names', () => {
    const raw = JSON.parse(
      '{"currency":"EUR","cadence":"month","charges":[{"__proto__":{"kind":"recurring"},"constructor":1}],"guarantees":[]}',
    );
    expect(placesOf(raw)).toContain('charges[0].kind');
    expect(Object.hasOwn(Object.prototype, 'kind')).toBe(false);
  });
});

describe('prices', () => {
  it.each([
    [{ model: 'volume', unitPrice: '1' }, ['charges[1].price.model']],
    [{ model: 'per_unit' }, ['charges[1].price.unitPrice']],
    [{ model: 'per_unit', unitPrice: '1', tiers: [] }, ['charges[1].price.tiers']],
    [{ model: 'graduated', tiers: [] }, ['charges[1].price.tiers']],
    [{ model: 'graduated', tiers: [{ upTo: null, unitPrice: '1' }], unitPrice: '1' }, ['charges[1].price.unitPrice']],
    [{ model: 'graduated', tiers: [null] }, ['charges[1].price.tiers[0]']],
    [null, ['charges[1].price']],
  ])('%j is at fault at %j', (price, places) => {
    expect(placesOf(withCharge({ ...output(perUnit('1')), price }))).toEqual(places);
  });

  it.each([
    [
      [
        ['100', '1'],
        [null, '1'],
      ],
      [],
    ],
    [[[null, '1']], []],
    [[['100', '1']], ['tiers[0].upTo']],
    [
      [
        [null, '1'],
        [null, '1'],
      ],
      ['tiers[0].upTo'],
    ],
    [
      [
        ['100', '1'],
        ['99.9', '1'],
        [null, '1'],
      ],
      ['tiers[1].upTo'],
    ],
    [
      [
        ['0', '1'],
        [null, '1'],
      ],
      ['tiers[0].upTo'],
    ],
    [
      [
        ['-5', '1'],
        [null, '1'],
      ],
      ['tiers[0].upTo'],
    ],
  ] as [[string | null, string][], string[]][])('tiers %j are at fault at %j', (steps, places) => {
    expect(placesOf(withCharge(output(graduated(...steps))))).toEqual(places.map((p) => `charges[1].price.${p}`));
  });
});

describe('guarantees', () => {
  const bands = (...pairs: [string, string][]) => pairs.map(([below, creditPercent]) => ({ below, creditPercent }));

  it.each([
    [bands(['99', '5'], ['98', '10']), []],
    [bands(['98', '5']), []],
    [bands(), ['bands']],
    [bands(['98', '5'], ['99', '10']), ['bands[1].below']],
    [bands(['99', '5'], ['99.00', '10']), ['bands[1].below']],
    [bands(['99', '10'], ['98', '5']), ['bands[1].creditPercent']],
    [bands(['99', '10'], ['98', '10']), ['bands[1].creditPercent']],
    [bands(['99.5', '5']), ['bands[0].below']],
    [bands(['101', '5']), ['bands[0].below']],
    [bands(['99', '5'], ['0', '10']), ['bands[1].below']],
    [bands(['99', '100.01']), ['bands[0].creditPercent']],
    [bands(['99', '-1']), ['bands[0].creditPercent']],
  ])('bands %j are at fault at %j', (given, places) => {
    expect(placesOf(withGuarantee({ bands: given }))).toEqual(places.map((p) => `guarantees[0].${p}`));
  });

  it.each([
    [{ kind: 'response_time' }, 'kind'],
    [{ target: '100.1' }, 'target'],
    [{ target: 99 }, 'target'],
    [{ capPercent: '-1' }, 'capPercent'],
    [{ basis: 'nothing' }, 'basis'],
    [{ basis: 'output' }, 'basis'],
    [{ basis: undefined }, 'basis'],
    [{ definition: null }, 'definition'],
  ])('%j is at fault at %s', (more, place) => {
    expect(placesOf(withGuarantee(more))).toContain(`guarantees[0].${place}`);
  });

  it('rest on a fee per asset, not per contract', () => {
    expect(placesOf({ ...good, charges: [baseFee('1', 'contract')] })).toEqual(['guarantees[0].basis']);
  });

  it('have their definition checked too, with its place', () => {
    const { definition } = uptime();
    const places = (more: object) => placesOf(withGuarantee({ definition: { ...definition, ...more } }));
    expect(places({ up: ['producing'] })).toEqual(expect.arrayContaining(['guarantees[0].definition.ready']));
    expect(places({ decimals: 99 })).toEqual(['guarantees[0].definition.decimals']);
    expect(places({ unknown: { mode: 'guess' } })).toEqual(['guarantees[0].definition.unknown.mode']);
    expect(places({ unknown: { mode: 'up', minutes: 5 } })).toEqual(['guarantees[0].definition.unknown.minutes']);
    expect(places({ unknown: JSON.parse('{"mode":"last_state_for","minutes":5,"then":"down"}') })).toEqual([]);
    expect(places({ unknown: undefined })).toEqual(['guarantees[0].definition.unknown']);
    expect(places({ formula: 'x' })).toEqual(['guarantees[0].definition.formula']);
  });
});

describe('a bound that cannot be read', () => {
  it('does not hide that those around it are in the wrong order', () => {
    const steps = graduated(['100', '1'], ['x', '1'], ['90', '1'], ['101', '1'], [null, '1']);
    expect(faultsOf(withCharge(output(steps)))).toEqual({
      'charges[1].price.tiers[1].upTo': 'must be a decimal number in text, such as "12.50"',
      'charges[1].price.tiers[2].upTo': 'must be above the tier before',
    });
    const bands = [
      { below: '98', creditPercent: '10' },
      { below: 'x', creditPercent: 'y' },
      { below: '98', creditPercent: '10' },
    ];
    expect(placesOf(withGuarantee({ bands }))).toEqual(
      ['bands[1].below', 'bands[1].creditPercent', 'bands[2].below', 'bands[2].creditPercent'].map(
        (place) => `guarantees[0].${place}`,
      ),
    );
  });
});

describe('whatever it is given', () => {
  it('throws nothing but a list of faults, and what it accepts it accepts again', () => {
    const anyOf = (known: unknown) =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: fc.anything() });
    const anyCharge = (charge: Charge) =>
      fc.record(Object.fromEntries(Object.entries(charge).map(([k, v]) => [k, anyOf(v)])));
    const raw = fc.record({
      currency: anyOf('EUR'),
      cadence: anyOf('month'),
      charges: fc.oneof(fc.tuple(anyCharge(baseFee()), anyCharge(output(tiers))), fc.anything()),
      guarantees: anyOf([uptime()]),
    });
    fc.assert(
      fc.property(fc.oneof(raw, fc.anything()), (given) => {
        try {
          const terms = checkTerms(given);
          expect(checkTerms(terms)).toEqual(terms);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          if (error instanceof DomainError) expect(error.faults.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
