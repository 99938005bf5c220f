import fc from 'fast-check';
import type { TimelineInterval } from './category.js';
import { coarsen } from './coarsen.js';
import { deriveTimeline, fillUnknown, joined, type PresenceSpan, sameKind } from './timeline.js';

const MIN = 60_000;
const device = '00000000-0000-7000-8000-00000000000a';
const stateMap = {
  states: { '2': { name: 'loaded', category: 'producing' }, '4': { name: 'fault', category: 'vendor_down' } },
};
const reading = (minute: number, state: string) => ({
  state,
  ref: { deviceId: device, boot: 1, seq: minute + 1, ts: minute * MIN },
});
const minutes = (i: TimelineInterval) => [i.from / MIN, i.to / MIN, i.category, i.source, i.detail];

describe('deriveTimeline', () => {
  const derive = (presence: PresenceSpan[]) =>
    deriveTimeline({
      readings: [reading(0, '2'), reading(1, '2'), reading(30, '4')],
      presence,
      stateMap,
      staleAfterMs: 3 * MIN,
      interval: { from: 0, to: 40 * MIN },
    });

  it('is unknown where no message reaches', () => {
    expect(derive([]).map(minutes)).toEqual([
      [0, 4, 'producing', 'state_map', 'loaded'],
      [4, 30, 'unknown', 'silence', 'no message for more than 3 min'],
      [30, 33, 'vendor_down', 'state_map', 'fault'],
      [33, 40, 'unknown', 'silence', 'no message for more than 3 min'],
    ]);
  });

  it('says since when the device was not connected, and changes no category for it', () => {
    const presence = [
      { id: 'p1', from: -5 * MIN, to: 2 * MIN },
      { id: 'p2', from: 10 * MIN, to: 12 * MIN },
      { id: 'p3', from: 29 * MIN, to: null },
    ];
    const result = derive(presence);
    expect(result.map(minutes)).toEqual([
      [0, 4, 'producing', 'state_map', 'loaded'],
      [4, 10, 'unknown', 'presence', 'not connected since 1970-01-01T00:02:00.000Z'],
      [10, 12, 'unknown', 'silence', 'no message for more than 3 min'],
      [12, 29, 'unknown', 'presence', 'not connected since 1970-01-01T00:12:00.000Z'],
      [29, 30, 'unknown', 'silence', 'no message for more than 3 min'],
      [30, 33, 'vendor_down', 'state_map', 'fault'],
      [33, 40, 'unknown', 'silence', 'no message for more than 3 min'],
    ]);
    expect(result[1]?.evidence).toEqual({ messages: 0, presence: 'p1' });
  });

  it('is one unknown interval for an asset that never spoke, and nothing for an empty range', () => {
    const silent = { readings: [], presence: [], stateMap, staleAfterMs: 1500, interval: { from: 5, to: 9 } };
    expect(deriveTimeline(silent)).toEqual([
      {
        from: 5,
        to: 9,
        category: 'unknown',
        source: 'silence',
        detail: 'no message for more than 1.5 s',
        evidence: { messages: 0 },
      },
    ]);
    expect(deriveTimeline({ ...silent, interval: { from: 5, to: 5 } })).toEqual([]);
  });
});

const presenceSpans = fc
  .array(fc.tuple(fc.integer({ min: -5, max: 60 }), fc.option(fc.integer({ min: 0, max: 20 }))), { maxLength: 5 })
  .map((list) =>
    list.map(([from, length], i) => ({
      id: `p${i}`,
      from: from * MIN,
      to: length === null ? null : (from + length) * MIN,
    })),
  );
const readings = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom('2', '4')), { maxLength: 20 })
  .map((list) => list.map(([minute, state]) => reading(minute, state)));
const range = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }))
  .map(([from, length]) => ({ from: from * MIN, to: (from + length) * MIN }));

describe('deriveTimeline, for any messages and presence', () => {
  it('covers every instant once, with neighbours that differ', () => {
    fc.assert(
      fc.property(readings, presenceSpans, range, (r, presence, interval) => {
        const result = deriveTimeline({ readings: r, presence, stateMap, staleAfterMs: 3 * MIN, interval });
        expect(result[0]?.from).toBe(interval.from);
        expect(result.at(-1)?.to).toBe(interval.to);
        for (const [i, next] of result.slice(1).entries()) {
          const before = result[i];
          if (!before) throw new Error('no interval before');
          expect(next.from).toBe(before.to);
          expect(sameKind(before, next)).toBe(false);
        }
      }),
    );
  });

  it('has the categories it has without presence', () => {
    fc.assert(
      fc.property(readings, presenceSpans, range, (r, presence, interval) => {
        const bare = (p: PresenceSpan[]) =>
          joined(
            deriveTimeline({ readings: r, presence: p, stateMap, staleAfterMs: 3 * MIN, interval }).map((i) =>
              i.category === 'unknown' ? { ...i, source: '', detail: '', evidence: { messages: 0 } } : i,
            ),
          );
        expect(bare(presence)).toEqual(bare([]));
      }),
    );
  });

  it('gives the same in two parts as in one', () => {
    fc.assert(
      fc.property(readings, presenceSpans, range, fc.nat(60), (r, presence, interval, offset) => {
        const of = (from: number, to: number) =>
          deriveTimeline({ readings: r, presence, stateMap, staleAfterMs: 3 * MIN, interval: { from, to } });
        const cut = Math.min(interval.from + offset * MIN, interval.to);
        expect(joined([...of(interval.from, cut), ...of(cut, interval.to)])).toEqual(of(interval.from, interval.to));
      }),
    );
  });
});

describe('two degrees of one state', () => {
  it('stay apart, derived and joined: each counts with its own share', () => {
    const map = {
      states: {
        '5': { name: 'derated', category: 'degraded', fraction: '0.5' },
        '9': { name: 'derated', category: 'degraded', fraction: '0.9' },
      },
    };
    const interval = { from: 0, to: 3 * MIN };
    const timeline = deriveTimeline({
      readings: [reading(0, '5'), reading(1, '9'), reading(2, '9')],
      presence: [],
      stateMap: map,
      staleAfterMs: 3 * MIN,
      interval,
    });
    expect(timeline.map((i) => [i.from / MIN, i.to / MIN, i.fraction])).toEqual([
      [0, 1, '0.5'],
      [1, 3, '0.9'],
    ]);
    expect(fillUnknown(timeline, interval, [], MIN)).toEqual(timeline);
    expect(timeline.every((i, n) => n === 0 || !sameKind(timeline[n - 1] ?? i, i))).toBe(true);
  });
});

describe('fillUnknown', () => {
  it('clips what reaches beyond the range', () => {
    const known: TimelineInterval[] = [
      { from: 0, to: 10, category: 'ready', source: 'state_map', detail: 'standby', evidence: { messages: 1 } },
      { from: 20, to: 30, category: 'ready', source: 'state_map', detail: 'standby', evidence: { messages: 2 } },
    ];
    expect(fillUnknown(known, { from: 5, to: 25 }, [], 1000).map((i) => [i.from, i.to, i.category])).toEqual([
      [5, 10, 'ready'],
      [10, 20, 'unknown'],
      [20, 25, 'ready'],
    ]);
  });
});

describe('coarsen', () => {
  const piece = (from: number, to: number, category: TimelineInterval['category']): TimelineInterval => ({
    from,
    to,
    category,
    source: 'state_map',
    detail: category,
    evidence: { messages: 1 },
  });

  it('puts short intervals together and shows what took most of their time', () => {
    const result = coarsen(
      [piece(0, 40, 'ready'), piece(40, 50, 'vendor_down'), piece(50, 100, 'ready'), piece(100, 400, 'producing')],
      100,
    );
    expect(result.map((i) => [i.from, i.to, i.category, i.detail, i.evidence.messages])).toEqual([
      [0, 100, 'ready', 'mostly ready, 3 intervals', 3],
      [100, 400, 'producing', 'producing', 1],
    ]);
  });

  it('prefers the stronger category at a tie and leaves long intervals exact', () => {
    const result = coarsen([piece(0, 50, 'ready'), piece(50, 100, 'vendor_down'), piece(100, 213, 'ready')], 100);
    expect(result.map((i) => [i.from, i.to, i.category])).toEqual([
      [0, 100, 'vendor_down'],
      [100, 213, 'ready'],
    ]);
    expect(coarsen([piece(0, 1, 'ready')], 0)).toEqual([piece(0, 1, 'ready')]);
  });

  it('covers the same time with at most 2 × length / minMs + 1 intervals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 400 }),
        (lengths, minMs) => {
          let at = 0;
          const list = lengths.map((length, i) => {
            const from = at;
            at += length;
            return piece(from, at, i % 2 ? 'ready' : 'producing');
          });
          const result = coarsen(list, minMs);
          expect(result.length).toBeLessThanOrEqual((2 * at) / minMs + 1);
          let end = 0;
          for (const i of result) {
            expect(i.from).toBe(end);
            end = i.to;
          }
          expect(end).toBe(at);
          expect(result.reduce((n, i) => n + i.evidence.messages, 0)).toBe(list.length);
        },
      ),
    );
  });
});
