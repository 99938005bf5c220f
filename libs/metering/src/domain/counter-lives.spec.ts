import { Decimal, HOUR_MS } from '@throughline/kernel';
import fc from 'fast-check';
import { A, B, DAY_MIN, livesOf, type May, MIN } from '../../test/lives.js';
import { type CounterReading, counterHours, counterSteps, decimalOf, hourOfReading, LEAP_MS } from './counter.js';

/** Whole lives of machines: boards that are exchanged, clocks far off, rollovers, and what is computed an hour at a time. */
const ROLLOVER = 1_000;

const total = (readings: readonly CounterReading[], rollover?: number) =>
  [...counterSteps(readings, rollover)].reduce((n, s) => n.plus(s.delta), new Decimal(0));

const lives = livesOf({ unread: true, clocks: true, exchange: true });

const span = (readings: readonly CounterReading[]) => {
  const hours = readings.map((r) => hourOfReading(r.ts));
  return { from: Math.min(...hours), to: Math.max(...hours) + HOUR_MS };
};
const counted = (readings: readonly CounterReading[]) =>
  [...counterSteps(readings)].filter((step) => step.leaptAt === undefined);
const shown = (hours: ReturnType<typeof counterHours>) =>
  [...hours].sort((a, b) => a.hour - b.hour).map((h) => JSON.stringify(h));

describe('counters, over whole lives', () => {
  it.each<[string, May]>([
    ['however far a clock is off', { clocks: true }],
    ['whichever board speaks', { exchange: true }],
  ])('never bill more than was produced, nor a negative step, %s', (_what, may) => {
    fc.assert(
      fc.property(livesOf(may), ({ readings, truth }) => {
        for (const { delta } of counterSteps(readings)) expect(delta.isNegative() && !delta.isZero()).toBe(false);
        expect(total(readings).lte(truth)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('computed an hour at a time, each from the reading the one before ended with, are what they are at once', () => {
    fc.assert(
      fc.property(lives, fc.boolean(), ({ readings }, rolls) => {
        const rollover = rolls ? ROLLOVER : undefined;
        const range = span(readings);
        const atOnce = counterHours(readings, range, rollover);
        const oneByOne: ReturnType<typeof counterHours> = [];
        for (const hour of [...new Set(readings.map((r) => hourOfReading(r.ts)))].sort((a, b) => a - b)) {
          const base = oneByOne.at(-1)?.to;
          const own = readings.filter((r) => r.ts > hour && r.ts <= hour + HOUR_MS + LEAP_MS);
          oneByOne.push(...counterHours(base ? [base, ...own] : own, { from: hour, to: hour + HOUR_MS }, rollover));
        }
        expect(shown(oneByOne)).toEqual(shown(atOnce));
      }),
      { numRuns: 400 },
    );
  });

  it('do not depend on when they were lived: shifted by hours, the windows are shifted', () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: -10_000, max: 10_000 }), ({ readings }, hours) => {
        const by = hours * HOUR_MS;
        const moved = readings.map((r) => ({ ...r, ts: r.ts + by }));
        const quantities = (list: readonly CounterReading[], back: number) =>
          counterHours(list, span(list)).map((h) => [h.hour - back, h.quantity.toFixed(), h.messages]);
        expect(quantities(moved, by)).toEqual(quantities(readings, 0));
      }),
    );
  });

  it('count every reading in at most one hour, and hours tile their steps', () => {
    fc.assert(
      fc.property(lives, ({ readings }) => {
        const hours = counterHours(readings, span(readings));
        expect(new Set(hours.map((h) => h.hour)).size).toBe(hours.length);
        expect(hours.reduce((n, h) => n + h.messages, 0)).toBe(counted(readings).length);
        expect(hours.reduce((n, h) => n.plus(h.quantity), new Decimal(0)).toFixed()).toBe(total(readings).toFixed());
        for (const [i, { from }] of hours.entries()) if (i > 0 && from) expect(from).toEqual(hours[i - 1]?.to);
      }),
    );
  });

  it('of an exchange within an hour are each board’s own: nothing is measured across', () => {
    const board = (deviceId: string, firstMinute: number) =>
      fc
        .tuple(
          fc.integer({ min: 0, max: 100_000 }),
          fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 10 }),
        )
        .map(([start, steps]) => {
          let value = start;
          return steps.map((step, n): CounterReading => {
            value += step;
            return { deviceId, boot: 1, seq: n + 1, ts: (firstMinute + n) * MIN, value: decimalOf(value / 10) };
          });
        });
    fc.assert(
      fc.property(board(A, 5), board(B, 20), (before, after) => {
        const [hour, ...more] = counterHours([...after, ...before], { from: 0, to: HOUR_MS });
        expect(more).toEqual([]);
        expect(hour?.quantity.toFixed()).toBe(total(before).plus(total(after)).toFixed());
        expect(hour?.notes.at(-1)).toContain('controller_exchanged');
      }),
    );
  });

  it('of boots that each keep their count are last less first of each boot, and what was kept between', () => {
    const boots = fc.array(
      fc.record({
        kept: fc.boolean(),
        between: fc.integer({ min: 0, max: 50 }),
        steps: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 8 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(boots, (list) => {
        let [minute, counter, expected] = [0, 10_000, 0];
        const readings = list.flatMap((boot, b) => {
          // Lost a little, as a board does that saves its counter now and then: no deep fall.
          if (b > 0) counter += boot.kept ? boot.between : -1 - boot.between;
          if (b > 0 && boot.kept) expected += boot.between;
          return boot.steps.map((step, n): CounterReading => {
            if (n > 0) [counter, expected] = [counter + step, expected + step];
            minute += 7;
            return { deviceId: A, boot: b + 1, seq: n + 1, ts: minute * MIN, value: decimalOf(counter) };
          });
        });
        expect(total(readings).toNumber()).toBe(expected);
      }),
    );
  });

  it('over the end of their range count modulo the range, reboots between or not', () => {
    const step = fc.record({ added: fc.integer({ min: 0, max: ROLLOVER / 10 }), reboot: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.nat(ROLLOVER - 1), (list, start) => {
        let [absolute, boot, seq] = [start, 1, 0];
        const readings = list.map(({ added, reboot }, n): CounterReading => {
          if (n > 0) absolute += added;
          [boot, seq] = reboot ? [boot + 1, 1] : [boot, seq + 1];
          return { deviceId: A, boot, seq, ts: n * MIN, value: decimalOf(absolute % ROLLOVER) };
        });
        expect(total(readings, ROLLOVER).toNumber()).toBe(absolute - start);
      }),
    );
  });
});

describe('a clock that is far off after a reboot', () => {
  const read = (minute: number, value: number, boot: number, seq: number): CounterReading => ({
    deviceId: A,
    boot,
    seq,
    ts: minute * MIN,
    value: decimalOf(value),
  });
  const before = [read(0, 100, 1, 1), read(60, 110, 1, 2), read(120, 120, 1, 3)];

  it('far back moves usage to where its readings say they were, and bills none of it twice', () => {
    // Forty days early, then right again after the next reboot.
    const off = [read(-40 * DAY_MIN, 121, 2, 1), read(-40 * DAY_MIN + 60, 125, 2, 2)];
    const right = [read(240, 130, 3, 1), read(300, 140, 3, 2)];
    // The readings of boot 1 are older by the board's own numbers than those of boot 2, and say nothing they do not.
    expect(total([...before, ...off]).toNumber()).toBe(4);
    expect(total([...before, ...off, ...right]).toNumber()).toBe(19);
    // With a reading from before, nothing at all is lost: all of it is somewhere.
    const earlier = read(-50 * DAY_MIN, 95, 1, 0);
    expect(total([earlier, ...before, ...off, ...right]).toNumber()).toBe(45);
  });

  it('far ahead hides nothing once the clock is right again', () => {
    const ahead = [read(30 * DAY_MIN, 125, 2, 1)];
    const right = [read(240, 130, 3, 1), read(300, 140, 3, 2)];
    const steps = [...counterSteps([...before, ...ahead, ...right])];
    // The reading of boot 2 comes last by its clock and is older than boot 3 by its number: passed over.
    expect(steps.map(({ to, delta }) => [to.boot, delta.toNumber()])).toEqual([
      [1, 0],
      [1, 10],
      [1, 10],
      [3, 10],
      [3, 10],
    ]);
  });
});

describe('a counter that leaps up and comes back', () => {
  const read = (minute: number, value: number): CounterReading => ({
    deviceId: A,
    boot: 1,
    seq: minute,
    ts: minute * MIN,
    value: decimalOf(value),
  });
  const boot2 = (minute: number, value: number): CounterReading => ({ ...read(minute, value), boot: 2 });
  /** With a number of its own: the clock was set in between. */
  const early = (minute: number, value: number, seq: number): CounterReading => ({ ...read(minute, value), seq });
  const leap = [read(1, 100), read(2, 101), read(3, 900_101), read(4, 102), read(5, 103)];
  const shown = (readings: CounterReading[], rollover?: number) =>
    [...counterSteps(readings, rollover)].map(({ to, delta, note }) => [to.ts / MIN, delta.toNumber(), note]);

  it('within its hour is passed over, and the window says so', () => {
    const [hour] = counterHours(leap, { from: 0, to: HOUR_MS });
    expect(hour?.quantity.toNumber()).toBe(3);
    expect(hour?.messages).toBe(4);
    expect(hour?.notes).toEqual(['first_reading at 1970-01-01T00:01:00.000Z', 'leapt at 1970-01-01T00:03:00.000Z']);
    expect(shown(leap)).toEqual([
      [1, 0, 'first_reading'],
      [2, 1, undefined],
      [2, 0, 'leapt'],
      [4, 1, undefined],
      [5, 1, undefined],
    ]);
  });

  it.each([
    ['over several readings', [read(1, 100), read(2, 900), read(3, 950), read(4, 901), read(5, 101)], 1],
    ['in two steps down', [read(1, 100), read(2, 9_000), read(3, 400), read(4, 101)], 1],
    ['again and again', [read(1, 100), read(2, 900), read(3, 101), read(4, 800), read(5, 102)], 2],
    ['just to where it was', [read(1, 100), read(2, 900), read(3, 100), read(4, 101)], 1],
    ['at the other end of its hour', [read(1, 100), read(5, 900), read(58, 101)], 1],
    ['as the first a board says after a reboot', [read(1, 100), boot2(2, 900), boot2(3, 101), boot2(4, 102)], 2],
    ['to a little under half', [read(1, 100), read(2, 300), read(3, 149.9), read(4, 150)], 50],
  ])('%s is passed over whole', (_how, readings, expected) => {
    expect(total(readings).toNumber()).toBe(expected);
  });

  it.each<[string, CounterReading[], number, number | undefined]>([
    ['exactly twice the value before is no leap', [read(1, 100), read(2, 200), read(3, 100)], 100, undefined],
    ['coming back to half is no leap', [read(1, 100), read(2, 300), read(3, 150)], 200, undefined],
    ['falling below where it was is another fault', [read(1, 100), read(2, 900), read(3, 99)], 800, undefined],
    ['a base of nothing tells no leap', [read(1, 0), read(2, 50), read(3, 0), read(4, 5)], 55, undefined],
    ['not coming back is work', [read(1, 100), read(2, 900), read(3, 901)], 801, undefined],
    [
      'what the board read before takes nothing back',
      [read(1, 100), early(3, 900, 9), early(4, 102, 5)],
      800,
      undefined,
    ],
    ['after a reboot it is another count', [read(1, 100), read(2, 900), { ...read(3, 101), boot: 2 }], 800, undefined],
    ['over the end of the range it is a rollover', [read(1, 10), read(2, 999), read(3, 20)], 1_010, 1_000],
    ['too far from the end of the range it is a leap', [read(1, 10), read(2, 850), read(3, 20)], 10, 1_000],
  ])('%s', (_what, readings, expected, rollover) => {
    expect(total(readings, rollover).toNumber()).toBe(expected);
  });

  it('at the end of its hour is passed over too when the next hour takes it back, and its own hour says so', () => {
    const late = [read(58, 100), read(60, 900), read(61, 101), read(62, 102)];
    const [first, second] = counterHours(late, { from: 0, to: 2 * HOUR_MS });
    expect([first?.quantity.toNumber(), second?.quantity.toNumber()]).toEqual([0, 2]);
    expect(first?.notes.at(-1)).toBe('leapt at 1970-01-01T01:00:00.000Z');
    expect([first?.to.value.toNumber(), second?.from?.value.toNumber(), second?.notes]).toEqual([100, 100, []]);
  });

  it.each([
    ['16 minutes after it is passed over', 60 + 16, 1],
    ['later is counted, since nothing tells it from work', 60 + 17, 800],
  ])('into the next hour and back %s', (_when, minute, expected) => {
    expect(total([read(58, 100), read(60, 900), read(minute, 101)]).toNumber()).toBe(expected);
  });

  it('alone in its hour leaves a window of nothing, which says why', () => {
    const [, hour, next] = counterHours([read(59, 100), read(110, 900), read(121, 101)], { from: 0, to: 3 * HOUR_MS });
    expect(hour).toMatchObject({
      hour: HOUR_MS,
      messages: 0,
      from: read(59, 100),
      to: read(59, 100),
      notes: ['leapt at 1970-01-01T01:50:00.000Z'],
    });
    expect([hour?.quantity.toNumber(), next?.quantity.toNumber()]).toEqual([0, 1]);
  });

  it('and leaps again to where it was is not billed a second time, while nothing was counted between', () => {
    const back = [read(30, 100), read(60, 900_100), read(77, 101), read(95, 900_102)];
    expect(total(back).toNumber()).toBe(900_002);
  });

  it('changes nothing of what a faithful counter counts, wherever it leaps', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 3, maxLength: 50 });
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.nat(48), { maxLength: 10 }),
        fc.integer({ min: 3, max: 1_000 }),
        (list, at, times) => {
          let value = 1_000;
          const told = list.map((step, n) => {
            value += step;
            return { true: value, read: n > 0 && n < list.length - 1 && at.includes(n) ? value * times : value };
          });
          const readings = told.map((one, n) => read(n + 1, one.read));
          expect(total(readings).toNumber()).toBe((told.at(-1)?.true ?? 0) - (told[0]?.true ?? 0));
        },
      ),
    );
  });
});
