import type { TimelineInterval } from './category.js';
import { changedStretch, type StoredEntry, timelineChange } from './timeline-change.js';

const ref = (seq: number) => ({ deviceId: 'd', boot: 1, seq, ts: seq });
const derived = (from: number, to: number, more: Partial<TimelineInterval> = {}): TimelineInterval => ({
  from,
  to,
  category: 'producing',
  source: 'state_map',
  detail: 'loaded',
  evidence: { first: ref(1), last: ref(1), messages: 1 },
  ...more,
});
const stored = (from: number, to: number, more: Partial<TimelineInterval> = {}): StoredEntry => ({
  ...derived(from, to, more),
  id: `e${from}`,
  assetId: 'a',
});
const longAfter = 1_000;

describe('timelineChange', () => {
  it('is empty when nothing differs', () => {
    const change = timelineChange([stored(0, 10)], [derived(0, 10)], longAfter);
    expect(change).toEqual({ superseded: [], added: [], grown: [] });
    expect(changedStretch(change)).toBeUndefined();
  });

  it('supersedes only what differs', () => {
    const change = timelineChange(
      [stored(0, 10), stored(10, 20, { detail: 'fault' }), stored(20, 30)],
      [derived(0, 10), derived(10, 15), derived(15, 20, { detail: 'fault' }), derived(20, 30)],
      longAfter,
    );
    expect(change.superseded.map((e) => e.id)).toEqual(['e10']);
    expect(change.added.map((i) => [i.from, i.to])).toEqual([
      [10, 15],
      [15, 20],
    ]);
    expect(changedStretch(change)).toEqual({ from: 10, to: 20 });
  });

  it('supersedes what is no longer derived, and what rests on other messages', () => {
    expect(timelineChange([stored(0, 10)], [], longAfter).superseded).toHaveLength(1);
    const other = derived(0, 10, { evidence: { first: ref(1), last: ref(2), messages: 2 } });
    const change = timelineChange([stored(0, 10)], [other], longAfter);
    expect([change.superseded.length, change.added.length, change.grown.length]).toEqual([1, 1, 0]);
  });

  it('lets an entry grow in place only while its end has not passed and it only grows', () => {
    const sizes = (list: StoredEntry[], wanted: TimelineInterval[], now: number) => {
      const { grown, superseded, added } = timelineChange(list, wanted, now);
      return [grown.length, superseded.length, added.length];
    };
    expect(sizes([stored(0, 10)], [derived(0, 15)], 10)).toEqual([1, 0, 0]);
    expect(sizes([stored(0, 10)], [derived(0, 15)], 11)).toEqual([0, 1, 1]);
    expect(sizes([stored(0, 10)], [derived(0, 9)], 5)).toEqual([0, 1, 1]);
    expect(sizes([stored(0, 10)], [derived(0, 15, { category: 'ready' })], 5)).toEqual([0, 1, 1]);
    expect(sizes([stored(0, 10)], [derived(1, 15)], 5)).toEqual([0, 1, 1]);
  });
});
