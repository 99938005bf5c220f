import fc from 'fast-check';
import { type CsvMap, parseMap } from './csv-map.js';
import { toRows } from './recording.js';

const raw = {
  separator: ';',
  time: { column: 'datetime', shift: 'keep' },
  metrics: { flow_lpm: 'Flow', current_a: { column: 'mA', factor: 0.001 } },
  counters: { volume_l: { of: 'flow_lpm', per: 'min' } },
  state: { metric: 'state', rules: [{ column: 'Flow', op: '<', than: 5, value: 0 }], otherwise: 1 },
};
const map = parseMap(raw);
const csv = [
  'datetime;Flow;mA',
  '2020-03-01 15:44:06;60;1500',
  '2020-03-01 15:44:07;120;1600',
  '2020-03-01 15:44:10;0;0',
].join('\n');
const t0 = Date.parse('2020-03-01T15:44:06Z');

describe('a recording', () => {
  it('becomes metrics, an integrated counter and a state', () => {
    expect(toRows(csv, map, 0)).toEqual([
      { ts: t0, m: { flow_lpm: 60, current_a: 1.5, volume_l: 0, state: 1 } },
      // (60 + 120) / 2 l/min for 1 s, then (120 + 0) / 2 for 3 s
      { ts: t0 + 1000, m: { flow_lpm: 120, current_a: 1.6, volume_l: 1.5, state: 1 } },
      { ts: t0 + 4000, m: { flow_lpm: 0, current_a: 0, volume_l: 4.5, state: 0 } },
    ]);
  });

  it.each([
    ['end-now', 1_000_000 - 4000],
    ['start-now', 1_000_000],
  ] as const)('is shifted %s', (shift, first) => {
    const rows = toRows(csv, { ...map, time: { ...map.time, shift } }, 1_000_000);
    expect(rows[0]?.ts).toBe(first);
    expect((rows[2]?.ts ?? 0) - (rows[0]?.ts ?? 0)).toBe(4000);
  });

  it('is put in order of time, and a counter never falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ s: fc.integer({ min: 0, max: 100_000 }), flow: fc.integer({ min: -50, max: 300 }) }), {
          minLength: 1,
          maxLength: 50,
        }),
        (points) => {
          const text = ['at,Flow', ...points.map((p) => `${p.s},${p.flow}`)].join('\n');
          const rows = toRows(
            text,
            parseMap({
              time: { column: 'at', format: 's', shift: 'keep' },
              metrics: { f: 'Flow' },
              counters: { v: { of: 'f', per: 's' } },
            }),
            0,
          );
          for (let i = 1; i < rows.length; i += 1) {
            expect(rows[i]?.ts).toBeGreaterThanOrEqual(rows[i - 1]?.ts ?? 0);
            expect(rows[i]?.m.v).toBeGreaterThanOrEqual(rows[i - 1]?.m.v ?? 0);
          }
        },
      ),
    );
  });

  it.each([
    ['', 'has no rows'],
    [
      'datetime,Flow,mA\n2020-03-01 15:44:06,1,2',
      'has no column "datetime", "Flow", "mA"; it has "datetime,Flow,mA" (is the separator right?)',
    ],
    ['datetime;Flow;mA\nyesterday;1;2', 'recording line 2: "yesterday" is not a time in format iso'],
    ['datetime;Flow;mA\n2020-03-01 15:44:06;;2', 'recording line 2, column "Flow": "" is not a number'],
    ['datetime;Flow;mA\n2020-03-01 15:44:06;NaN;2', 'recording line 2, column "Flow": "NaN" is not a number'],
  ])('that is wrong is refused with line, column and rule: %j', (text, message) => {
    expect(() => toRows(text, map, 0)).toThrow(message);
  });
});

describe('a map', () => {
  const faultsOf = (value: unknown): string => {
    try {
      parseMap(value);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('the map was taken');
  };

  it('fills in what is usual', () => {
    const small: CsvMap = parseMap({ time: { column: 't' }, metrics: { a: 'A' } });
    expect(small).toEqual({
      separator: ',',
      time: { column: 't', format: 'iso', shift: 'end-now' },
      metrics: { a: { column: 'A', factor: 1 } },
      counters: {},
    });
  });

  it('lists every fault with its path', () => {
    const text = faultsOf({
      tiem: 1,
      time: { column: 3, format: 'unix' },
      metrics: { a: { column: '' } },
      counters: { v: { of: 'b', per: 'day' } },
      state: { metric: 's', rules: [{ column: 'x', op: '!', than: '1', value: 2 }] },
    });
    for (const part of [
      'tiem is not known',
      'time.column must be text (given: 3)',
      'time.format must be one of iso, s, ms (given: "unix")',
      'metrics.a.column must be text',
      'counters.v.of must name one of the metrics',
      'counters.v.per must be one of s, min, h',
      'state.rules[0].op must be one of',
      'state.rules[0].than must be a number',
      'state.otherwise must be a number',
    ])
      expect(text).toContain(part);
  });

  it.each([null, 7, [], 'text', { time: {}, metrics: {} }])('of the wrong shape is refused: %j', (value) => {
    expect(faultsOf(value)).toMatch(/must/);
  });
});
