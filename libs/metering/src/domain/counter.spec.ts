import { Decimal, HOUR_MS } from '@throughline/kernel';
import fc from 'fast-check';
import { type CounterReading, counterHours, counterSteps, decimalOf, hourOfReading } from './counter.js';

const A = '00000000-0000-7000-8000-00000000000a';
const B = '00000000-0000-7000-8000-00000000000b';
const MIN = 60_000;
const read = (minute: number, value: number, seq = minute, boot = 1, deviceId = A): CounterReading => ({
  deviceId,
  boot,
  seq,
  ts: minute * MIN,
  value: decimalOf(value),
});
const deltas = (readings: CounterReading[], rollover?: number) =>
  [...counterSteps(readings, rollover)].map((s) => [s.delta.toFixed(), s.note]);
const total = (readings: readonly CounterReading[], rollover?: number) =>
  [...counterSteps(readings, rollover)].reduce((n, s) => n.plus(s.delta), new Decimal(0));

describe('counterSteps', () => {
  it('takes exact decimal differences, where doubles would not', () => {
    expect(deltas([read(0, 0.1), read(1, 0.3), read(2, 123456.7), read(3, 123456.8)])).toEqual([
      ['0', 'first_reading'],
      ['0.2', undefined],
      ['123456.4', undefined],
      ['0.1', undefined],
    ]);
  });

  it('reads a double by its shortest decimal text, however large or small', () => {
    expect(decimalOf(1e21).toFixed()).toBe('1000000000000000000000');
    expect(decimalOf(1e-7).toFixed()).toBe('0.0000001');
    expect(decimalOf(0.1 + 0.2).toFixed()).toBe('0.3');
    expect(decimalOf(1.0000000000005).toFixed()).toBe('1.000000000001');
    expect(decimalOf(-0).toFixed()).toBe('0');
  });

  it('goes on over the end of the range when the schema has a rollover', () => {
    expect(deltas([read(0, 999_999_990), read(1, 15)], 1e9)).toEqual([
      ['0', 'first_reading'],
      ['25', 'rollover'],
    ]);
    expect(deltas([read(0, 999_999_990), read(1, 15)])[1]).toEqual(['0', 'fell']);
  });

  it('takes no rollover for a fall that the next reading could have back', () => {
    expect(deltas([read(0, 900), read(1, 0), read(2, 950)], 1000)).toEqual([
      ['0', 'first_reading'],
      ['100', 'rollover'],
      ['950', undefined],
    ]);
  });

  it('does not take a fall from the middle of the range for a rollover', () => {
    expect(deltas([read(0, 800), read(1, 10), read(2, 12)], 1000)).toEqual([
      ['0', 'first_reading'],
      ['0', 'fell'],
      ['2', undefined],
    ]);
    expect(deltas([read(0, 900), read(1, 0)], 1000)[1]).toEqual(['100', 'rollover']);
    expect(deltas([read(0, 899), read(1, 0)], 1000)[1]).toEqual(['0', 'fell']);
    expect(deltas([read(0, 1500), read(1, 100)], 1000)[1]).toEqual(['0', 'fell']);
  });

  it('takes the first value after a reset as a new base: a board may have come back to a value saved earlier', () => {
    expect(deltas([read(0, 1000), read(1, 1010), read(2, 995, 1, 2), read(3, 1011, 2, 2)])).toEqual([
      ['0', 'first_reading'],
      ['10', undefined],
      ['0', 'reset'],
      ['16', undefined],
    ]);
  });

  describe('that was read as nothing for a while', () => {
    it.each([
      ['once', [read(0, 5000), read(1, 0), read(2, 5001), read(3, 5003)], ['0', '0', '1', '2']],
      ['many times', [read(0, 5000), read(1, 0), read(2, 0), read(3, 0), read(4, 5001)], ['0', '0', '0', '0', '1']],
      ['after a reboot', [read(0, 5000), read(1, 0, 1, 2), read(2, 5001, 2, 2)], ['0', '0', '1']],
      [
        'over two reboots',
        [read(0, 5000), read(1, 0, 1, 2), read(2, 0, 1, 3), read(3, 5001, 2, 3)],
        ['0', '0', '0', '1'],
      ],
      ['in two falls', [read(0, 5000), read(1, 3), read(2, 0), read(3, 5001)], ['0', '0', '0', '1']],
      ['and comes back to just where it was', [read(0, 5000), read(1, 0), read(2, 5000)], ['0', '0', '0']],
    ])('%s bills its life only once', (_when, readings, expected) => {
      expect(deltas(readings).map(([delta]) => delta)).toEqual(expected);
    });

    it('says that it recovered, measured from the reading of nothing', () => {
      const step = [...counterSteps([read(0, 5000), read(1, 0), read(2, 5001)])].at(-1);
      expect([step?.note, step?.from?.value.toFixed(), step?.from?.fellFrom?.toFixed()]).toEqual([
        'recovered',
        '0',
        '5000',
      ]);
    });

    it('counts on from the fall when it was a true reset, also past the value before', () => {
      const readings = [read(0, 50), read(1, 0, 1, 2), read(2, 20, 2, 2), read(3, 49, 3, 2), read(4, 60, 4, 2)];
      expect(deltas(readings).map(([delta]) => delta)).toEqual(['0', '0', '20', '29', '11']);
    });

    it('counts from a value saved earlier, which is no deep fall: exactly half is not one', () => {
      expect(deltas([read(0, 1000), read(1, 500), read(2, 1001)])[2]).toEqual(['501', undefined]);
      expect(deltas([read(0, 1000), read(1, 499.9), read(2, 1001)])[2]).toEqual(['1', 'recovered']);
      expect(deltas([read(0, 1000), read(1, 499.9), read(2, 999)])[2]).toEqual(['499.1', undefined]);
    });

    it('keeps no memory over another board', () => {
      expect(deltas([read(0, 5000), read(1, 0), read(2, 0, 1, 1, B), read(3, 6000, 2, 1, B)])[3]).toEqual([
        '6000',
        undefined,
      ]);
    });
  });

  it('goes on over a reboot that kept the counter', () => {
    expect(deltas([read(0, 1000), read(5, 1003, 1, 2)])[1]).toEqual(['3', undefined]);
  });

  it('never takes a difference between two boards, also when the first comes back', () => {
    expect(deltas([read(0, 500), read(1, 510), read(2, 9000, 1, 1, B), read(3, 9001, 2, 1, B), read(4, 700)])).toEqual([
      ['0', 'first_reading'],
      ['10', undefined],
      ['0', 'controller_exchanged'],
      ['1', undefined],
      ['0', 'controller_exchanged'],
    ]);
  });

  it('passes over readings whose clock was set back, so that nothing is counted twice', () => {
    // Numbered 1 to 5; the clock was set back by four minutes before the third.
    const readings = [read(10, 100, 1), read(12, 102, 2), read(9, 103, 3), read(11, 105, 4), read(13, 107, 5)];
    expect(total(readings).toFixed()).toBe('4');
    expect(total([read(8, 99, 0), ...readings]).toFixed()).toBe('8');
  });

  it('passes over values that are no numbers', () => {
    expect(
      deltas([read(0, 1), read(1, Number.NaN), read(2, Number.POSITIVE_INFINITY), read(3, 1e22, 3), read(4, 4)]),
    ).toEqual([
      ['0', 'first_reading'],
      ['3', undefined],
    ]);
  });
});

describe('counterHours', () => {
  const range = { from: 0, to: 3 * HOUR_MS };

  it('gives a step to the hour of its later reading; a reading on the hour closes the hour before', () => {
    const readings = [read(-10, 5), read(10, 7), read(60, 8), read(61, 10), read(130, 11.5)];
    expect(counterHours(readings, range).map((h) => [h.hour / HOUR_MS, h.quantity.toFixed(), h.messages])).toEqual([
      [0, '3', 2],
      [1, '2', 1],
      [2, '1.5', 1],
    ]);
    expect([0, 1, HOUR_MS, HOUR_MS + 1].map(hourOfReading)).toEqual([-HOUR_MS, 0, 0, HOUR_MS]);
  });

  it('names the readings it is measured between, and notes what is not a plain difference', () => {
    const [first, second] = counterHours([read(-10, 5), read(10, 7), read(20, 1, 1, 2), read(70, 3, 2, 2)], range);
    expect(first).toMatchObject({
      from: read(-10, 5),
      to: read(20, 1, 1, 2),
      notes: ['reset at 1970-01-01T00:20:00.000Z'],
    });
    expect(second).toMatchObject({ from: read(20, 1, 1, 2), to: read(70, 3, 2, 2), notes: [] });
    expect(counterHours([read(10, 7)], range)[0]).toMatchObject({
      messages: 1,
      notes: ['first_reading at 1970-01-01T00:10:00.000Z'],
    });
    expect(counterHours([read(10, 7)], range)[0]?.from).toBeUndefined();
  });

  it('leaves out hours without readings and beyond the range, and bounds its notes', () => {
    expect(counterHours([read(10, 1), read(170, 5), read(200, 9)], range).map((h) => h.hour / HOUR_MS)).toEqual([0, 2]);
    const falling = Array.from({ length: 40 }, (_, i) => read(i + 1, 100 - i));
    expect(counterHours(falling, range)[0]?.notes).toHaveLength(20);
  });
});

interface Life {
  readings: CounterReading[];
  /** What the machine really produced between the first and the last reading. */
  truth: Decimal;
}

/** A faithful board: it counts in tenths, may reboot and come back at 0 or at an earlier value, and its clock may be set. */
const life = (clockSteps: boolean): fc.Arbitrary<Life> =>
  fc
    .array(
      fc.record({
        minutes: fc.integer({ min: 1, max: 90 }),
        tenths: fc.integer({ min: 0, max: 400 }),
        reboot: fc.constantFrom('no', 'no', 'no', 'no', 'kept', 'zero', 'earlier'),
        clock: clockSteps ? fc.constantFrom(0, 0, 0, -30, 45) : fc.constant(0),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((steps) => {
      let [minute, boot, seq, counter, truth] = [0, 1, 0, 1000, 0];
      const readings: CounterReading[] = [];
      for (const [i, step] of steps.entries()) {
        minute += Math.max(step.minutes + step.clock, clockSteps ? -30 : 1);
        if (step.reboot !== 'no') {
          boot += 1;
          seq = 0;
          if (step.reboot === 'zero') counter = 0;
          if (step.reboot === 'earlier') counter = Math.max(0, counter - 55);
        }
        counter += step.tenths;
        if (i > 0) truth += step.tenths;
        seq += 1;
        readings.push(read(minute, counter / 10, seq, boot));
      }
      return { readings, truth: new Decimal(truth).div(10) };
    });

const hoursFrom = -50 * HOUR_MS;
const hoursTo = 150 * HOUR_MS;

describe('counters, for any life of a machine', () => {
  it('never bill more than was produced, and no negative step', () => {
    fc.assert(
      fc.property(life(true), ({ readings, truth }) => {
        for (const { delta } of counterSteps(readings)) expect(delta.isNegative() && !delta.isZero()).toBe(false);
        expect(total(readings).lte(truth)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('bill no more for readings of nothing in between, wherever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 2, maxLength: 40 }),
        fc.array(fc.nat(79), { maxLength: 12 }),
        (steps, nothings) => {
          let counter = 1_000;
          const told = steps.flatMap((step, i) => {
            counter += step;
            // Nothing may be read beside every true reading, also at the end; never before the first.
            return [{ at: 2 * i, value: counter }].concat(nothings.includes(i) ? [{ at: 2 * i + 1, value: 0 }] : []);
          });
          const readings = told.map(({ at, value }) => read(at, value, at + 1));
          const produced = steps.slice(1).reduce((a, b) => a + b, 0);
          expect(total(readings).toNumber()).toBe(produced);
        },
      ),
    );
  });

  it('bill all that was produced while the counter kept its value', () => {
    fc.assert(
      fc.property(life(false), ({ readings, truth }) => {
        const kept = readings.every((r, i) => i === 0 || r.value.gte(readings[i - 1]?.value ?? 0));
        fc.pre(kept);
        const onlyPlain = [...counterSteps(readings)].every((s) => s.note === undefined || s.note === 'first_reading');
        expect(onlyPlain).toBe(true);
        const [first, last] = [readings[0], readings.at(-1)];
        expect(total(readings).toFixed()).toBe((last?.value ?? new Decimal(0)).minus(first?.value ?? 0).toFixed());
        expect(total(readings).lte(truth)).toBe(true);
      }),
    );
  });

  it('do not depend on order or repetition', () => {
    const mixed = life(true).chain(({ readings }) =>
      fc.tuple(
        fc.constant(readings),
        fc.shuffledSubarray([...readings, ...readings], { minLength: readings.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(mixed, ([readings, again]) => {
        const of = (r: readonly CounterReading[]) => JSON.stringify(counterHours(r, { from: hoursFrom, to: hoursTo }));
        expect(of(again)).toBe(of(readings));
      }),
    );
  });

  it('have the same total however the time is cut into windows', () => {
    fc.assert(
      fc.property(life(true), fc.array(fc.integer({ min: -50, max: 150 }), { maxLength: 6 }), ({ readings }, cuts) => {
        const bounds = [hoursFrom, ...[...new Set(cuts)].sort((a, b) => a - b).map((h) => h * HOUR_MS), hoursTo];
        let sum = new Decimal(0);
        for (const [i, to] of bounds.slice(1).entries())
          for (const h of counterHours(readings, { from: bounds[i] ?? to, to })) sum = sum.plus(h.quantity);
        expect(sum.toFixed()).toBe(total(readings).toFixed());
      }),
    );
  });

  it('count what they were told of a rolling counter', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 }), (steps) => {
        let absolute = 950;
        const readings = steps.map((step, i) => {
          absolute += step;
          return read(i, absolute % 1000, i + 1);
        });
        const produced = steps.slice(1).reduce((a, b) => a + b, 0);
        expect(total(readings, 1000).toNumber()).toBe(produced);
      }),
    );
  });
});
