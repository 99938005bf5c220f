import { ManualClock, SystemClock } from './clock.js';

describe('ManualClock', () => {
  it('stands still until it is moved, and cannot be moved through what it gave', () => {
    const clock = new ManualClock(new Date(1000));
    clock.now().setFullYear(1970, 5);
    expect(clock.now().getTime()).toBe(1000);
    clock.advance(500);
    expect(clock.now().getTime()).toBe(1500);
    const instant = new Date(9000);
    clock.set(instant);
    instant.setTime(0);
    expect(clock.now().getTime()).toBe(9000);
  });
});

describe('SystemClock', () => {
  it('never goes before what it said', () => {
    const clock = new SystemClock();
    expect(clock.now().getTime()).toBeLessThanOrEqual(clock.now().getTime());
  });
});
