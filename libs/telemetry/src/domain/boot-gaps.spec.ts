import fc from 'fast-check';
import { type BootGaps, givenUp, MAX_OPEN_GAPS, rangeOf, reconciled } from './boot-gaps.js';
import { type NumberRange, rangesOf } from './number-ranges.js';

/** A boot as the database has it, looked at as the store does. */
class Boot {
  readonly stored = new Set<number>();
  readonly told = new Set<number>();
  known: BootGaps<string> = { contiguous: 0, checked: 0, gaps: [] };

  get highest(): number {
    return Math.max(0, ...this.stored);
  }

  look(readTo = this.highest): void {
    const base = Math.max(this.known.contiguous, this.known.checked);
    this.known = reconciled(this.known, {
      inGaps: this.within(this.known.gaps.map(rangeOf)),
      above: this.within([[base + 1, readTo]]),
      readTo,
      highest: this.highest,
    });
  }

  tell(from: number, to: number): void {
    for (let n = from; n <= to; n += 1) this.told.add(n);
    this.known = givenUp(this.known, [[from, to]], this.within([[from, to]]), Number.MAX_SAFE_INTEGER, 'told');
    this.look();
  }

  numbers(state: 'missing' | 'lost'): number[] {
    return this.known.gaps
      .filter((gap) => gap.state === state)
      .flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
  }

  private within(ranges: readonly NumberRange[]): NumberRange[] {
    const all = [...this.stored].sort((a, b) => a - b);
    return rangesOf(all.filter((n) => ranges.some(([from, to]) => from <= n && n <= to)));
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('gaps of a boot', () => {
  it('are exactly what is not stored below the highest, lost where the device said so, whatever comes in which order', () => {
    const number = fc.integer({ min: 1, max: 40 });
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ store: number }) },
      { weight: 3, arbitrary: fc.record({ look: fc.option(number, { nil: undefined }) }) },
      { weight: 1, arbitrary: fc.record({ from: number, more: fc.nat(6) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const boot = new Boot();
        for (const one of steps) {
          const before = boot.known.contiguous;
          if ('store' in one) boot.stored.add(one.store);
          else if ('from' in one) boot.tell(one.from, one.from + one.more);
          else boot.look(Math.min(one.look ?? boot.highest, boot.highest));
          expect(boot.known.contiguous).toBeGreaterThanOrEqual(before);
          expect(boot.known.contiguous).toBeLessThanOrEqual(boot.highest);
        }
        boot.look();
        const { highest } = boot;
        const absent = upTo(highest).filter((n) => !boot.stored.has(n));
        const lost = boot.numbers('lost');
        expect(boot.numbers('missing')).toEqual(absent.filter((n) => !lost.includes(n)));
        expect(lost.filter((n) => boot.stored.has(n) || !boot.told.has(n))).toEqual([]);
        const first = boot.numbers('missing')[0];
        expect(boot.known.contiguous).toBe(first === undefined ? highest : first - 1);
      }),
    );
  });

  it('keep the history of the range they are a piece of', () => {
    const known: BootGaps<string> = {
      contiguous: 4,
      checked: 20,
      gaps: [{ from: 5, to: 14, state: 'missing', history: 'asked twice' }],
    };
    const after = reconciled(known, { inGaps: [[8, 9]], above: [[22, 22]], readTo: 22, highest: 22 });
    expect(after.gaps).toEqual([
      { from: 5, to: 7, state: 'missing', history: 'asked twice' },
      { from: 10, to: 14, state: 'missing', history: 'asked twice' },
      { from: 21, to: 21, state: 'missing' },
    ]);
    expect(after).toMatchObject({ contiguous: 4, checked: 22 });
  });

  it('never let a device pass what it has not sent yet: the prefix ends with the highest stored', () => {
    const boot = new Boot();
    boot.stored.add(1).add(2);
    boot.look();
    boot.tell(3, 1_000);
    expect(boot.known.contiguous).toBe(2);
    boot.stored.add(5);
    boot.look();
    expect(boot.known.contiguous).toBe(5);
    expect(boot.numbers('lost')).not.toContain(5);
  });

  it('are kept up to a number; those above are found when there is room', () => {
    const boot = new Boot();
    for (let n = 2; n <= 2 * MAX_OPEN_GAPS + 20; n += 2) boot.stored.add(n);
    boot.look();
    expect(boot.known.gaps).toHaveLength(MAX_OPEN_GAPS);
    for (let n = 1; n <= 99; n += 2) boot.stored.add(n);
    boot.look();
    boot.look();
    expect(boot.known).toMatchObject({ contiguous: 100, checked: boot.highest });
    expect(boot.known.gaps).toHaveLength(MAX_OPEN_GAPS + 10 - 50);
  });
});
