import { blockedUntil, signInLimits } from './sign-in-limit.js';

describe('blockedUntil', () => {
  const windowStart = new Date('2026-03-02T08:00:00Z');

  it('allows as many attempts as the limit says and refuses the next until the window is over', () => {
    expect(blockedUntil({ failures: signInLimits.perEmail, windowStart }, signInLimits.perEmail)).toBeUndefined();
    expect(blockedUntil({ failures: signInLimits.perEmail + 1, windowStart }, signInLimits.perEmail)).toEqual(
      new Date('2026-03-02T08:15:00Z'),
    );
  });
});
