import { Decimal } from '@throughline/kernel';
import { parseValue } from 'graphql';
import { GraphQLDecimal, GraphQLISODateTime, GraphQLJSON, GraphQLJSONObject } from './scalars.js';

describe('Decimal', () => {
  it.each([
    ['12.50', '12.50'],
    [new Decimal('1e-7'), '0.0000001'],
    [new Decimal('100000000000000000000000'), '100000000000000000000000'],
    [12n, '12'],
    [3, '3'],
  ])('shows %s as %s', (value, text) => {
    expect(GraphQLDecimal.serialize(value)).toBe(text);
  });

  it.each([0.1, Number.NaN, Number.POSITIVE_INFINITY, null, true, '', '1e5', 'NaN'])('refuses to show %s', (value) => {
    expect(() => GraphQLDecimal.serialize(value)).toThrow('must be a decimal number in text');
  });

  it.each([1, 0.5, '1e5', '--1', ' 1', '1,5', '0x10', '__proto__', null, {}, []])('refuses %j as input', (value) => {
    expect(() => GraphQLDecimal.parseValue(value)).toThrow('must be a decimal number in text');
  });

  it('takes text as it is', () => {
    expect(GraphQLDecimal.parseValue('-0.10')).toBe('-0.10');
  });
});

describe('DateTime', () => {
  it('shows UTC with milliseconds', () => {
    expect(GraphQLISODateTime.serialize(new Date('2026-03-02T09:00:00+01:00'))).toBe('2026-03-02T08:00:00.000Z');
  });

  it.each([
    ['2026-03-02T08:00:00Z', 1772438400000],
    ['2026-03-02T09:00:00.5+01:00', 1772438400500],
    ['2028-02-29T00:00:00Z', 1835395200000],
  ])('reads %s', (text, ms) => {
    expect(GraphQLISODateTime.parseValue(text).getTime()).toBe(ms);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-02T24:00:00Z',
    '2026-03-02T08:00:00',
    '2026-03-02',
    'yesterday',
    '',
    1772438400000,
    null,
    {},
  ])('refuses %j', (value) => {
    expect(() => GraphQLISODateTime.parseValue(value)).toThrow('must be an RFC 3339 instant');
  });
});

describe('JSON', () => {
  it('is for answers only', () => {
    expect(GraphQLJSON.serialize({ a: [1] })).toEqual({ a: [1] });
    expect(() => GraphQLJSON.parseValue({ __proto__: {} })).toThrow('is for answers only');
  });

  it('object goes both ways, also written in the query', () => {
    expect(GraphQLJSONObject.serialize({ a: [1] })).toEqual({ a: [1] });
    expect(GraphQLJSONObject.parseValue({ a: [null, { b: 1.5 }] })).toEqual({ a: [null, { b: 1.5 }] });
    const literal = GraphQLJSONObject.parseLiteral(parseValue('{a: [1, {b: true}], __proto__: {c: null}, d: $v}'), {
      v: 7,
    });
    expect(JSON.parse(JSON.stringify(literal))).toEqual(
      JSON.parse('{"a":[1,{"b":true}],"__proto__":{"c":null},"d":7}'),
    );
  });

  it.each([null, 1, 'x', [], true])('object is not %j', (value) => {
    expect(() => GraphQLJSONObject.parseValue(value)).toThrow('must be a JSON object');
  });
});
