import fc from 'fast-check';
import { checkSelection, readSelection, storedSelection } from './quarantine-selection.js';
import { ruleKind } from './rule-kind.js';
import { payloadAgain, restOfTopic, ruleNow } from './set-aside.js';

describe('the kind of a rule', () => {
  it.each([
    ['m.pressure_bar: must be from 0 to 16 (given: 17.2)', 'm.pressure_bar: must be from 0 to 16'],
    ['[12] m: schema version 3 has no metric "x (given: y)"', 'm: schema version 3 has no metric "x'],
    ['a payload has at most 131072 bytes (given: 200000; its start is kept)', 'a payload has at most 131072 bytes'],
    ['must be JSON', 'must be JSON'],
    [`must be JSON: Unexpected token 'x', "xyz" is not valid JSON`, 'must be JSON'],
  ])('of %s is %s', (rule, kind) => expect(ruleKind(rule)).toBe(kind));

  it('is the same whatever place and value a message had', () =>
    fc.assert(
      fc.property(fc.nat(999), fc.string(), (place, given) => {
        expect(ruleKind(`[${place}] ts: must be a time (given: ${given})`)).toBe('ts: must be a time');
      }),
    ));
});

describe('a set-aside payload', () => {
  const raw = Buffer.from('{"ts":1}');

  it('is read again as it came, an element as the only one of an array', () => {
    expect(payloadAgain({ reason: 'no_schema', rule: 'no schema', raw })?.toString()).toBe('{"ts":1}');
    expect(payloadAgain({ reason: 'unknown_metric', rule: '[3] m: no metric', raw })?.toString()).toBe('[{"ts":1}]');
  });

  it('is whole when it is nested too deeply, and cannot be read again when only its start was kept', () => {
    expect(payloadAgain({ reason: 'too_deep', rule: '[3] nests', raw })).toBe(raw);
    expect(payloadAgain({ reason: 'too_large', rule: 'too large', raw })).toBeUndefined();
  });

  it('keeps the place that its element had', () => {
    expect(ruleNow({ reason: 'unknown_metric', rule: '[3] m: no metric' }, '[0] m.a: out of range')).toBe(
      '[3] m.a: out of range',
    );
    expect(ruleNow({ reason: 'no_schema', rule: 'no schema' }, 'm.a: out of range')).toBe('m.a: out of range');
  });

  it.each([
    ['dt/pump-1/telemetry', 'telemetry'],
    ['dt/pump-1/a/b', 'a/b'],
    ['elsewhere', 'elsewhere'],
  ])('on %s goes to %s', (topic, rest) => expect(restOfTopic(topic)).toBe(rest));
});

describe('a selection', () => {
  it('must say what it is for', () => {
    expect(() => checkSelection({})).toThrow('must be given, or else a filter');
    expect(() => checkSelection({ ids: [], filter: {} })).toThrow('must be given, or else a filter');
    expect(() => checkSelection({ ids: [] })).toThrow('must be 1 to 1000 ids');
    expect(() => checkSelection({ ids: ['x'] })).toThrow('must be an id');
    expect(() => checkSelection({ filter: { ruleKind: 'm' } })).toThrow(
      'must name a thing, a model, a reason or a time',
    );
    expect(() => checkSelection({ filter: { thingName: 'a*' } })).not.toThrow();
  });

  it('comes back from where it is kept', () => {
    const filter = { thingName: 'a*', from: new Date(5), to: new Date(7) };
    expect(readSelection(storedSelection({ filter }))).toEqual({ filter });
    expect(readSelection(storedSelection({ ids: ['a'] }))).toEqual({ ids: ['a'] });
  });
});
