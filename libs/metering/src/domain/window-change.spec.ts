import { Decimal, HOUR_MS } from '@throughline/kernel';
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
