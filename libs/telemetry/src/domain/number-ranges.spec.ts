import fc from 'fast-check';
import { countOf, merged, type NumberRange, rangesOf, upTo, without } from './number-ranges.js';

const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(8))
  .map(([from, more]): NumberRange => [from, from + more]);
const ranges = fc.array(range, { maxLength: 12 });
const numbersOf = (list: readonly NumberRange[]): Set<number> =>
  new Set(list.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
const sorted = (set: Iterable<number>): number[] => [...set].sort((a, b) => a - b);

describe('ranges of numbers', () => {
  it('are merged to the same numbers, in order, apart from each other', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const all = merged(list);
        expect(sorted(numbersOf(all))).toEqual(sorted(numbersOf(list)));
        expect(countOf(all)).toBe(numbersOf(list).size);
        all.slice(1).forEach(([from], i) => void expect(from).toBeGreaterThan((all[i]?.[1] ?? 0) + 1));
      }),
    );
  });

  it('leave exactly the numbers that are not taken, within the ranges they were in', () => {
    fc.assert(
      fc.property(ranges, ranges, (list, taken) => {
        const from = merged(list);
        const left = without(from, taken);
        const gone = numbersOf(taken);
        const expected = new Set([...numbersOf(list)].filter((n) => !gone.has(n)));
        expect(sorted(numbersOf(left))).toEqual(sorted(expected));
        expect(countOf(left)).toBe(expected.size);
        for (const [low, high] of left) expect(from.some(([a, b]) => a <= low && high <= b)).toBe(true);
      }),
    );
  });

  it('are cut at a limit, and made of numbers', () => {
    fc.assert(
      fc.property(ranges, fc.nat(70), (list, limit) => {
        const numbers = sorted(numbersOf(list));
        expect(rangesOf(numbers)).toEqual(merged(list));
        expect(sorted(numbersOf(upTo(list, limit)))).toEqual(numbers.filter((n) => n <= limit));
      }),
    );
  });
});
