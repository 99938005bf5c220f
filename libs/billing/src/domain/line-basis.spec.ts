import fc from 'fast-check';
import { baseFee, output, perUnit, termsOf, uptime } from '../../../../test/support/rating-examples.js';
import { basisOf, clipped } from './line-basis.js';

const terms = termsOf([baseFee(), output(perUnit('1'), { meter: 'loaded_s', unit: 'h' })], [uptime()]);

describe('what a line rests on', () => {
  it.each([
    ['output', { kind: 'windows', meter: 'loaded_s', unit: 'h' }],
    ['uptime', { kind: 'intervals' }],
    ['base_fee', { kind: 'time' }],
    ['gone', { kind: 'time' }],
  ])('the line of %s rests on %j', (key, basis) => expect(basisOf(terms, key)).toEqual(basis));
});

describe('clipped', () => {
  it('keeps what lies within, with what else is known of it, and leaves out what only touches', () => {
    const parts = [
      { from: 0, to: 10, name: 'before' },
      { from: 5, to: 15, name: 'over the begin' },
      { from: 12, to: 13, name: 'inside' },
      { from: 19, to: 30, name: 'over the end' },
      { from: 20, to: 30, name: 'after' },
    ];
    expect(clipped(parts, { from: 10, to: 20 })).toEqual([
      { from: 10, to: 15, name: 'over the begin' },
      { from: 12, to: 13, name: 'inside' },
      { from: 19, to: 20, name: 'over the end' },
    ]);
  });

  it('of two halves is as long as of the whole', () => {
    const list = fc
      .array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 50 })))
      .map((all) => all.map(([from, length]) => ({ from, to: from + length })));
    fc.assert(
      fc.property(list, fc.integer({ min: 21, max: 79 }), (intervals, cut) => {
        const lengthIn = (from: number, to: number) =>
          clipped(intervals, { from, to }).reduce((n, i) => n + i.to - i.from, 0);
        expect(lengthIn(20, cut) + lengthIn(cut, 80)).toBe(lengthIn(20, 80));
      }),
    );
  });
});
