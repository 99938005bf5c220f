import fc from 'fast-check';
import type { Order } from './order.js';
import {
  after,
  happensIn,
  MAX_BOOTS,
  otherSlot,
  runningSlot,
  type Slot,
  type UpdateEvent,
  type UpdateState,
} from './update-state.js';

const order: Order = {
  jobId: 'j',
  executionNumber: 1,
  version: '2.0.0',
  counter: 2,
  hardware: null,
  url: 'http://localhost/a',
  length: 1,
  sha256: 'a'.repeat(64),
};
const idle: UpdateState = { step: 'idle', active: 'a' };
const go = (...events: UpdateEvent[]): UpdateState => events.reduce(after, idle);
const installed: UpdateEvent[] = [{ type: 'ordered', order }, { type: 'downloaded' }, { type: 'installed' }];
const boots: UpdateEvent = { type: 'booted', otherBoots: true };

describe('the state of an update', () => {
  it('goes to the other slot when all goes well', () => {
    expect(runningSlot(go(...installed))).toBe('a');
    expect(go(...installed, boots)).toMatchObject({ step: 'confirming', active: 'a', boots: 1 });
    expect(runningSlot(go(...installed, boots))).toBe('b');
    const done = go(...installed, boots, { type: 'healthy' });
    expect(done).toMatchObject({ step: 'reporting', active: 'b', outcome: { succeeded: true } });
    expect(after(done, { type: 'reported' })).toEqual({ step: 'idle', active: 'b' });
  });

  it('comes back to the former slot, with the reason, when the new image is not healthy', () => {
    const reverting = go(...installed, boots, { type: 'unhealthy', reason: 'mute' });
    expect(runningSlot(reverting)).toBe('b');
    expect(after(reverting, boots)).toEqual({
      step: 'reporting',
      active: 'a',
      order,
      outcome: { succeeded: false, reason: 'mute', rolledBack: true },
    });
  });

  it('comes back when the new image does not start, or starts again and again without an end', () => {
    expect(go(...installed, { type: 'booted', otherBoots: false })).toMatchObject({
      step: 'reporting',
      active: 'a',
      outcome: { reason: 'the new image did not start', rolledBack: true },
    });
    const often = Array.from({ length: MAX_BOOTS }, () => boots);
    expect(go(...installed, ...often)).toMatchObject({ step: 'confirming', boots: MAX_BOOTS });
    expect(go(...installed, ...often, boots)).toMatchObject({
      step: 'reporting',
      active: 'a',
      outcome: { rolledBack: true },
    });
  });

  it('does not touch a slot for what is refused or abandoned', () => {
    const refused = go({ type: 'ordered', order }, { type: 'refused', reason: 'no' });
    expect(refused).toMatchObject({ step: 'reporting', active: 'a', outcome: { reason: 'no', rolledBack: false } });
    expect(go({ type: 'ordered', order }, { type: 'abandoned' })).toEqual(idle);
  });

  it('says so when an event cannot happen', () => {
    expect(() => after(idle, { type: 'healthy' })).toThrow('healthy cannot happen while idle');
  });

  it('runs the image that is known to be good, but while a new one proves itself, whatever happens', () => {
    const event = fc.oneof(
      fc.constantFrom<UpdateEvent>(
        { type: 'ordered', order },
        { type: 'already-there' },
        { type: 'downloaded' },
        { type: 'installed' },
        { type: 'refused', reason: 'x' },
        { type: 'abandoned' },
        { type: 'healthy' },
        { type: 'unhealthy', reason: 'y' },
        { type: 'reported' },
      ),
      fc.boolean().map((otherBoots): UpdateEvent => ({ type: 'booted', otherBoots })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state: UpdateState = idle;
        let good: Slot = 'a';
        for (const one of events) {
          if (!happensIn[one.type].includes(state.step)) continue;
          if (one.type === 'healthy') good = otherSlot(good);
          state = after(state, one);
          expect(state.active).toBe(good);
          const proves = state.step === 'confirming' || state.step === 'reverting';
          expect(runningSlot(state)).toBe(proves ? otherSlot(good) : good);
        }
        // Starts alone bring every state to one that waits for an answer or for nothing, with the good image running.
        for (let i = 0; i <= MAX_BOOTS; i += 1) state = after(state, boots);
        expect(['idle', 'downloading', 'installing', 'reporting']).toContain(state.step);
        expect(runningSlot(state)).toBe(good);
      }),
    );
  });
});
