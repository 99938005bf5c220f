import fc from 'fast-check';
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
    // More messages and the same end: nothing is believed anew while the end lies ahead.
    const more = derived(0, 10, { evidence: { first: ref(1), last: ref(2), messages: 2 } });
    expect(sizes([stored(0, 10)], [more], 10)).toEqual([1, 0, 0]);
  });
});

describe('timelineChange, for any belief and any derivation', () => {
  /** Stretches one after the other from 0, some left out. */
  const stretches = fc
    .array(
      fc.record({
        length: fc.integer({ min: 1, max: 4 }),
        category: fc.constantFrom('producing' as const, 'vendor_down' as const, undefined),
        messages: fc.integer({ min: 1, max: 2 }),
      }),
      { maxLength: 10 },
    )
    .map((parts) => {
      let at = 0;
      return parts.flatMap(({ length, category, messages }) => {
        const from = at;
        at += length;
        return category ? [derived(from, at, { category, evidence: { first: ref(1), last: ref(1), messages } })] : [];
      });
    });
  const asStored = (list: TimelineInterval[]): StoredEntry[] =>
    list.map((i) => ({ ...i, id: `e${i.from}`, assetId: 'a' }));
  const plain = (list: readonly TimelineInterval[]) =>
    list
      .map(({ from, to, category, evidence }) => [from, to, category, evidence.messages] as const)
      .sort((a, b) => a[0] - b[0]);

  it('leads from the belief to the derivation, and once there finds nothing to change', () => {
    fc.assert(
      fc.property(stretches, stretches, fc.nat(45), (before, wanted, now) => {
        const belief = asStored(before);
        const { superseded, added, grown } = timelineChange(belief, wanted, now);
        const gone = new Set([...superseded, ...grown].map((e) => e.id));
        const after = [...belief.filter((e) => !gone.has(e.id)), ...grown, ...added];
        expect(plain(after)).toEqual(plain(wanted));
        expect(changedStretch(timelineChange(asStored(wanted), wanted, now))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('edits nothing whose end had passed, and shortens nothing in place', () => {
    fc.assert(
      fc.property(stretches, stretches, fc.nat(45), (before, wanted, now) => {
        const belief = asStored(before);
        for (const entry of timelineChange(belief, wanted, now).grown) {
          const old = belief.find((e) => e.id === entry.id);
          expect(old?.to).toBeGreaterThanOrEqual(now);
          expect(entry.to).toBeGreaterThanOrEqual(old?.to ?? Number.POSITIVE_INFINITY);
          expect([entry.from, entry.category]).toEqual([old?.from, old?.category]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('names a stretch that holds every change', () => {
    fc.assert(
      fc.property(stretches, stretches, fc.nat(45), (before, wanted, now) => {
        const change = timelineChange(asStored(before), wanted, now);
        const all = [...change.superseded, ...change.added, ...change.grown];
        const stretch = changedStretch(change);
        expect(stretch === undefined).toBe(all.length === 0);
        for (const { from, to } of all) {
          expect(stretch?.from).toBeLessThanOrEqual(from);
          expect(stretch?.to).toBeGreaterThanOrEqual(to);
        }
      }),
    );
  });
});
