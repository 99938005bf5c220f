import { type Category, deriveTimeline, type StateReading, type TimelineInterval } from '@throughline/availability';
import { Decimal, HOUR_MS, hourOf, monthInterval, startOfLocalDay } from '@throughline/kernel';
import fc from 'fast-check';
import { timeHours } from './time-meter.js';

/** Meters of time over the timelines that messages give. */
const device = '00000000-0000-7000-8000-00000000000a';
const STALE = 180_000;
const stateMap = {
  states: {
    '0': { name: 'stopped', category: 'customer_caused' },
    '2': { name: 'loaded', category: 'producing' },
    '3': { name: 'unloaded', category: 'ready' },
    '4': { name: 'fault', category: 'vendor_down' },
    '6': { name: 'derated', category: 'degraded', fraction: '0.6' },
  },
};
const names = Object.values(stateMap.states).map((s) => s.name);
const everyCategory: Category[] = ['customer_caused', 'producing', 'ready', 'vendor_down', 'degraded'];
const range = { from: 0, to: 8 * HOUR_MS };

const said = fc
  .array(
    fc.record({
      ts: fc.integer({ min: -STALE, max: range.to + STALE }),
      state: fc.constantFrom('0', '2', '2', '3', '4', '6', '9', null),
    }),
    { maxLength: 60 },
  )
  .map((list): StateReading[] =>
    list.map(({ ts, state }, n) => ({ state, ref: { deviceId: device, boot: 1, seq: n + 1, ts } })),
  );
const timelineOf = (readings: readonly StateReading[], interval = range): TimelineInterval[] =>
  deriveTimeline({ readings, presence: [], stateMap, staleAfterMs: STALE, interval });
const msOf = (hours: ReturnType<typeof timeHours>): number =>
  hours
    .reduce((n, h) => n.plus(h.quantity), new Decimal(0))
    .times(1000)
    .toNumber();

describe('meters of time, for any messages', () => {
  it('in all states together are the time whose state is known, hour by hour', () => {
    fc.assert(
      fc.property(said, (readings) => {
        const timeline = timelineOf(readings);
        const all = timeHours(timeline, range, { type: 'time_in_state', states: names });
        const each = names.map((name) => timeHours(timeline, range, { type: 'time_in_state', states: [name] }));
        const known = timeline.filter((i) => i.category !== 'unknown');
        expect(msOf(all)).toBe(known.reduce((n, i) => n + i.to - i.from, 0));
        for (const { hour, quantity } of all) {
          const parts = each.flatMap((hours) => hours.filter((h) => h.hour === hour).map((h) => h.quantity));
          expect(parts.reduce((n, q) => n.plus(q), new Decimal(0)).toFixed()).toBe(quantity.toFixed());
        }
      }),
    );
  });

  it('count by category what they count by state where each category has one state', () => {
    fc.assert(
      fc.property(said, fc.subarray([...Object.values(stateMap.states)], { minLength: 1 }), (readings, some) => {
        const timeline = timelineOf(readings);
        const byState = timeHours(timeline, range, { type: 'time_in_state', states: some.map((s) => s.name) });
        const byCategory = timeHours(timeline, range, {
          type: 'available_hours',
          categories: some.map((s) => s.category),
        });
        expect(byCategory).toEqual(byState);
      }),
    );
  });

  it('are what every second by itself gives, and never more than the hour has', () => {
    const onSeconds = said.map((list) =>
      list.map((r) => ({ ...r, ref: { ...r.ref, ts: Math.round(r.ref.ts / 1000) * 1000 } })),
    );
    const counted = fc.subarray(everyCategory, { minLength: 1 });
    const short = { from: 0, to: 2 * HOUR_MS };
    fc.assert(
      fc.property(onSeconds, counted, (readings, categories) => {
        const timeline = timelineOf(readings, short);
        const hours = timeHours(timeline, short, { type: 'available_hours', categories });
        const seconds = new Map<number, number>();
        for (let t = short.from, i = 0; t < short.to; t += 1000) {
          while ((timeline[i]?.to ?? short.to) <= t) i += 1;
          const category = timeline[i]?.category;
          if (category && categories.includes(category)) seconds.set(hourOf(t), (seconds.get(hourOf(t)) ?? 0) + 1);
        }
        expect(hours.map((h) => [h.hour, h.quantity.toNumber()])).toEqual([...seconds]);
        for (const { quantity } of hours) expect(quantity.lte(3_600)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('never grow by a message less, when all messages say the same', () => {
    const same = fc.array(fc.integer({ min: 0, max: range.to }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(same, fc.nat(), (times, which) => {
        const readings = times.map(
          (ts, n): StateReading => ({ state: '2', ref: { deviceId: device, boot: 1, seq: n, ts } }),
        );
        const fewer = readings.filter((_, n) => n !== which % readings.length);
        const meter = { type: 'time_in_state', states: ['loaded'] } as const;
        const loaded = (list: readonly StateReading[]) => msOf(timeHours(timelineOf(list), range, meter));
        expect(loaded(fewer)).toBeLessThanOrEqual(loaded(readings));
        expect(loaded(readings)).toBeLessThanOrEqual(readings.length * STALE);
      }),
    );
  });
});

describe('days and months in which the clocks change', () => {
  const always = (from: number, to: number): TimelineInterval[] => [
    { from, to, category: 'producing', source: 'state_map', detail: 'loaded', evidence: { messages: 1 } },
  ];
  const meter = { type: 'available_hours', categories: ['producing'] } as const;
  const hoursIn = (from: number, to: number, zone: string) => {
    const windows = timeHours(always(from - 5 * HOUR_MS, to + 5 * HOUR_MS), { from, to }, meter);
    expect(new Set(windows.map((w) => w.hour)).size).toBe(windows.length);
    expect(zone).toContain('/');
    return msOf(windows) / HOUR_MS;
  };

  it.each([
    ['Europe/Amsterdam', 2026, 3, 29, 23],
    ['Europe/Amsterdam', 2026, 10, 25, 25],
    ['Europe/Amsterdam', 2026, 7, 1, 24],
    ['America/New_York', 2026, 3, 8, 23],
    ['America/New_York', 2026, 11, 1, 25],
    ['Australia/Lord_Howe', 2026, 4, 5, 24.5],
    ['Australia/Lord_Howe', 2026, 10, 4, 23.5],
    ['Asia/Kolkata', 2026, 5, 1, 24],
  ])('%s has on %i-%i-%i %f hours, each counted once', (zone, year, month, day, hours) => {
    const [from, to] = [startOfLocalDay(year, month, day, zone), startOfLocalDay(year, month, day + 1, zone)];
    expect(hoursIn(from, to, zone)).toBe(hours);
  });

  it.each([
    ['2026-03', 743],
    ['2026-10', 745],
    ['2026-02', 672],
    ['2028-02', 696],
  ])('%s has %i hours in Amsterdam', (month, hours) => {
    const { from, to } = monthInterval(month, 'Europe/Amsterdam');
    expect(hoursIn(from, to, 'Europe/Amsterdam')).toBe(hours);
  });
});
