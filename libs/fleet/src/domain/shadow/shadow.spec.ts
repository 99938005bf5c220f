import fc from 'fast-check';
import { deleteAccepted, getAccepted, rejected, updateMessages } from './messages.js';
import { noShadow, ShadowRefusal } from './refusal.js';
import type { ShadowUpdate } from './request.js';
import { REQUESTS_PER_SECOND, RequestRate } from './request-rate.js';
import { desiresOtherwise, type Shadow, type ShadowHead, unknownShadow, updated } from './shadow.js';
import { askedFor, isShadowName, shadowTopic } from './topics.js';

const T = 1_700_000_200;
const head = (shadow: Shadow): ShadowHead => ({ shadow, counter: shadow.version });
const desiring = (desired: ShadowUpdate['state']): Shadow => updated(unknownShadow, { state: desired }, T - 200);

describe('an update of a shadow', () => {
  it('makes version 1, then one more each, whatever it changes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom({}, { desired: { a: 1 } }, { desired: null }, null)), (states) => {
        let at = unknownShadow;
        states.forEach((state, i) => {
          at = head(updated(at, { state }, T + i));
          expect(at.counter).toBe(i + 1);
        });
      }),
    );
  });

  it('clears a section or both, and the shadow stays', () => {
    const both = desiring({ desired: { a: 1 }, reported: { b: 2 } });
    expect(updated(head(both), { state: { desired: null } }, T)).toEqual({ reported: both.reported, version: 2 });
    expect(updated(head(both), { state: null }, T)).toEqual({ version: 2 });
  });

  it('must name the current version if it names one', () => {
    const current = head(desiring({ desired: { a: 1 } }));
    expect(updated(current, { state: {}, version: 1 }, T).version).toBe(2);
    expect(() => updated(current, { state: {}, version: 2 }, T)).toThrow(new ShadowRefusal('conflict'));
    expect(updated(unknownShadow, { state: {}, version: 1 }, T).version).toBe(1);
    expect(() => updated(unknownShadow, { state: {}, version: 2 }, T)).toThrow('Invalid version');
    const deleted = { shadow: undefined, counter: 7 };
    expect(updated(deleted, { state: {} }, T).version).toBe(8);
    expect(updated(deleted, { state: {}, version: 7 }, T).version).toBe(8);
    expect(() => updated(deleted, { state: {}, version: 6 }, T)).toThrow('Invalid version');
  });

  it('is refused when what comes out is larger than 8 KB, metadata not counted', () => {
    const half = (section: 'desired' | 'reported', bytes: number): ShadowUpdate => ({
      state: { [section]: { x: 'y'.repeat(bytes - '{"x":""}'.length) } },
    });
    const current = head(updated(unknownShadow, half('desired', 4_096), T));
    expect(updated(current, half('reported', 4_096), T).version).toBe(2);
    expect(() => updated(current, half('reported', 4_097), T)).toThrow(new ShadowRefusal('tooLarge'));
  });

  it('is a change of what is desired only when that is another', () => {
    const one = desiring({ desired: { a: 1 } });
    const wanted = (state: ShadowUpdate['state']) => desiresOtherwise(one, updated(head(one), { state }, T));
    expect([wanted({ desired: { a: 1 } }), wanted({ reported: { a: 2 } }), wanted({})]).toEqual([false, false, false]);
    expect([wanted({ desired: { a: 2 } }), wanted({ desired: null }), wanted(null)]).toEqual([true, true, true]);
    expect(desiresOtherwise(undefined, one)).toBe(true);
  });
});

describe('messages', () => {
  const frame = { thingName: 'rx', name: '', timestamp: T, clientToken: 'k1' };
  const read = ({ topic, payload }: { topic: string; payload: string }) => [topic, JSON.parse(payload)];

  it('of an update are delta, documents and accepted, of one version', () => {
    const before = updated(
      { shadow: undefined, counter: 3 },
      { state: { desired: { mode: 'eco', led: { r: 1, g: 2, b: 3 } }, reported: { mode: 'eco', led: { r: 1 } } } },
      T - 200,
    );
    const update: ShadowUpdate = { state: { desired: { led: { g: 9, b: null } } }, version: 4, clientToken: 'k1' };
    const after = updated(head(before), update, T);
    const [old, now] = [{ timestamp: T - 200 }, { timestamp: T }];
    const reported = { state: { mode: 'eco', led: { r: 1 } }, metadata: { mode: old, led: { r: old } } };
    expect(updateMessages(frame, update, before, after).map(read)).toEqual([
      [
        '$aws/things/rx/shadow/update/delta',
        { version: 5, timestamp: T, state: { led: { g: 9 } }, metadata: { led: { g: now } }, clientToken: 'k1' },
      ],
      [
        '$aws/things/rx/shadow/update/documents',
        {
          previous: {
            state: { desired: { mode: 'eco', led: { r: 1, g: 2, b: 3 } }, reported: reported.state },
            metadata: { desired: { mode: old, led: { r: old, g: old, b: old } }, reported: reported.metadata },
            version: 4,
          },
          current: {
            state: { desired: { mode: 'eco', led: { r: 1, g: 9 } }, reported: reported.state },
            metadata: { desired: { mode: old, led: { r: old, g: now } }, reported: reported.metadata },
            version: 5,
          },
          timestamp: T,
          clientToken: 'k1',
        },
      ],
      [
        '$aws/things/rx/shadow/update/accepted',
        {
          state: { desired: { led: { g: 9, b: null } } },
          metadata: { desired: { led: { g: now, b: now } } },
          version: 5,
          timestamp: T,
          clientToken: 'k1',
        },
      ],
    ]);
  });

  it('have no delta when nothing differs, no previous document of a new shadow, no token that was not sent', () => {
    const update: ShadowUpdate = { state: { reported: { a: 1 } } };
    const shadow = updated(unknownShadow, update, T);
    expect(updateMessages({ thingName: 'rx', name: 'n', timestamp: T }, update, undefined, shadow).map(read)).toEqual([
      [
        '$aws/things/rx/shadow/name/n/update/documents',
        {
          current: { state: { reported: { a: 1 } }, metadata: { reported: { a: { timestamp: T } } }, version: 1 },
          timestamp: T,
        },
      ],
      [
        '$aws/things/rx/shadow/name/n/update/accepted',
        { ...update, metadata: { reported: { a: { timestamp: T } } }, version: 1, timestamp: T },
      ],
    ]);
    expect(
      read(updateMessages(frame, { state: null }, shadow, { version: 2 })[1] ?? { topic: '', payload: '' }),
    ).toEqual([
      '$aws/things/rx/shadow/update/accepted',
      { state: null, metadata: {}, version: 2, timestamp: T, clientToken: 'k1' },
    ]);
  });

  it('of a get have the delta beside the sections, and only if there is one', () => {
    const shadow = desiring({ desired: { a: 1, b: 2 }, reported: { a: 1 } });
    const old = { timestamp: T - 200 };
    expect(read(getAccepted(frame, shadow))).toEqual([
      '$aws/things/rx/shadow/get/accepted',
      {
        state: { desired: { a: 1, b: 2 }, reported: { a: 1 }, delta: { b: 2 } },
        metadata: { desired: { a: old, b: old }, reported: { a: old }, delta: { b: old } },
        version: 1,
        timestamp: T,
        clientToken: 'k1',
      },
    ]);
    const even = JSON.parse(getAccepted(frame, desiring({ reported: { a: 1 } })).payload);
    expect(even.state).toEqual({ reported: { a: 1 } });
  });

  it('of a delete and of refusals are on the topic that was asked', () => {
    expect(read(deleteAccepted(frame, 4))).toEqual([
      '$aws/things/rx/shadow/delete/accepted',
      { version: 4, timestamp: T, clientToken: 'k1' },
    ]);
    expect(read(rejected('$aws/things/rx/shadow/name/n/get', noShadow('rx', 'n'), T, undefined))).toEqual([
      '$aws/things/rx/shadow/name/n/get/rejected',
      { code: 404, message: "No shadow exists with name: 'n'", timestamp: T },
    ]);
    expect(noShadow('rx', '').message).toBe("No shadow exists with name: 'rx'");
    expect(new ShadowRefusal('throttled')).toMatchObject({ code: 429, message: 'Too many requests' });
    expect(new ShadowRefusal('internal')).toMatchObject({ code: 500, message: 'Internal service failure' });
  });
});

describe('topics', () => {
  it('say which shadow and what is asked', () => {
    expect(askedFor('$aws/things/rx/shadow/get')).toEqual({ operation: 'get', name: '' });
    expect(askedFor('$aws/things/rx/shadow/name/get/delete')).toEqual({ operation: 'delete', name: 'get' });
    expect(() => askedFor(`$aws/things/rx/shadow/name/${'n'.repeat(65)}/get`)).toThrow('Invalid shadow name');
    expect(() => askedFor('$aws/things/rx/shadow/name/a b/update')).toThrow('Invalid shadow name');
    expect(shadowTopic('rx', 'n', 'get')).toBe('$aws/things/rx/shadow/name/n/get');
  });

  it('have names as AWS IoT allows them', () => {
    expect(['', 'a', 'A:b_c-1', 'x'.repeat(64)].map(isShadowName)).toEqual([true, true, true, true]);
    expect(['x'.repeat(65), 'a/b', 'ü', 1, undefined].map(isShadowName)).toEqual([false, false, false, false, false]);
  });
});

describe('requests of one thing', () => {
  it('are 20 a second, each thing for itself', () => {
    const rate = new RequestRate();
    const burst = (who: string, at: number) =>
      Array.from({ length: 30 }, () => rate.allows(who, at)).filter(Boolean).length;
    expect(burst('a', 0)).toBe(REQUESTS_PER_SECOND);
    expect(burst('b', 0)).toBe(REQUESTS_PER_SECOND);
    expect(burst('a', 250)).toBe(5);
    expect(burst('a', 10_000)).toBe(REQUESTS_PER_SECOND);
  });
});
