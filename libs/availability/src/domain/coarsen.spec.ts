import fc from 'fast-check';
import { type Category, categories, type TimelineInterval } from './category.js';
import { coarsen } from './coarsen.js';

const device = '00000000-0000-7000-8000-00000000000a';
const lengths = fc.array(
  fc.record({
    ms: fc.integer({ min: 1, max: 60 }),
    category: fc.constantFrom<Category>('vendor_down', 'degraded', 'producing', 'ready', 'unknown'),
    fraction: fc.constantFrom('0.3', '0.6'),
    messages: fc.nat(4),
  }),
  { maxLength: 60 },
);

/** Intervals end to end, each with its own name and messages. */
const listed = (parts: { ms: number; category: Category; fraction: string; messages: number }[]) => {
  let at = 1_000;
  return parts.map(({ ms, category, fraction, messages }, n): TimelineInterval => {
    const from = at;
    at += ms;
    const ref = (seq: number) => ({ deviceId: device, boot: 1, seq, ts: from });
    return {
      from,
      to: at,
      category,
      ...(category === 'degraded' && { fraction }),
      source: 'state_map',
      detail: category,
      evidence: { messages, ...(messages > 0 && { first: ref(2 * n), last: ref(2 * n + 1) }) },
    };
  });
};
const anyList = lengths.map(listed);
const least = fc.integer({ min: 1, max: 200 });
/** The intervals that a result stands for. */
const partsOf = (result: TimelineInterval, list: readonly TimelineInterval[]) =>
  list.filter((i) => i.from >= result.from && i.to <= result.to);

describe('a coarsened timeline, for any intervals', () => {
  it('tiles the same time with whole intervals, and loses no message', () => {
    fc.assert(
      fc.property(anyList, least, (list, minMs) => {
        const results = coarsen(list, minMs);
        expect(results.flatMap((result) => partsOf(result, list))).toEqual(list);
        for (const result of results) {
          const parts = partsOf(result, list);
          expect(result.evidence.messages).toBe(parts.reduce((n, i) => n + i.evidence.messages, 0));
          const refs = parts.flatMap((i) => [i.evidence.first, i.evidence.last].filter((ref) => ref !== undefined));
          expect([result.evidence.first, result.evidence.last]).toEqual([refs.at(0), refs.at(-1)]);
        }
      }),
    );
  });

  it('shows of each result what no other kind had more of, the stronger where two had as much', () => {
    fc.assert(
      fc.property(anyList, least, (list, minMs) => {
        for (const result of coarsen(list, minMs)) {
          const time = (of: Pick<TimelineInterval, 'category' | 'fraction'>) =>
            partsOf(result, list)
              .filter((i) => i.category === of.category && i.fraction === of.fraction)
              .reduce((ms, i) => ms + i.to - i.from, 0);
          for (const other of partsOf(result, list)) {
            expect(time(result)).toBeGreaterThanOrEqual(time(other));
            if (time(result) === time(other))
              expect(categories.indexOf(result.category)).toBeLessThanOrEqual(categories.indexOf(other.category));
          }
        }
      }),
    );
  });

  it('is short only where a long interval follows, or at the end, and then at least half as long', () => {
    fc.assert(
      fc.property(anyList, least, (list, minMs) => {
        const results = coarsen(list, minMs);
        for (const [n, { from, to }] of results.slice(0, -1).entries()) {
          if (to - from >= minMs) continue;
          expect(2 * (to - from)).toBeGreaterThanOrEqual(minMs);
          const next = list.find((i) => i.from === results[n + 1]?.from);
          expect((next?.to ?? 0) - (next?.from ?? 0)).toBeGreaterThanOrEqual(minMs);
        }
      }),
    );
  });

  it('leaves everything as it is where each interval is long enough, or nothing is asked for', () => {
    fc.assert(
      fc.property(anyList, (list) => {
        expect(coarsen(list, 1)).toEqual(list);
        expect(coarsen(list, 0)).toEqual(list);
        expect(coarsen(list, -5)).toEqual(list);
      }),
    );
  });

  it('says that it is mixed, and of how many, only when it is', () => {
    const parts = (...kinds: [number, Category][]) =>
      listed(kinds.map(([ms, category]) => ({ ms, category, fraction: '0.6', messages: 1 })));
    const details = (...kinds: [number, Category][]) => coarsen(parts(...kinds), 100).map((i) => i.detail);
    expect(details([60, 'ready'], [40, 'ready'])).toEqual(['ready']);
    expect(details([60, 'ready'], [39, 'unknown'], [1, 'ready'])).toEqual(['mostly ready, 3 intervals']);
    expect(details([49, 'ready'], [100, 'unknown'])).toEqual(['mostly unknown, 2 intervals']);
    expect(details([50, 'ready'], [100, 'unknown'])).toEqual(['ready', 'unknown']);
    expect(details([1, 'ready'])).toEqual(['ready']);
    expect(coarsen([], 100)).toEqual([]);
  });
});
