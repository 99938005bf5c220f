import { convertible, DomainError, isId, newId } from '@throughline/kernel';
import fc from 'fast-check';
import { output, perUnit, termsOf } from '../../../../test/support/rating-examples.js';
import { meterFaults } from './check-meters.js';
import { type CreateContractInput, checkedContract, contractState } from './contract.js';
import { moved, type PlanVersionState } from './plan.js';

const good: CreateContractInput = {
  number: 'C-2026-014',
  customerId: newId(),
  planVersionId: newId(),
  assetIds: [newId(), newId()],
  from: new Date('2026-01-01T00:00:00Z'),
  to: new Date('2027-01-01T00:00:00Z'),
  timeZone: 'Europe/Amsterdam',
};

const fieldsOf = (input: CreateContractInput): string[] => {
  try {
    checkedContract(input);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.faults.map((f) => f.field);
  }
};

describe('checkedContract', () => {
  it('accepts a contract with and without an end', () => {
    expect(checkedContract(good)).toMatchObject({
      number: 'C-2026-014',
      from: good.from.getTime(),
      timeZone: 'Europe/Amsterdam',
    });
    expect(checkedContract({ ...good, to: null }).to).toBe(Number.POSITIVE_INFINITY);
    expect(checkedContract({ ...good, to: undefined }).to).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [{ number: '' }, ['number']],
    [{ number: 'x'.repeat(61) }, ['number']],
    [{ number: 'a\nb' }, ['number']],
    [{ customerId: 'x', planVersionId: 'y' }, ['customerId', 'planVersionId']],
    [{ assetIds: [] }, ['assetIds']],
    [{ assetIds: ['x'] }, ['assetIds[0]']],
    [{ assetIds: [good.customerId, good.customerId] }, ['assetIds[1]']],
    [{ to: good.from }, ['to']],
    [{ to: new Date('2025-01-01T00:00:00Z') }, ['to']],
    [{ to: new Date('never') }, ['to']],
    [{ from: new Date('never') }, ['from']],
    // 0202 for 2026: every month since would be billed.
    [{ from: new Date('0202-01-01T00:00:00Z') }, ['from']],
    [{ from: new Date('2014-12-31T23:59:59.999Z') }, ['from']],
    [{ from: new Date('2015-01-01T00:00:00Z') }, []],
    [{ timeZone: 'Mars/Olympus' }, ['timeZone']],
    [{ number: '', timeZone: '+01:00', assetIds: [] }, ['number', 'assetIds', 'timeZone']],
  ])('%j is at fault at %j', (more, fields) => {
    expect(fieldsOf({ ...good, ...more })).toEqual(fields);
  });

  it('limits the number of assets', () => {
    const ids = Array.from({ length: 501 }, () => newId());
    expect(fieldsOf({ ...good, assetIds: ids })).toEqual(['assetIds']);
    expect(fieldsOf({ ...good, assetIds: ids.slice(1) })).toEqual([]);
  });
});

describe('contractState', () => {
  it.each([
    [99, 'upcoming'],
    [100, 'active'],
    [199, 'active'],
    [200, 'ended'],
  ])('at %i of [100, 200) it is %s', (now, state) => {
    expect(contractState({ from: 100, to: 200 }, now)).toBe(state);
    expect(contractState({ from: 100, to: null }, 1e12)).toBe('active');
  });
});

describe('a plan version', () => {
  it.each([
    ['draft', 'publish', 'published'],
    ['published', 'retire', 'retired'],
  ] as const)('%s: %s makes it %s', (state, move, next) => expect(moved({ state, version: 1 }, move)).toBe(next));

  it.each([
    ['draft', 'retire', 'must be published'],
    ['published', 'publish', 'must be draft'],
    ['retired', 'publish', 'must be draft'],
    ['retired', 'retire', 'must be published'],
  ] as const)('%s: %s is refused', (state: PlanVersionState, move, rule) => {
    expect(() => moved({ state, version: 3 }, move)).toThrow(rule);
    expect(() => moved({ state, version: 3 }, move)).toThrow(`version 3 is ${state}`);
  });
});

describe('meterFaults', () => {
  const terms = termsOf([output(perUnit('1')), output(perUnit('1'), { key: 'hours', meter: 'run', unit: 'h' })]);
  const meters = (modelId: string) => [
    { modelId, name: 'output_m3', unit: 'L' },
    { modelId, name: 'run', unit: 's' },
  ];
  const machines = [
    { modelId: 'm1', name: 'AC-1' },
    { modelId: 'm1', name: 'AC-2' },
    { modelId: 'm2', name: 'P-1' },
  ];

  it('finds none when each model counts what is sold in a unit that converts', () => {
    expect(meterFaults(terms, machines, [...meters('m1'), ...meters('m2')])).toEqual([]);
  });

  it('names charge, meter and one machine of each model that lacks it', () => {
    expect(meterFaults(terms, machines, meters('m1').slice(1))).toEqual([
      { field: 'charges[0].meter', value: 'output_m3', rule: 'must be a meter of the model of AC-1, which has run' },
      { field: 'charges[0].meter', value: 'output_m3', rule: 'must be a meter of the model of P-1, which has none' },
      { field: 'charges[1].meter', value: 'run', rule: 'must be a meter of the model of P-1, which has none' },
    ]);
  });

  it('refuses a unit of another kind', () => {
    const wrong = [{ modelId: 'm1', name: 'output_m3', unit: 'kW.h' }, ...meters('m1').slice(1), ...meters('m2')];
    expect(meterFaults(terms, machines, wrong)).toEqual([
      {
        field: 'charges[0].unit',
        value: 'm3',
        rule: 'must be a unit that "kW.h", in which AC-1 counts output_m3, can be converted to',
      },
    ]);
  });
});

describe('meterFaults, for any models and charges', () => {
  const names = ['output_m3', 'run', 'energy'] as const;
  const units = ['m3', 'L', 'h', 's', 'kW.h'] as const;
  const meters = fc.uniqueArray(
    fc.record({
      modelId: fc.constantFrom('m1', 'm2', 'm3'),
      name: fc.constantFrom(...names),
      unit: fc.constantFrom(...units),
    }),
    { maxLength: 9, selector: (m) => `${m.modelId} ${m.name}` },
  );
  const machines = fc
    .array(fc.constantFrom('m1', 'm2', 'm3'), { minLength: 1, maxLength: 6 })
    .map((models) => models.map((modelId, n) => ({ modelId, name: `AC-${n}` })));
  const charges = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...units)), { maxLength: 4 });

  it('finds exactly the charges that some model could not be billed by, one fault a model', () => {
    fc.assert(
      fc.property(meters, machines, charges, (known, fleet, list) => {
        const terms = termsOf(list.map(([meter, unit], n) => output(perUnit('1'), { key: `c${n}`, meter, unit })));
        const expected = list.flatMap(([name, unit], n) =>
          [...new Set(fleet.map((machine) => machine.modelId))].flatMap((modelId) => {
            const meter = known.find((m) => m.modelId === modelId && m.name === name);
            if (!meter) return [`charges[${n}].meter`];
            return convertible(meter.unit, unit) ? [] : [`charges[${n}].unit`];
          }),
        );
        expect(meterFaults(terms, fleet, known).map((fault) => fault.field)).toEqual(expected);
      }),
    );
  });
});

describe('checkedContract, whatever it is given', () => {
  const id = fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
  );
  const instant = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.date({ min: new Date('2014-06-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
    },
    { weight: 1, arbitrary: fc.constant(new Date(Number.NaN)) },
  );
  const given = fc.record({
    number: fc.oneof(fc.constantFrom('C-1', 'Ä 2/b_3.4', ' C', 'C ', '/1'), fc.string({ maxLength: 70 })),
    customer: id,
    plan: id,
    assets: fc.array(id, { maxLength: 4 }),
    from: instant,
    to: fc.option(instant, { freq: 3 }),
    timeZone: fc.constantFrom('Europe/Amsterdam', 'Asia/Kolkata', 'UTC', 'CET+1', '', '../etc'),
  });

  it('gives a contract that can be billed, or names each field that is wrong, and no other', () => {
    fc.assert(
      fc.property(given, ({ customer, plan, assets, ...rest }) => {
        const input: CreateContractInput = {
          ...rest,
          customerId: customer ?? newId(),
          planVersionId: plan ?? newId(),
          assetIds: assets.map((one) => one ?? newId()),
        };
        const { from, to } = input;
        const begin = from.getTime();
        const wrong = new Set<string>();
        if (
          !/^[\p{L}\p{N}]/u.test(input.number) ||
          /[^\p{L}\p{N} ._/-]/u.test(input.number) ||
          input.number.length > 60
        )
          wrong.add('number');
        for (const field of ['customerId', 'planVersionId'] as const) if (!isId(input[field])) wrong.add(field);
        if (input.assetIds.length === 0) wrong.add('assetIds');
        for (const [n, one] of input.assetIds.entries()) if (!isId(one)) wrong.add(`assetIds[${n}]`);
        if (!(begin >= Date.UTC(2015, 0, 1))) wrong.add('from');
        if (to && !(to.getTime() > begin) && !(Number.isNaN(begin) && !Number.isNaN(to.getTime()))) wrong.add('to');
        if (!['Europe/Amsterdam', 'Asia/Kolkata', 'UTC'].includes(input.timeZone)) wrong.add('timeZone');
        expect(new Set(fieldsOf(input))).toEqual(wrong);
        if (wrong.size > 0) return;
        const checked = checkedContract(input);
        expect([checked.from, checked.to]).toEqual([begin, to?.getTime() ?? Number.POSITIVE_INFINITY]);
        expect(checked.number).toBe(input.number.trim());
      }),
      { numRuns: 300 },
    );
  });
});
