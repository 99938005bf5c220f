import { type Interval, union } from '@throughline/kernel';
import fc from 'fast-check';
import { assetOf, inputOf, january, termsOf } from '../../../../test/support/rating-examples.js';
import { groupBy, inOrder, isWhole, secondsOf, staysOf } from './stays.js';

const stays = (assets: Parameters<typeof inputOf>[1]) => staysOf(inputOf(termsOf([]), assets));

describe('stays', () => {
  it('are cut to the period, and those that only touch it are none', () => {
    const { from, to } = january;
    const found = stays([
      assetOf('over', { contracted: { from: from - 1, to: to + 1 } }),
      assetOf('before', { contracted: { from: from - 10, to: from } }),
      assetOf('after', { contracted: { from: to, to: to + 10 } }),
      assetOf('last', { contracted: { from: to - 1, to: to + 10 } }),
    ]);
    expect(found.map((s) => [s.asset.label, s.interval])).toEqual([
      ['last', { from: to - 1, to }],
      ['over', january],
    ]);
  });

  it('of one asset stay apart, earliest first', () => {
    const early = { from: january.from, to: january.from + 5_000 };
    const late = { from: january.from + 9_000, to: january.to };
    expect(
      stays([assetOf('a', { contracted: late }), assetOf('a', { contracted: early })]).map((s) => s.interval),
    ).toEqual([early, late]);
  });

  it('are ordered by label, then id, by code point', () => {
    const labels = stays(['b', 'Z', 'ä', 'a'].map((label) => assetOf(label))).map((s) => s.asset.label);
    expect(labels).toEqual(['Z', 'a', 'b', 'ä']);
    const same = [assetOf('x', { assetId: '2' }), assetOf('x', { assetId: '1' })];
    expect(stays(same).map((s) => s.asset.assetId)).toEqual(['1', '2']);
  });

  it('fill the period only with both bounds', () => {
    expect(isWhole(january, { ...january })).toBe(true);
    expect(isWhole({ ...january, from: january.from + 1 }, january)).toBe(false);
    expect(isWhole({ ...january, to: january.to - 1 }, january)).toBe(false);
  });
});

describe('whole seconds', () => {
  it('are counted by the bounds', () => {
    expect(secondsOf({ from: 0, to: 1_000 })).toBe(1);
    expect(secondsOf({ from: 1, to: 1_000 })).toBe(1);
    expect(secondsOf({ from: 0, to: 999 })).toBe(0);
    expect(secondsOf({ from: 999, to: 1_001 })).toBe(1);
  });

  it('of parts are those of the whole, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 2, maxLength: 12 }), (list) => {
        const cuts = [...new Set(list)].sort((a, b) => a - b);
        const parts = cuts.slice(1).map((to, i): Interval => ({ from: cuts[i] ?? to, to }));
        const [whole] = union(parts);
        fc.pre(whole !== undefined);
        expect(parts.reduce((n, part) => n + secondsOf(part), 0)).toBe(secondsOf(whole as Interval));
      }),
    );
  });
});

describe('lists', () => {
  it('are grouped in the order of their first members, each item once', () => {
    expect(groupBy(['b1', 'a1', 'b2', 'c1', 'a2'], (s) => s.charAt(0))).toEqual([['b1', 'b2'], ['a1', 'a2'], ['c1']]);
    expect(groupBy([], String)).toEqual([]);
  });

  it('of intervals are ordered by begin without touching what was given', () => {
    const given = [
      { from: 5, to: 6 },
      { from: 1, to: 2 },
    ];
    expect(inOrder(given).map((i) => i.from)).toEqual([1, 5]);
    expect(given.map((i) => i.from)).toEqual([5, 1]);
  });
});
