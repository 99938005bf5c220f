import fc from 'fast-check';
import { availabilityOf, rawDefinition } from './availability.js';
import { type Category, categories } from './category.js';
import { checkDefinition } from './check-definition.js';
import type { AvailabilityDefinition } from './definition.js';

const placed: readonly Category[] = categories.filter((c) => c !== 'unknown' && c !== 'not_contracted');
const faults = (change: Record<string, unknown>) =>
  checkDefinition({ ...rawDefinition, ...change } as AvailabilityDefinition, 'guarantee.definition').map((f) => [
    f.field.replace('guarantee.definition.', ''),
    f.rule,
  ]);

describe('checkDefinition', () => {
  it('accepts the raw definition and every unknown rule', () => {
    expect(faults({})).toEqual([]);
    for (const mode of ['excluded', 'up', 'down']) expect(faults({ unknown: { mode } })).toEqual([]);
    expect(faults({ unknown: { mode: 'last_state_for', minutes: 15, then: 'down' } })).toEqual([]);
  });

  it('wants each category in exactly one list', () => {
    expect(faults({ up: ['producing', 'ready'] })).toEqual([
      ['degraded', 'must be in exactly one of up, down, excluded'],
    ]);
    expect(faults({ excluded: ['utility'] })).toEqual([
      ['excluded', 'must be in exactly one list, but is in down too'],
    ]);
    expect(faults({ up: ['producing', 'ready', 'degraded', 'ready'] })).toEqual([
      ['up', 'must be in exactly one list, but is in up too'],
    ]);
  });

  it('refuses unknown and not_contracted in a list, strange words and what is no list', () => {
    expect(faults({ excluded: ['unknown', 'not_contracted', 'sleeping'] })).toEqual([
      ['excluded', 'has its own rule, "unknown", and belongs to no list'],
      ['excluded', 'is never measured and belongs to no list'],
      ['excluded', expect.stringContaining('must be one of force_majeure, planned_maintenance')],
    ]);
    expect(faults({ excluded: 'utility' })).toEqual([['excluded', 'must be a list of categories']]);
  });

  it.each([
    [{ mode: 'guess' }, 'unknown.mode'],
    [undefined, 'unknown.mode'],
    [{ mode: 'last_state_for', minutes: 0, then: 'up' }, 'unknown.minutes'],
    [{ mode: 'last_state_for', minutes: 1.5, then: 'up' }, 'unknown.minutes'],
    [{ mode: 'last_state_for', minutes: Number.NaN, then: 'up' }, 'unknown.minutes'],
    [{ mode: 'last_state_for', minutes: 44_641, then: 'up' }, 'unknown.minutes'],
    [{ mode: 'last_state_for', minutes: 5, then: 'last_state_for' }, 'unknown.then'],
    [{ mode: 'last_state_for', minutes: 5 }, 'unknown.then'],
  ])('refuses the unknown rule %j', (unknown, field) => {
    expect(faults({ unknown }).map(([name]) => name)).toEqual([field]);
  });

  it('lists all faults at once, with the value given', () => {
    const bad = { ...rawDefinition, exclusions: 'ignored', degraded: 'half', decimals: 7, unknown: { mode: 'no' } };
    expect(checkDefinition(bad as unknown as AvailabilityDefinition, 'd').map((f) => [f.field, f.value])).toEqual([
      ['d.exclusions', 'ignored'],
      ['d.degraded', 'half'],
      ['d.decimals', 7],
      ['d.unknown.mode', 'no'],
    ]);
  });
});

describe('checkDefinition, for any placing of the categories', () => {
  const sides = ['up', 'down', 'excluded'] as const;
  /** How often each category is named on each side. */
  const placing = fc.array(fc.tuple(fc.constantFrom(...categories), fc.constantFrom(...sides)), { maxLength: 14 });

  it('accepts exactly those that name each category that can be measured once, and no other', () => {
    fc.assert(
      fc.property(placing, fc.boolean(), (given, complete) => {
        const rest = complete ? placed.filter((c) => !given.some(([named]) => named === c)) : [];
        const all = [...given, ...rest.map((c) => [c, 'down'] as const)];
        const lists = Object.fromEntries(
          sides.map((side) => [side, all.flatMap(([c, on]) => (on === side ? [c] : []))]),
        );
        const counts = new Map(categories.map((c) => [c, all.filter(([named]) => named === c).length]));
        const right = categories.every((c) => counts.get(c) === (placed.includes(c) ? 1 : 0));
        expect(faults(lists).length === 0).toBe(right);
      }),
      { numRuns: 300 },
    );
  });

  it('accepts nothing that would leave a figure without the time of a category', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...sides), { minLength: 8, maxLength: 8 }), (on) => {
        const lists = Object.fromEntries(sides.map((side) => [side, placed.filter((_, n) => on[n] === side)]));
        expect(faults(lists)).toEqual([]);
        const list = placed.map((category, n) => ({
          from: n * 1_000,
          to: (n + 1) * 1_000,
          category,
          source: 's',
          detail: '',
          evidence: { messages: 0 },
        }));
        const definition = { ...rawDefinition, ...lists } as AvailabilityDefinition;
        const figure = availabilityOf(list, { from: 0, to: 8_000 }, definition);
        expect(figure.notMeasuredMs).toBe(0);
        expect([figure.upMs, figure.downMs, figure.excludedMs].map(Number)).toEqual(
          sides.map((side) => 1_000 * on.filter((one) => one === side).length),
        );
      }),
    );
  });

  it.each([-1, 0.5, 7, Number.NaN, '2', undefined])('refuses %p decimals', (decimals) => {
    expect(faults({ decimals })).toEqual([['decimals', 'must be a whole number from 0 to 6']]);
  });

  it.each([0, 6])('accepts %p decimals', (decimals) => expect(faults({ decimals })).toEqual([]));

  it.each([1, 44_640])('accepts a state carried on for %p minutes', (minutes) => {
    expect(faults({ unknown: { mode: 'last_state_for', minutes, then: 'excluded' } })).toEqual([]);
  });
});
