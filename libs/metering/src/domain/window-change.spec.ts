import { Decimal, HOUR_MS } from '@throughline/kernel';
import fc from 'fast-check';
import { type ComputedWindow, type CurrentWindow, isChange, windowChange } from './window-change.js';

const reading = (value: string, seq = 1) => ({ deviceId: 'd', boot: 1, seq, ts: seq, value });
const computed = (hour: number, quantity: string, more: object = {}): ComputedWindow => ({
  hour: hour * HOUR_MS,
  quantity: new Decimal(quantity),
  evidence: { messages: 2, ...more },
});
const current = (hour: number, quantity: string, version: number, more: object = {}): CurrentWindow => ({
  ...computed(hour, quantity, more),
  version,
});
const later = 100 * HOUR_MS;
const none = new Map<number, number>();
const shape = (list: readonly CurrentWindow[]) => list.map((w) => [w.hour / HOUR_MS, w.quantity.toFixed(), w.version]);

describe('windowChange', () => {
  it('makes no version of what did not change', () => {
    const change = windowChange([current(1, '5.50', 3)], [computed(1, '5.5')], none, later);
    expect(isChange(change)).toBe(false);
  });

  it('makes a new version of another quantity, and of the same on other evidence', () => {
    const changes = [
      windowChange([current(1, '5', 3)], [computed(1, '6')], none, later),
      windowChange([current(1, '5', 3)], [computed(1, '5', { messages: 3 })], none, later),
      windowChange([current(1, '5', 3, { to: reading('1') })], [computed(1, '5', { to: reading('2') })], none, later),
      windowChange([current(1, '5', 3, { from: reading('1') })], [computed(1, '5')], none, later),
      windowChange([current(1, '5', 3)], [computed(1, '5', { notes: ['reset'] })], none, later),
      // What the next hour is measured from is another, though the hour itself has the same quantity.
      windowChange(
        [current(1, '5', 3, { to: reading('0') })],
        [computed(1, '5', { to: { ...reading('0'), fellFrom: '5000' } })],
        none,
        later,
      ),
    ];
    for (const { added, superseded, replaced } of changes) {
      expect([shape(added)[0]?.[2], shape(superseded)[0]?.[2], replaced]).toEqual([4, 3, []]);
    }
  });

  it('replaces the window of an hour that still runs, to its last millisecond', () => {
    const args = [[current(1, '5', 1)], [computed(1, '6')], none] as const;
    expect(shape(windowChange(...args, 2 * HOUR_MS - 1).replaced)).toEqual([[1, '6', 1]]);
    expect(shape(windowChange(...args, 2 * HOUR_MS).added)).toEqual([[1, '6', 2]]);
  });

  it('lets an hour without usage have no current version, and numbers on when it has some again', () => {
    const gone = windowChange([current(1, '5', 2)], [], none, later);
    expect([shape(gone.superseded), gone.added]).toEqual([[[1, '5', 2]], []]);
    const back = windowChange([], [computed(1, '7'), computed(2, '8')], new Map([[HOUR_MS, 2]]), later);
    expect(shape(back.added)).toEqual([
      [1, '7', 3],
      [2, '8', 1],
    ]);
  });
});

describe('windowChange, over any run of computations', () => {
  const belief = fc.dictionary(fc.constantFrom('0', '1', '2', '3', '4'), fc.integer({ min: 0, max: 3 }));
  const windowsOf = (given: Record<string, number>): ComputedWindow[] =>
    Object.entries(given).map(([hour, quantity]) => computed(Number(hour), String(quantity)));

  it('ends with what was computed last; no version is given twice, and past ones stay', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(belief, fc.integer({ min: 0, max: 7 })), { maxLength: 8 }), (runs) => {
        let stored: CurrentWindow[] = [];
        const everStored = new Map<string, string>();
        const versions = new Map<number, number>();
        let now = 0;
        for (const [given, passed] of runs) {
          now += passed * HOUR_MS;
          const { added, superseded, replaced } = windowChange(stored, windowsOf(given), versions, now);
          for (const w of added) {
            const key = `${w.hour} ${w.version}`;
            expect(everStored.has(key)).toBe(false);
            everStored.set(key, w.quantity.toFixed());
            versions.set(w.hour, w.version);
          }
          for (const w of replaced) {
            // Only while the hour runs may what is stored be another.
            expect(w.hour + HOUR_MS).toBeGreaterThan(now);
            everStored.set(`${w.hour} ${w.version}`, w.quantity.toFixed());
          }
          const out = new Set([...superseded, ...replaced].map((w) => w.hour));
          stored = [...stored.filter((w) => !out.has(w.hour)), ...replaced, ...added];
          expect(shape(stored.toSorted((a, b) => a.hour - b.hour)).map(([hour, q]) => [hour, q])).toEqual(
            Object.entries(given).map(([hour, q]) => [Number(hour), String(q)]),
          );
          for (const w of stored) expect(everStored.get(`${w.hour} ${w.version}`)).toBe(w.quantity.toFixed());
          expect(isChange(windowChange(stored, windowsOf(given), versions, now))).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});
