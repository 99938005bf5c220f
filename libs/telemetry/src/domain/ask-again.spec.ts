import fc from 'fast-check';
import { ASKED_FOR_MS, ASKS_BEFORE_LOST, FIRST_ASK_MS, LONGEST_PAUSE_MS, nextStep, pauseAfter } from './ask-again.js';

describe('asking again', () => {
  it('waits longer each time, never longer than an hour', () => {
    expect([0, 1, 2, 3, 4].map(pauseAfter)).toEqual([FIRST_ASK_MS, 10_000, 20_000, 40_000, 80_000]);
    fc.assert(
      fc.property(fc.nat(10_000), (asked) => {
        expect(pauseAfter(asked + 1)).toBeGreaterThanOrEqual(pauseAfter(asked));
        expect(pauseAfter(asked)).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
      }),
    );
  });

  it('gives up only after enough times over a long enough time, and never changes its mind', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(3 * ASKED_FOR_MS), (asked, after) => {
        const firstAskedAt = asked > 0 ? 1_000 : undefined;
        const step = nextStep({ asked, firstAskedAt }, 1_000 + after);
        expect(step).toBe(asked >= ASKS_BEFORE_LOST && after >= ASKED_FOR_MS ? 'lost' : 'ask');
        if (step === 'lost') expect(nextStep({ asked: asked + 1, firstAskedAt }, 1_001 + after)).toBe('lost');
      }),
    );
  });

  it('ends with a device that is always there and never answers', () => {
    let [now, asked] = [0, 0];
    while (nextStep({ asked, firstAskedAt: asked > 0 ? 0 : undefined }, now) === 'ask') {
      asked += 1;
      now += pauseAfter(asked);
    }
    expect(asked).toBe(9);
    expect(now).toBeLessThan(2 * ASKED_FOR_MS);
  });
});
