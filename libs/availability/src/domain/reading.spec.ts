import fc from 'fast-check';
import { inEventOrder, type StateReading } from './reading.js';

const read = (ts: number, deviceId = 'a', boot = 1, seq = ts): StateReading => ({
  state: '2',
  ref: { deviceId, boot, seq, ts },
});
const any = fc
  .tuple(fc.nat(5), fc.constantFrom('a', 'b'), fc.nat(2), fc.nat(3))
  .map(([ts, deviceId, boot, seq]) => read(ts, deviceId, boot, seq));

describe('readings in event order', () => {
  it('go by time, then board, boot and number', () => {
    const ordered = [read(1, 'b', 1, 1), read(1, 'b', 1, 2), read(1, 'b', 2, 0), read(2, 'a', 0, 0)];
    expect(inEventOrder([...ordered].reverse())).toEqual(ordered);
    expect(inEventOrder([read(1, 'b'), read(1, 'a')]).map((r) => r.ref.deviceId)).toEqual(['a', 'b']);
  });

  it('have each message once, and keep two of one instant', () => {
    expect(inEventOrder([read(1), read(2), read(1), read(1, 'a', 1, 9)])).toEqual([
      read(1),
      read(1, 'a', 1, 9),
      read(2),
    ]);
  });

  it('do not depend on the order or number of deliveries, and change nothing they were given', () => {
    const delivered = fc
      .array(any, { maxLength: 20 })
      .chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
      );
    fc.assert(
      fc.property(delivered, ([list, again]) => {
        const before = [...again];
        expect(inEventOrder(again)).toEqual(inEventOrder(list));
        expect(again).toEqual(before);
        expect(new Set(inEventOrder(list).map((r) => JSON.stringify(r.ref))).size).toBe(inEventOrder(list).length);
      }),
    );
  });
});
