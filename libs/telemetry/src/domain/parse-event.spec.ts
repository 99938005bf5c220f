import fc from 'fast-check';
import { parseEvent } from './parse-event.js';

const now = Date.UTC(2026, 2, 2, 8);
const parse = (value: unknown) => parseEvent(Buffer.from(JSON.stringify(value)), now);
const good = { ts: now, boot: 1, seq: 9, type: 'fault_raised', code: 'E12', detail: { valve: 3 } };
const reasonOf = (result: ReturnType<typeof parseEvent>) => ('refusal' in result ? result.refusal.reason : 'stored');

describe('an event payload', () => {
  it('is time, type, code and detail', () => {
    expect(parse(good)).toEqual({ event: { ts: now, type: 'fault_raised', code: 'E12', detail: '{"valve":3}' } });
    expect(parse({ ts: now, type: 'reboot' })).toEqual({
      event: { ts: now, type: 'reboot', code: null, detail: '{}' },
    });
    expect(parse({ ...good, detail: 'door open' })).toMatchObject({ event: { detail: '{"text":"door open"}' } });
    expect(reasonOf(parse({ ts: now, boot: 1, type: 'reboot' }))).toBe('stored');
  });

  it.each([
    ['bad_event', { ...good, type: '' }],
    ['bad_event', { ...good, type: undefined }],
    ['bad_event', { ...good, type: 'x'.repeat(61) }],
    ['bad_event', { ...good, code: 12 }],
    ['bad_event', { ...good, detail: { text: 'a\0b' } }],
    ['bad_event', { ...good, detail: { text: 'x'.repeat(20_000) } }],
    ['bad_event', { ...good, type: 'telemetry_lost', detail: 'all of it' }],
    ['bad_event', { ...good, type: 'telemetry_lost', detail: { ranges: [[1, 2]] } }],
    ['bad_event', { ...good, type: 'telemetry_lost', detail: { boot: 0, ranges: [[1, 2]] } }],
    ['bad_event', { ...good, type: 'telemetry_lost', detail: { boot: 1, ranges: [] } }],
    [
      'bad_event',
      {
        ...good,
        type: 'telemetry_lost',
        detail: {
          boot: 1,
          ranges: [
            [1, 2],
            [4, 3],
          ],
        },
      },
    ],
    ['bad_event', { ...good, type: 'telemetry_lost', detail: { boot: 1, ranges: [[0, 2]] } }],
    ['bad_event', { ...good, type: 'telemetry_lost', detail: { boot: 1, ranges: Array(101).fill([1, 2]) } }],
    ['bad_time', { ...good, ts: 1 }],
    ['bad_identity', { ...good, boot: -1 }],
    ['unknown_field', { ...good, more: 1 }],
    ['not_an_object', [good]],
    ['forbidden_key', { ...good, detail: { a: { constructor: 1 } } }],
    ['too_deep', { ...good, detail: { a: { b: { c: { d: { e: { f: { g: { h: 1 } } } } } } } } }],
  ])('is refused as %s', (reason, value) => {
    expect(reasonOf(parse(value))).toBe(reason);
  });

  it('of any kind never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json().map(Buffer.from), fc.uint8Array().map(Buffer.from)), (payload) => {
        expect(reasonOf(parseEvent(payload as Buffer, now))).not.toBe('');
      }),
    );
  });
});
