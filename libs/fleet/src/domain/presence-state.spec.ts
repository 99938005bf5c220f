import { presenceState } from './presence-state.js';

const seen = new Date('2026-03-02T08:00:00Z');
const after = (ms: number) => new Date(seen.getTime() + ms);

describe('a device that is not connected', () => {
  it.each([
    [seen, 1_000, 999, 'sleeping'],
    [seen, 1_000, 1_000, 'offline'],
    [seen, null, 0, 'offline'],
    [null, 1_000, 0, 'offline'],
  ] as const)('seen %p, of a model that sleeps %p ms, %p ms later: %s', (lastSeenAt, sleepAfterMs, ms, state) => {
    expect(presenceState(lastSeenAt, sleepAfterMs, after(ms))).toBe(state);
  });
});
