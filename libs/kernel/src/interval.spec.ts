import fc from 'fast-check';
import { DomainError } from './errors.js';
import {
  contains,
  HOUR_MS,
  hourOf,
  hoursOf,
  type Interval,
  intersect,
  interval,
  lengthMs,
  overlaps,
  union,
} from './interval.js';

const anInterval = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 30 }))
  .map(([from, length]) => ({ from, to: from + length }));

const instants = (i: Interval): number[] => Array.from({ length: lengthMs(i) }, (_, n) => i.from + n);

describe('interval', () => {
  it('takes instants and dates, and may be empty', () => {
    expect(interval(new Date(5), 7)).toEqual({ from: 5, to: 7 });
    expect(lengthMs(interval(7, 7))).toBe(0);
  });

  it.each([
    [2, 1],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
    [new Date('never'), 1],
  ])('refuses %p to %p', (from, to) => {
    expect(() => interval(from, to, 'period')).toThrow(DomainError);
    expect(() => interval(from, to, 'period')).toThrow(/^period: /);
  });

  it('is half-open', () => {
    const i = interval(10, 20);
    expect([9, 10, 19, 20].map((t) => contains(i, t))).toEqual([false, true, true, false]);
    expect(overlaps(i, { from: 20, to: 30 })).toBe(false);
    expect(intersect(i, { from: 20, to: 30 })).toBeUndefined();
    expect(intersect(i, { from: 19, to: 30 })).toEqual({ from: 19, to: 20 });
  });

  it('intersects as sets do', () => {
    fc.assert(
      fc.property(anInterval, anInterval, (a, b) => {
        const both = instants(a).filter((t) => contains(b, t));
        const common = intersect(a, b);
        expect(common ? instants(common) : []).toEqual(both);
        if (lengthMs(a) > 0 && lengthMs(b) > 0) expect(overlaps(a, b)).toBe(both.length > 0);
      }),
    );
  });

  it('unites as sets do, into sorted intervals that do not touch', () => {
    fc.assert(
      fc.property(fc.array(anInterval, { maxLength: 8 }), (intervals) => {
        const result = union(intervals);
        expect(result.flatMap(instants)).toEqual([...new Set(intervals.flatMap(instants))].sort((a, b) => a - b));
        for (const [i, next] of result.slice(1).entries())
          expect(next.from).toBeGreaterThan(result[i]?.to ?? Number.NaN);
        expect(union([...intervals].reverse())).toEqual(result);
      }),
    );
  });

  it('does not change what it unites', () => {
    const given = [
      { from: 0, to: 2 },
      { from: 1, to: 5 },
    ];
    union(given);
    expect(given).toEqual([
      { from: 0, to: 2 },
      { from: 1, to: 5 },
    ]);
  });
});

describe('hours', () => {
  it('are UTC hours, also before 1970', () => {
    expect(hourOf(HOUR_MS - 1)).toBe(0);
    expect(hourOf(HOUR_MS)).toBe(HOUR_MS);
    expect(hourOf(-1)).toBe(-HOUR_MS);
  });

  it('of an interval are those it touches', () => {
    expect(hoursOf({ from: HOUR_MS / 2, to: 2 * HOUR_MS })).toEqual([0, HOUR_MS]);
    expect(hoursOf({ from: HOUR_MS / 2, to: 2 * HOUR_MS + 1 })).toEqual([0, HOUR_MS, 2 * HOUR_MS]);
    expect(hoursOf({ from: 5, to: 5 })).toEqual([]);
  });
});
