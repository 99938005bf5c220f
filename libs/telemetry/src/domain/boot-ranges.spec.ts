import fc from 'fast-check';
import { BootRanges } from './boot-ranges.js';

/** The prefix as its definition says it. */
function prefixOf(seqs: Iterable<number>): number {
  const stored = new Set(seqs);
  let prefix = 0;
  while (stored.has(prefix + 1)) prefix += 1;
  return prefix;
}

const rangesOf = (seqs: readonly number[]): BootRanges => {
  const ranges = new BootRanges();
  for (const seq of seqs) ranges.add(seq);
  return ranges;
};

describe('stored numbers of a boot', () => {
  const seqs = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 80 });

  it('have the prefix that their set has, whatever their order and repetition', () => {
    fc.assert(
      fc.property(seqs, (list) => {
        const ranges = rangesOf(list);
        expect(ranges.contiguous).toBe(prefixOf(list));
        expect(ranges.highest).toBe(Math.max(0, ...list));
        expect(ranges.incomplete).toBe(false);
      }),
    );
  });

  it('never show a prefix ahead of what was added so far', () => {
    fc.assert(
      fc.property(seqs, (list) => {
        const ranges = new BootRanges();
        list.forEach((seq, i) => {
          ranges.add(seq);
          expect(ranges.contiguous).toBe(prefixOf(list.slice(0, i + 1)));
        });
      }),
    );
  });

  it('may be added as ranges, after a prefix that is known', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.nat(6))
      .map(([from, more]) => [from, from + more] as const);
    fc.assert(
      fc.property(fc.nat(10), fc.array(range, { maxLength: 20 }), (known, list) => {
        const ranges = new BootRanges(known);
        for (const [from, to] of list) ranges.addRange(from, to);
        const all = [
          ...Array.from({ length: known }, (_, i) => i + 1),
          ...list.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        ];
        expect(ranges.contiguous).toBe(prefixOf(all));
      }),
    );
  });

  it('forget the highest of very many holes and say so when the prefix gets there', () => {
    const ranges = new BootRanges();
    for (let seq = 2; seq <= 2_400; seq += 2) ranges.add(seq);
    expect(ranges).toMatchObject({ contiguous: 0, highest: 2_400, incomplete: false });
    for (let seq = 1; seq < 2_000; seq += 2) ranges.add(seq);
    expect(ranges.contiguous).toBe(2_000);
    ranges.add(2_001);
    expect(ranges.incomplete).toBe(true);
  });
});
