import { rawDefinition } from './availability.js';
import { checkDefinition } from './check-definition.js';
import type { AvailabilityDefinition } from './definition.js';

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
