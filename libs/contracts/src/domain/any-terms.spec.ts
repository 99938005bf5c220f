import { categories } from '@throughline/availability';
import { Decimal, DomainError } from '@throughline/kernel';
import fc from 'fast-check';
import { baseFee, graduated, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import type { TermsInput } from '../inbound/graphql/terms.types.js';
import { termsFromInput, termsType } from '../inbound/graphql/terms-shape.js';
import { checkTerms } from './check-terms.js';
import type { AvailabilityGuarantee, Charge, Terms } from './terms.js';

/** Terms of every shape that may be signed, and what becomes of them when one thing is wrong. */
const digits = (max: number, places: number) =>
  fc
    .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: 10 ** places - 1 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(places, '0')}`);
const price = fc.oneof(digits(999_999, 2), digits(99, 6), fc.constantFrom('0', '12', '999999999999.999999999999'));
const text = fc.constantFrom('Base fee', 'Compressed air, “2026”', 'Luft & Wasser', 'x'.repeat(200));
const name = (prefix: string, n: number) => `${prefix}_${n}`;

const tiers = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 19 }), fc.infiniteStream(price))
  .map(([tops, prices]) => {
    const next = () => String(prices.next().value);
    return [
      ...tops.sort((a, b) => a - b).map((top) => ({ upTo: String(top) as string | null, unitPrice: next() })),
      { upTo: null, unitPrice: next() },
    ];
  });
const charge = (n: number): fc.Arbitrary<Charge> =>
  fc.oneof(
    fc.record({
      kind: fc.constant('recurring' as const),
      key: fc.constant(name('fee', n)),
      description: text,
      amount: price,
      per: fc.constantFrom('asset' as const, 'contract' as const),
    }),
    fc.record({
      kind: fc.constant('usage' as const),
      key: fc.constant(name('use', n)),
      description: text,
      meter: fc.constantFrom('output_m3', 'loaded_s'),
      unit: fc.constantFrom('m3', 'h', 'kW.h'),
      price: fc.oneof(
        fc.record({ model: fc.constant('per_unit' as const), unitPrice: price }),
        fc.record({ model: fc.constant('graduated' as const), tiers }),
      ),
      pooling: fc.constantFrom('contract' as const, 'asset' as const),
    }),
  );
const sides = fc.array(fc.constantFrom('up', 'down', 'excluded'), { minLength: 8, maxLength: 8 });
const unknown: fc.Arbitrary<AvailabilityGuarantee['definition']['unknown']> = fc.oneof(
  fc.record({ mode: fc.constantFrom('excluded' as const, 'up' as const, 'down' as const) }),
  fc.record({
    mode: fc.constant('last_state_for' as const),
    minutes: fc.integer({ min: 1, max: 44_640 }),
    then: fc.constantFrom('excluded' as const, 'up' as const, 'down' as const),
  }),
);
const hundredths = (n: number): string => new Decimal(n).div(100).toFixed(2);
const guarantee = (n: number): fc.Arbitrary<AvailabilityGuarantee> =>
  fc
    .record({
      belows: fc.uniqueArray(fc.integer({ min: 1, max: 9_999 }), { minLength: 1, maxLength: 10 }),
      credits: fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 10, maxLength: 10 }),
      sides,
      unknown,
      exclusions: fc.constantFrom('removed' as const, 'counted_as_up' as const),
      degraded: fc.constantFrom('by_fraction' as const, 'as_up' as const),
      decimals: fc.integer({ min: 0, max: 6 }),
      cap: fc.integer({ min: 0, max: 10_000 }),
      description: text,
    })
    .map(({ belows, credits, sides: of, cap, description, ...rest }) => {
      const placed = categories.filter((c) => c !== 'unknown' && c !== 'not_contracted');
      const on = (side: string) => placed.filter((_, i) => of[i] === side);
      const rising = credits.sort((a, b) => a - b);
      const bands = belows
        .sort((a, b) => b - a)
        .map((below, i) => ({ below: hundredths(below), creditPercent: hundredths(rising[i] ?? 0) }));
      return {
        kind: 'availability' as const,
        key: name('uptime', n),
        description,
        target: bands[0]?.below ?? '99.00',
        definition: { up: on('up'), down: on('down'), excluded: on('excluded'), ...rest },
        bands,
        basis: 'base_fee',
        capPercent: hundredths(cap),
      };
    });
const fee: Charge = { kind: 'recurring', key: 'base_fee', description: 'Base fee', amount: '450.00', per: 'asset' };
const anyTerms: fc.Arbitrary<Terms> = fc
  .record({
    currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'ISK'),
    charges: fc.integer({ min: 0, max: 5 }).chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => charge(i)))),
    guarantees: fc
      .integer({ min: 0, max: 3 })
      .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => guarantee(i)))),
  })
  .map(({ currency, charges, guarantees }) => ({ currency, cadence: 'month', charges: [fee, ...charges], guarantees }));

/** Every place of a value's leaves and lists, as a fault names it. */
function placesOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return [at, ...value.flatMap((one, i) => placesOf(one, `${at}[${i}]`))];
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, one]) => placesOf(one, at === '' ? key : `${at}.${key}`));
}
/** The same with another value at one place. */
function changed(value: unknown, place: string, to: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  const steps = place.split(/[.[\]]+/).filter((step) => step !== '');
  const last = steps.pop() ?? '';
  const inner = steps.reduce<Record<string, unknown>>((at, step) => at[step] as Record<string, unknown>, copy);
  inner[last] = to;
  return copy;
}
const faultsOf = (raw: unknown): string[] => {
  try {
    checkTerms(raw);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('INVALID_INPUT');
    return error.faults.map((fault) => fault.field);
  }
};

describe('terms of every shape', () => {
  it('are accepted as they are, not a digit changed, also after they went through JSON', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        expect(checkTerms(terms)).toEqual(terms);
        expect(checkTerms(JSON.parse(JSON.stringify(terms)))).toEqual(terms);
      }),
    );
  });

  it('go to GraphQL’s flat shape and back without a change', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const { cadence: _, ...flat } = termsType(terms);
        const asInput = JSON.parse(JSON.stringify(flat)) as TermsInput;
        expect(checkTerms(termsFromInput(asInput))).toEqual(terms);
      }),
    );
  });

  it('with one thing of a wrong type are refused, and the fault names a place at or below it', () => {
    const wrong = fc.constantFrom<unknown>(undefined, true, Number.NaN, {}, () => 'x', '§');
    fc.assert(
      fc.property(anyTerms, fc.nat(), wrong, (terms, which, value) => {
        const places = placesOf(terms);
        const place = places[which % places.length] ?? 'currency';
        // Any text describes a charge, and text that names nothing is caught by its own rule.
        fc.pre(!(place.endsWith('description') && typeof value === 'string'));
        const raw = typeof value === 'function' ? { ...terms, currency: value } : changed(terms, place, value);
        const faults = faultsOf(raw);
        expect(faults.length).toBeGreaterThan(0);
        if (typeof value === 'function') expect(faults).toContain('currency');
        else if (!place.endsWith('.basis') && !place.includes('definition.') && !place.endsWith('upTo'))
          expect(faults.some((field) => field === place || field.startsWith(place) || place.startsWith(field))).toBe(
            true,
          );
      }),
      { numRuns: 500 },
    );
  });

  it('with a field that nobody knows are refused by its name', () => {
    fc.assert(
      fc.property(
        anyTerms,
        fc.nat(),
        fc.constantFrom('colour', '__proto__x', 'Amount', 'toString'),
        (terms, which, key) => {
          const at = which % terms.charges.length;
          const charges = terms.charges.map((one, i) => (i === at ? { ...one, [key]: '1' } : one));
          expect(faultsOf({ ...terms, charges })).toEqual([`charges[${at}].${key}`]);
        },
      ),
    );
  });

  it('with bands or tiers in another order are refused', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        for (const [i, one] of terms.guarantees.entries()) {
          if (one.bands.length < 2) continue;
          const guarantees = terms.guarantees.map((g, n) => (n === i ? { ...g, bands: [...g.bands].reverse() } : g));
          expect(faultsOf({ ...terms, guarantees }).every((f) => f.startsWith(`guarantees[${i}].bands`))).toBe(true);
          expect(faultsOf({ ...terms, guarantees }).length).toBeGreaterThan(0);
        }
        for (const [i, one] of terms.charges.entries()) {
          if (one.kind !== 'usage' || one.price.model !== 'graduated' || one.price.tiers.length < 2) continue;
          const turned = { ...one, price: { ...one.price, tiers: [...one.price.tiers].reverse() } };
          const faults = faultsOf({ ...terms, charges: terms.charges.map((c, n) => (n === i ? turned : c)) });
          expect(faults.length).toBeGreaterThan(0);
          expect(faults.every((f) => f.startsWith(`charges[${i}].price.tiers`))).toBe(true);
        }
      }),
    );
  });

  it('name each category once, or are refused for the one that is missing or doubled', () => {
    fc.assert(
      fc.property(guarantee(0), fc.nat(7), fc.boolean(), (given, which, doubled) => {
        const placed = categories.filter((c) => c !== 'unknown' && c !== 'not_contracted');
        const category = placed[which] ?? 'producing';
        const { up, down, excluded } = given.definition;
        const without = (list: readonly string[]) => list.filter((c) => c !== category);
        const twice = {
          up: [...without(up), category],
          down: [...without(down), category],
          excluded: without(excluded),
        };
        const none = { up: without(up), down: without(down), excluded: without(excluded) };
        const definition = { ...given.definition, ...(doubled ? twice : none) };
        const terms = { currency: 'EUR', cadence: 'month', charges: [fee], guarantees: [{ ...given, definition }] };
        const place = `guarantees[0].definition.${doubled ? 'down' : category}`;
        expect(faultsOf(terms)).toEqual([place]);
      }),
    );
  });
});

// Beside the terms of every shape and not in a file of its own: what both import takes longer than all of them together.
describe('the flat shape of terms', () => {
  const definition = uptime().definition;
  const lastState = JSON.parse('{"mode":"last_state_for","minutes":30,"then":"down"}');
  const all: Terms = termsOf(
    [
      baseFee(),
      baseFee('9', 'contract'),
      output(perUnit('0.0115')),
      output(graduated(['100', '0.10'], [null, '0.01']), { key: 'more', pooling: 'asset' }),
    ].map((charge, i) => ({ ...charge, key: i === 0 ? 'base_fee' : `charge_${i}` })),
    [uptime(), uptime({ key: 'other', definition: { ...definition, unknown: lastState } })],
  );

  /** What a client sends that read terms and sends them back as input. */
  const sentBack = (terms: Terms): TermsInput => {
    const { cadence: _, ...input } = JSON.parse(JSON.stringify(termsType(terms)));
    return input;
  };

  it('goes there and back without a change', () => {
    expect(checkTerms(termsFromInput(sentBack(all)))).toEqual(all);
  });

  it('shows null for what does not belong to a kind', () => {
    const [fee, , usage, tiers] = termsType(all).charges;
    expect(fee).toEqual({
      kind: 'recurring',
      key: 'base_fee',
      description: 'Base fee',
      amount: '450.00',
      per: 'asset',
      meter: null,
      unit: null,
      priceModel: null,
      unitPrice: null,
      tiers: null,
      pooling: null,
    });
    expect(usage).toMatchObject({ amount: null, per: null, priceModel: 'per_unit', unitPrice: '0.0115', tiers: null });
    expect(tiers).toMatchObject({
      unitPrice: null,
      tiers: [
        { upTo: '100', unitPrice: '0.10' },
        { upTo: null, unitPrice: '0.01' },
      ],
    });
    expect(
      termsType(all).guarantees.map((g) => [
        g.definition.unknownMode,
        g.definition.unknownMinutes,
        g.definition.unknownThen,
      ]),
    ).toEqual([
      ['excluded', null, null],
      ['last_state_for', 30, 'down'],
    ]);
  });

  it('refuses what belongs to another kind instead of dropping it', () => {
    const input = sentBack(all);
    const stray = {
      ...input,
      charges: [
        { ...baseFee(), unitPrice: '5', tiers: [] },
        { ...input.charges[2], amount: '1', kind: 'usage', key: 'x', description: 'y' },
      ],
      guarantees: input.guarantees
        .slice(0, 1)
        .map((g) => ({ ...g, definition: { ...g.definition, unknownMinutes: 5 } })),
    };
    expect(() => checkTerms(termsFromInput(stray))).toThrow(
      /charges\[0\]\.unitPrice: does not belong here.*charges\[0\]\.tiers.*charges\[1\]\.amount.*guarantees\[0\]\.definition\.unknown\.minutes/,
    );
  });

  it('takes an open tier without a bound, and faults keep their places', () => {
    const tiers = [{ upTo: '10', unitPrice: '-1' }, { unitPrice: '1' }];
    const charge = {
      kind: 'usage',
      key: 'air',
      description: 'Air',
      meter: 'm',
      unit: 'm3',
      priceModel: 'graduated',
      tiers,
      pooling: 'asset',
    };
    const input: TermsInput = { currency: 'EUR', charges: [charge], guarantees: [] };
    expect(() => checkTerms(termsFromInput(input))).toThrow(
      'charges[0].price.tiers[0].unitPrice: must not be negative (given: "-1")',
    );
  });
});
