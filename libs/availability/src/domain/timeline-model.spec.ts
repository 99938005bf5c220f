import fc from 'fast-check';
import { at, interval, presence, readings, SECOND, stale, stateMap } from '../../test/second-by-second.js';
import { availabilityOf, rawDefinition } from './availability.js';
import { categories, type TimelineInterval } from './category.js';
import { deriveStates } from './derive-states.js';
import type { StateReading } from './reading.js';
import { deriveTimeline } from './timeline.js';
import { timelineChange } from './timeline-change.js';

const inWords = (i: TimelineInterval) => ({
  category: i.category,
  source: i.source,
  why:
    i.source === 'silence'
      ? ''
      : i.source === 'presence'
        ? i.detail.replace('not connected since ', '')
        : i.detail.includes('has not said')
          ? 'not said'
          : i.detail.replace(/^state (.*) is not in the state map$/, '$1'),
});

describe('the timeline', () => {
  it('says of every second, and why, what that second by itself says', () => {
    fc.assert(
      fc.property(readings, presence, stale, (said, spans, staleAfterMs) => {
        const timeline = deriveTimeline({ readings: said, presence: spans, stateMap, staleAfterMs, interval });
        let n = 0;
        for (let t = interval.from; t < interval.to; t += 7 * SECOND) {
          while ((timeline[n]?.to ?? interval.to) <= t) n += 1;
          const part = timeline[n];
          if (!part) throw new Error(`nothing at ${t}`);
          expect(inWords(part)).toEqual(at(t, said, spans, staleAfterMs));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('has shares that add up to the period, in whole and by category', () => {
    fc.assert(
      fc.property(readings, presence, stale, (said, spans, staleAfterMs) => {
        const timeline = deriveTimeline({ readings: said, presence: spans, stateMap, staleAfterMs, interval });
        const figure = availabilityOf(timeline, interval, rawDefinition);
        const shares = Object.entries(figure.byCategory);
        expect(shares.reduce((ms, [, share]) => ms + share, 0)).toBe(interval.to);
        for (const [category, share] of shares) {
          expect(categories).toContain(category);
          const own = timeline.filter((i) => i.category === category);
          expect(own.reduce((ms, i) => ms + i.to - i.from, 0)).toBe(share);
        }
        expect(figure.notMeasuredMs + figure.excludedMs + figure.measuredMs).toBe(interval.to);
        expect(figure.excludedMs).toBe(figure.byCategory.unknown ?? 0);
      }),
    );
  });

  it('gives planned maintenance to neither side where it is excluded, and all of it to one where it is not', () => {
    fc.assert(
      fc.property(readings, stale, (said, staleAfterMs) => {
        const timeline = deriveTimeline({ readings: said, presence: [], stateMap, staleAfterMs, interval });
        const base = { ...rawDefinition, degraded: 'as_up' as const };
        const without = { ...base, down: base.down.filter((c) => c !== 'planned_maintenance') };
        const down = availabilityOf(timeline, interval, base);
        const out = availabilityOf(timeline, interval, { ...without, excluded: ['planned_maintenance'] });
        const up = availabilityOf(timeline, interval, { ...without, up: [...base.up, 'planned_maintenance'] });
        const planned = down.byCategory.planned_maintenance ?? 0;
        expect(Number(down.downMs) - Number(out.downMs)).toBe(planned);
        expect(out.excludedMs - down.excludedMs).toBe(planned);
        expect(out.upMs).toBe(down.upMs);
        expect(Number(up.upMs) - Number(down.upMs)).toBe(planned);
        if (down.percent === null || out.percent === null || up.percent === null) return;
        expect(Number(down.percent)).toBeLessThanOrEqual(Number(out.percent));
        expect(Number(out.percent)).toBeLessThanOrEqual(Number(up.percent));
      }),
    );
  });
});

describe('stored beliefs, brought up to date message by message', () => {
  it('end where all messages at once lead to, whatever their order and doubles', () => {
    const batches = readings.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list, ...list], { minLength: list.length }),
        fc.integer({ min: 1, max: 9 }),
      ),
    );
    const range = { from: -1_000 * SECOND, to: 3 * interval.to };
    fc.assert(
      fc.property(batches, stale, ([list, order, size], staleAfterMs) => {
        const derive = (said: readonly StateReading[]) =>
          deriveStates({ readings: said, stateMap, staleAfterMs, interval: range, hourly: true });
        type Row = TimelineInterval & { id: string; assetId: string };
        let [stored, serial, now]: [Row[], number, number] = [[], 0, 0];
        const come: StateReading[] = [];
        const take = (more: readonly StateReading[]) => {
          come.push(...more);
          now += 61 * SECOND;
          const { superseded, added, grown } = timelineChange(stored, derive(come), now);
          const gone = new Set([...superseded, ...grown].map((entry) => entry.id));
          for (const entry of grown) {
            const before = stored.find((one) => one.id === entry.id);
            // Only what ends in the future may be changed in place, and only to last longer.
            expect(before?.to).toBeGreaterThanOrEqual(now);
            expect(entry.to).toBeGreaterThanOrEqual(before?.to ?? 0);
          }
          const fresh = added.map((i): Row => ({ ...i, id: `e${++serial}`, assetId: 'a' }));
          stored = [...stored.filter((one) => !gone.has(one.id)), ...grown, ...fresh].sort((a, b) => a.from - b.from);
        };
        for (let n = 0; n < order.length; n += size) take(order.slice(n, n + size));
        take(list);
        expect(stored.map(({ id: _, assetId: _a, ...i }) => i)).toEqual(derive(list));
        const again = timelineChange(stored, derive(list), now);
        expect([again.superseded, again.added, again.grown]).toEqual([[], [], []]);
      }),
    );
  });
});
