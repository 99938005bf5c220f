import { DomainError } from '@throughline/kernel';
import { checkedMeter, type MeterInput } from './meter.js';

const ground = {
  metrics: [
    { name: 'output_m3', kind: 'counter', unit: 'm3' },
    { name: 'pressure_bar', kind: 'gauge', unit: 'bar' },
  ],
  stateNames: ['loaded', 'standby'],
};
const counter: MeterInput = {
  name: 'output_m3',
  title: ' Air delivered ',
  definition: { type: 'counter', metric: 'output_m3' },
};

const faults = (input: unknown): string[][] => {
  try {
    checkedMeter(input as MeterInput, ground);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.faults.map((f) => [f.field, f.rule]);
  }
};

describe('checkedMeter', () => {
  it('takes its unit from what it counts', () => {
    expect(checkedMeter(counter, ground)).toEqual({ ...counter, title: 'Air delivered', unit: 'm3' });
    expect(checkedMeter({ ...counter, unit: 'm3' }, ground).unit).toBe('m3');
    const loaded: MeterInput = {
      name: 'loaded_time',
      title: 'Loaded',
      definition: { type: 'time_in_state', states: ['loaded'] },
    };
    expect(checkedMeter(loaded, ground).unit).toBe('s');
    const up: MeterInput = {
      name: 'up',
      title: 'Up',
      definition: { type: 'available_hours', categories: ['ready'] },
      unit: 's',
    };
    expect(checkedMeter(up, ground).unit).toBe('s');
  });

  it.each([
    [
      { ...counter, definition: { type: 'counter', metric: 'flow' } },
      'definition.metric',
      'must be a metric of the model',
    ],
    [
      { ...counter, definition: { type: 'counter', metric: 'pressure_bar' } },
      'definition.metric',
      'must be a counter, not a gauge',
    ],
    [{ ...counter, unit: 'L' }, 'unit', 'must be "m3", the unit of what it counts'],
    [
      { ...counter, definition: { type: 'time_in_state', states: [] } },
      'definition.states',
      'must name at least one of the state map',
    ],
    [
      { ...counter, definition: { type: 'time_in_state' } },
      'definition.states',
      'must name at least one of the state map',
    ],
    [
      { ...counter, definition: { type: 'time_in_state', states: ['asleep'] } },
      'definition.states',
      'must be of the state map: loaded, standby',
    ],
    [
      { ...counter, definition: { type: 'time_in_state', states: ['loaded', 'loaded'] } },
      'definition.states',
      'must not name anything twice',
    ],
    [
      { ...counter, definition: { type: 'average' } },
      'definition.type',
      'must be "counter", "time_in_state" or "available_hours"',
    ],
    [{ ...counter, definition: null }, 'definition', 'must be an object'],
    [{ ...counter, definition: 'counter' }, 'definition', 'must be an object'],
    [{ ...counter, name: 'Output m3' }, 'name', 'must be small letters, digits and "_", at most 80, a letter first'],
    [{ ...counter, title: '  ' }, 'title', 'must be 1 to 200 characters'],
  ])('refuses %j', (input, field, rule) => {
    expect(faults(input)).toEqual([[field, rule]]);
  });

  it('meters no time of unknown category', () => {
    const unknown = { ...counter, definition: { type: 'available_hours', categories: ['unknown'] } };
    expect(faults(unknown).map(([field]) => field)).toEqual(['definition.categories']);
  });

  it('lists all faults at once', () => {
    const bad = { name: '', title: '', definition: { type: 'available_hours', categories: ['nice', 'ready', 'odd'] } };
    expect(faults(bad).map(([field]) => field)).toEqual([
      'name',
      'title',
      'definition.categories',
      'definition.categories',
    ]);
  });
});
