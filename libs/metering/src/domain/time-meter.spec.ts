import type { Category, TimelineInterval } from '@throughline/availability';
import { Decimal, HOUR_MS } from '@throughline/kernel';
import fc from 'fast-check';
import { timeHours } from './time-meter.js';

const interval = (
  from: number,
  to: number,
  category: Category,
  detail: string,
  source = 'state_map',
): TimelineInterval => ({
  from,
  to,
  category,
  source,
  detail,
  evidence: { messages: 1 },
});
const range = { from: 0, to: 3 * HOUR_MS };
const shown = (list: ReturnType<typeof timeHours>) =>
  list.map((h) => [h.hour / HOUR_MS, h.quantity.toFixed(), h.messages]);

describe('timeHours', () => {
  const timeline = [
    interval(0, 1_800_001, 'producing', 'loaded'),
    interval(1_800_001, HOUR_MS, 'ready', 'standby'),
    interval(HOUR_MS, HOUR_MS + 500, 'producing', 'loaded'),
    interval(HOUR_MS + 500, 2 * HOUR_MS, 'vendor_down', 'fault'),
    interval(2 * HOUR_MS, 2 * HOUR_MS + 7, 'unknown', 'loaded'),
  ];

  it('counts exact seconds in the named states', () => {
    expect(shown(timeHours(timeline, range, { type: 'time_in_state', states: ['loaded'] }))).toEqual([
      [0, '1800.001', 1],
      [1, '0.5', 1],
    ]);
  });

  it('counts the named categories, whatever the state is called', () => {
    const meter = { type: 'available_hours', categories: ['producing', 'ready'] } as const;
    expect(shown(timeHours(timeline, range, meter))).toEqual([
      [0, '3600', 2],
      [1, '0.5', 1],
    ]);
  });

  it('takes a state only from the state map', () => {
    const manual = [interval(0, 1000, 'producing', 'loaded', 'classification')];
    expect(timeHours(manual, range, { type: 'time_in_state', states: ['loaded'] })).toEqual([]);
    expect(shown(timeHours(manual, range, { type: 'available_hours', categories: ['producing'] }))).toEqual([
      [0, '1', 1],
    ]);
  });

  it('clips to the range and cuts at hours', () => {
    const long = [interval(-500, 4 * HOUR_MS, 'ready', 'standby')];
    const meter = { type: 'available_hours', categories: ['ready'] } as const;
    expect(timeHours(long, range, meter).map((h) => h.quantity.toNumber())).toEqual([3600, 3600, 3600]);
  });

  it('has the same total however time is cut, in any order', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 3 * HOUR_MS - 1 }), { minLength: 1, maxLength: 30 });
    const meter = { type: 'time_in_state', states: ['loaded'] } as const;
    fc.assert(
      fc.property(cuts, fc.integer({ min: 1, max: 2 }), (at, hour) => {
        const bounds = [0, ...[...new Set(at)].sort((a, b) => a - b), 3 * HOUR_MS];
        const list = bounds
          .slice(1)
          .map((to, i) => interval(bounds[i] ?? to, to, 'producing', i % 2 ? 'loaded' : 'starting'))
          .reverse();
        const sum = (of: TimelineInterval[], windows: { from: number; to: number }[]) =>
          windows
            .flatMap((w) => timeHours(of, w, meter))
            .reduce((n, h) => n.plus(h.quantity), new Decimal(0))
            .toFixed();
        const expected = new Decimal(
          list.filter((i) => i.detail === 'loaded').reduce((n, i) => n + i.to - i.from, 0),
        ).div(1000);
        const cut = hour * HOUR_MS;
        expect(sum(list, [range])).toBe(expected.toFixed());
        expect(
          sum(list, [
            { from: 0, to: cut },
            { from: cut, to: 3 * HOUR_MS },
          ]),
        ).toBe(expected.toFixed());
        const halves = list.flatMap((i) => {
          const middle = Math.floor((i.from + i.to) / 2);
          return middle > i.from
            ? [
                { ...i, to: middle },
                { ...i, from: middle },
              ]
            : [i];
        });
        expect(sum(halves, [range])).toBe(expected.toFixed());
      }),
    );
  });
});
