import { Reading } from './reading.js';

/** What reading gave back, and the rules it broke by field. */
function reading<T>(work: (read: Reading) => T): [T, Record<string, string>] {
  const read = new Reading();
  const value = work(read);
  return [value, Object.fromEntries(read.faults.map((f) => [f.field, f.rule]))];
}

describe('reading input that may be anything', () => {
  it('takes objects only, and names what nobody knows', () => {
    expect(reading((r) => r.object({ a: 1 }, 'x', ['a']))).toEqual([{ a: 1 }, {}]);
    expect(reading((r) => r.object({ a: 1, b: 2 }, 'x', ['a']))[1]).toEqual({
      'x.b': 'does not belong here; known are a',
    });
    for (const other of [null, [], 'text', 5, undefined])
      expect(reading((r) => r.object(other, 'x', ['a']))).toEqual([undefined, { x: 'must be an object' }]);
  });

  it.each([
    ['12.50', '12.5'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['999999999999.999999999999', '999999999999.999999999999'],
  ])('reads the decimal %s as %s, without a sign', (text, value) => {
    const [decimal, faults] = reading((r) => r.decimal(text, 'x'));
    expect([decimal?.toFixed(), decimal?.isNegative(), faults]).toEqual([value, false, {}]);
  });

  it.each([
    ['-0.000000000001', 'must not be negative'],
    ['-5', 'must not be negative'],
    ['1.0000000000001', 'must have at most 12 decimals'],
    ['1234567890123', 'must have at most 12 digits before the point'],
    ['-1234567890123', 'must have at most 12 digits before the point'],
    ['1,5', 'must be a decimal number in text, such as "12.50"'],
    ['Infinity', 'must be a decimal number in text, such as "12.50"'],
    ['٣', 'must be a decimal number in text, such as "12.50"'],
    [12.5, 'must be a decimal number in text, such as "12.50"'],
  ])('refuses the decimal %p: %s', (value, rule) => {
    expect(reading((r) => r.decimal(value, 'x'))).toEqual([undefined, { x: rule }]);
  });

  it('takes percentages to a hundred, exactly', () => {
    expect(reading((r) => r.percent('100', 'x'))[0]?.toFixed()).toBe('100');
    expect(reading((r) => r.percent('100.000000000001', 'x'))).toEqual([undefined, { x: 'must be from 0 to 100' }]);
    expect(reading((r) => r.percent('-1', 'x'))[1]).toEqual({ x: 'must not be negative' });
  });

  it('takes lists within their limits', () => {
    expect(reading((r) => r.list([1, 2], 'x', 1, 2))).toEqual([[1, 2], {}]);
    for (const other of [[], [1, 2, 3], { length: 1 }, 'ab'])
      expect(reading((r) => r.list(other, 'x', 1, 2))).toEqual([[], { x: 'must be a list of 1 to 2' }]);
  });

  it('gathers every fault with the value that was given', () => {
    const read = new Reading();
    read.text(' ', 'a', 5);
    read.name('A', 'b');
    read.oneOf('z', 'c', ['x', 'y']);
    expect(read.faults.map((f) => [f.field, f.value])).toEqual([
      ['a', ' '],
      ['b', 'A'],
      ['c', 'z'],
    ]);
    expect(read.faults[2]?.rule).toBe('must be "x" or "y"');
  });
});
