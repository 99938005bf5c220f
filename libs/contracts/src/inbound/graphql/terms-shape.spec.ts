import { baseFee, graduated, output, perUnit, termsOf, uptime } from '../../../../../test/support/rating-examples.js';
import { checkTerms } from '../../domain/check-terms.js';
import type { Terms } from '../../domain/terms.js';
import type { TermsInput } from './terms.types.js';
import { termsFromInput, termsType } from './terms-shape.js';

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

describe('the flat shape of terms', () => {
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
