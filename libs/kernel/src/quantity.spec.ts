import fc from 'fast-check';
import { Decimal } from './decimal.js';
import { DomainError } from './errors.js';
import { conversion, convertible, Quantity } from './quantity.js';

describe('Quantity', () => {
  it.each([
    ['1234.5', 'L', 'm3', '1.2345'],
    ['5400', 's', 'h', '1.5'],
    ['90', 'min', 'h', '1.5'],
    ['2', 'd', 'h', '48'],
    ['250', 'ms', 's', '0.25'],
    ['1.5', 'MW.h', 'kW.h', '1500'],
    ['12', '{part}', '{part}', '12'],
  ])('%s %s in %s... is %s', (value, from, to, expected) => {
    expect(Quantity.of(value, from).in(to).toString()).toBe(expected);
    expect(Quantity.of(value, from).in(to).unit).toBe(to);
  });

  it.each([
    ['m3', 'h'],
    ['kW.h', 'L'],
    ['{part}', 'm3'],
    ['toString', 'm3'],
    ['constructor', '__proto__'],
  ])('%s cannot become %s', (from, to) => {
    expect(convertible(from, to)).toBe(false);
    expect(() => Quantity.of('1', from).in(to)).toThrow(DomainError);
    expect(() => conversion(from, to)).toThrow(`${from} cannot be converted to ${to}`);
  });

  it('adds in one unit only', () => {
    expect(Quantity.of('0.1', 'm3').plus(Quantity.of('0.2', 'm3')).toString()).toBe('0.3');
    expect(() => Quantity.of('1', 'm3').plus(Quantity.of('1', 'L'))).toThrow('m3 and L cannot be added');
  });

  it('is always a finite number', () => {
    expect(Quantity.of(10n ** 30n, 's').toString()).toBe(`1${'0'.repeat(30)}`);
    expect(Quantity.zero('s').toString()).toBe('0');
    expect(() => Quantity.of(Number.NaN, 's')).toThrow('must be finite');
    expect(() => Quantity.of(Number.POSITIVE_INFINITY, 's')).toThrow('must be finite');
  });

  it('converts there and back without loss where the way there is exact', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 25n), 10n ** 25n), (n) => {
        const litres = Quantity.of(n, 'L');
        expect(litres.in('m3').in('L').toString()).toBe(n.toString());
        const hours = Quantity.of(n, 'h');
        expect(hours.in('s').in('h').toString()).toBe(n.toString());
      }),
    );
  });
});

describe('conversion', () => {
  const units = ['ms', 's', 'min', 'h', 'd'];
  it('divides by what depends on the target alone, so several sources add up before the division', () => {
    for (const to of units) {
      const divisors = new Set(units.map((from) => conversion(from, to).by.toFixed()));
      expect(divisors.size).toBe(1);
    }
  });

  it('leaves a third exact: a third of an hour times three is an hour', () => {
    const { times, by } = conversion('s', 'h');
    expect(new Decimal(1200).times(times).times(3).div(by).toFixed()).toBe('1');
  });

  it('of an unknown unit to itself is one', () => {
    const { times, by } = conversion('{part}', '{part}');
    expect([times.toFixed(), by.toFixed()]).toEqual(['1', '1']);
  });
});
