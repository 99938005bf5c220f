import fc from 'fast-check';
import { type DeviceMessage, isTelemetry } from '../agent/message.js';
import { distinct, numberMessages, simulateSwap, withDisorder, withDuplicates, withOutage } from './disturb.js';
import { simulateCompressor } from './simulate.js';

const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 0, 5, 5);
const period = { seed: 21, from: FROM, to: FROM + 6 * HOUR, intervalMs: 60_000, commissionedAt: FROM - 72 * HOUR };

const texts = (messages: readonly unknown[]) => messages.map((message) => JSON.stringify(message));
const sorted = (messages: readonly unknown[]) => texts(messages).sort();

describe('numbering', () => {
  it('gives telemetry sequence numbers without holes and begins again after a reboot', () => {
    const reboots = [FROM + 3 * HOUR + 30_000, FROM + HOUR];
    const messages = [...numberMessages(simulateCompressor(period).items(), { start: { boot: 4, seq: 8 }, reboots })];
    const next = new Map([[4, 8]]);
    for (const message of messages.filter(isTelemetry)) {
      expect(message.seq).toBe(next.get(message.boot) ?? 1);
      next.set(message.boot, message.seq + 1);
      expect(message.boot).toBe(4 + reboots.filter((at) => at <= message.ts).length);
    }
    expect([...next.keys()]).toEqual([4, 5, 6]);
    expect(messages.filter((message) => !isTelemetry(message) && message.type === 'reboot')).toHaveLength(2);
  });

  it('lets counters go on over a reboot', () => {
    const plain = [...numberMessages(simulateCompressor(period).items())].filter(isTelemetry);
    const rebooted = [...numberMessages(simulateCompressor(period).items(), { reboots: [FROM + HOUR] })].filter(
      isTelemetry,
    );
    expect(rebooted.map((message) => [message.ts, message.m])).toEqual(plain.map((message) => [message.ts, message.m]));
  });
});

describe('disturbances', () => {
  const messages: DeviceMessage[] = [...numberMessages(simulateCompressor(period).items())];

  it('duplicates repeat and never lose: the distinct messages are the same, in their order', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        (seed, rate, distance) => {
          const disturbed = withDuplicates(messages, { seed, rate, distance });
          expect(distinct(disturbed)).toEqual(messages);
          expect(disturbed.length).toBeLessThanOrEqual(2 * messages.length);
          expect(withDuplicates(messages, { seed, rate, distance })).toEqual(disturbed);
        },
      ),
      { numRuns: 30 },
    );
    expect(withDuplicates(messages, { seed: 1, rate: 1 })).toHaveLength(2 * messages.length);
    expect(withDuplicates(messages, { seed: 1, rate: 0 })).toEqual(messages);
  });

  it('disorder keeps every message within its window', () => {
    const places = new Map(messages.map((message, at) => [message, at]));
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 50 }), (seed, window) => {
        const disturbed = withDisorder(messages, { seed, window });
        expect(sorted(disturbed)).toEqual(sorted(messages));
        const moved = disturbed.map((message, at) => Math.abs((places.get(message) ?? Number.NaN) - at));
        expect(Math.max(...moved)).toBeLessThan(window);
      }),
      { numRuns: 30 },
    );
    expect(withDisorder(messages, { seed: 1, window: 20 })).not.toEqual(messages);
    expect(() => withDisorder(messages, { seed: 1, window: 0 })).toThrow('window: 0');
  });

  it('an outage holds its messages back and delivers all of them later, in their order', () => {
    const [from, to] = [FROM + HOUR, FROM + 2 * HOUR];
    const inside = (message: DeviceMessage) => message.ts >= from && message.ts < to;
    for (const deliverAt of [undefined, FROM + 4 * HOUR, FROM + 99 * HOUR]) {
      const disturbed = withOutage(messages, { from, to, deliverAt });
      expect(sorted(disturbed)).toEqual(sorted(messages));
      const first = disturbed.findIndex(inside);
      expect(disturbed.slice(first, first + messages.filter(inside).length)).toEqual(messages.filter(inside));
      const before = disturbed[first - 1]?.ts ?? 0;
      expect(before).toBeGreaterThanOrEqual(Math.min(deliverAt ?? to, messages.at(-1)?.ts ?? 0));
    }
  });
});

describe('a controller swap', () => {
  it('divides the readings between two registers whose sum is the output of the whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(1e9),
        (seed, minute, baseMilliM3) => {
          const stopFrom = FROM + minute * 60_000;
          const swap = { stopFrom, swapAt: stopFrom + 600_000 + 1234, resumeAt: stopFrom + 1_200_000, baseMilliM3 };
          const { before, after, whole } = simulateSwap({ ...period, seed }, swap);
          const [old, fresh] = [[...before.readings()], [...after.readings()]];
          expect(old.every((reading) => reading.ts < swap.swapAt)).toBe(true);
          expect(fresh[0]).toMatchObject({ ts: swap.swapAt, m: { output_m3: baseMilliM3 / 1000 } });
          expect(fresh.at(-1)?.ts).toBe(period.to);
          const counted = (readings: typeof old) =>
            Math.round((Number(readings.at(-1)?.m.output_m3) - Number(readings[0]?.m.output_m3)) * 1000);
          expect(counted(old) + counted(fresh)).toBe(whole.truth().outputMilliM3);
          const { stopped, fault, power_fail } = whole.truth(stopFrom, swap.resumeAt).msPerState;
          expect(stopped + fault + power_fail).toBe(swap.resumeAt - stopFrom);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('must lie in order within the period', () => {
    const swap = { stopFrom: FROM + HOUR, swapAt: FROM + HOUR, resumeAt: FROM + 2 * HOUR };
    expect(() => simulateSwap(period, swap)).toThrow('swap:');
  });
});
