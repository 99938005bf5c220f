import { DomainError } from '@throughline/kernel';
import { machineCategories } from './category.js';
import { checkedModel, type ModelInput, type StateMeaning } from './model.js';

const model = (states: Record<string, unknown>, rest: Partial<ModelInput> = {}): ModelInput => ({
  name: 'compressor-rx90',
  title: 'Compressor RX-90',
  staleAfterMs: 180_000,
  stateMap: { metric: 'state', states: states as Record<string, StateMeaning> },
  ...rest,
});

const fields = (input: ModelInput): string[] => {
  try {
    checkedModel(input);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('INVALID_INPUT');
    return error.faults.map((f) => f.field);
  }
};

describe('model', () => {
  it('accepts every category a machine can say, and keeps nothing else of the input', () => {
    const states = Object.fromEntries(
      machineCategories.map((category, i) => [
        i,
        { name: `s${i}`, category, ...(category === 'degraded' && { fraction: '0.6' }), colour: 'red' },
      ]),
    );
    const checked = checkedModel(model(states));
    expect(Object.keys(checked.stateMap.states)).toHaveLength(8);
    expect(JSON.stringify(checked)).not.toContain('red');
    expect(checked.stateMap.states[String(machineCategories.indexOf('degraded'))]?.fraction).toBe('0.6');
  });

  it.each(['running', '', 'not_contracted', 'force_majeure', 7, undefined])('refuses category %p', (category) => {
    expect(fields(model({ 1: { name: 'x', category } }))).toEqual(['stateMap.states.1.category']);
  });

  it.each(['0', '1', '1.5', '-0.5', 'half', '', '0.123456', 0.6, undefined])(
    'refuses fraction %p of degraded',
    (fraction) => {
      expect(fields(model({ 1: { name: 'x', category: 'degraded', fraction } }))).toEqual([
        'stateMap.states.1.fraction',
      ]);
    },
  );

  it('refuses a fraction of anything but degraded', () => {
    expect(fields(model({ 1: { name: 'x', category: 'producing', fraction: '0.5' } }))).toEqual([
      'stateMap.states.1.fraction',
    ]);
  });

  it('names all faults together', () => {
    const bad = model(
      { '01': { name: 'x', category: 'ready' }, 2: { name: 'x', category: 'ready' } },
      { name: 'Bad Name', title: ' ', staleAfterMs: 1.5 },
    );
    expect(fields(bad)).toEqual(['name', 'title', 'staleAfterMs', 'stateMap.states.01', 'stateMap.states.01.name']);
    expect(fields(model({}))).toEqual(['stateMap.states']);
  });
});
