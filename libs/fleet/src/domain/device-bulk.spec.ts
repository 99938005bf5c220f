import type { Fault } from '@throughline/kernel';
import fc from 'fast-check';
import { type BulkChange, bulkStep, checkTagChange } from './device-bulk.js';
import { type DeviceState, deviceStates } from './device-state.js';

const device = (state: DeviceState, tags: Record<string, string> = {}) => ({ state, tags });
const tagging = (tags: Record<string, string | null>): BulkChange => ({ action: 'set_tags', tags });
const only = (action: 'quarantine' | 'release'): BulkChange => ({ action, tags: null });

describe('one device of many', () => {
  it.each(deviceStates.filter((state) => state !== 'retired' && state !== 'quarantined'))(
    '%s is quarantined',
    (state) => expect(bulkStep(only('quarantine'), device(state))).toEqual({ kind: 'state', to: 'quarantined' }),
  );

  it('is left as it is when it is quarantined already, and refused when it is retired', () => {
    expect(bulkStep(only('quarantine'), device('quarantined'))).toEqual({ kind: 'same' });
    expect(bulkStep(only('quarantine'), device('retired'))).toEqual({
      kind: 'refused',
      reason: 'it is retired and cannot be quarantined',
    });
  });

  it.each(deviceStates)('%s is released only out of quarantine', (state) =>
    expect(bulkStep(only('release'), device(state)).kind).toBe(state === 'quarantined' ? 'state' : 'refused'),
  );

  it('gets tags beside those it has, loses those that are taken off, and has at most 50', () => {
    expect(bulkStep(tagging({ a: '1', b: null }), device('active', { b: '2', c: '3' }))).toEqual({
      kind: 'tags',
      tags: { a: '1', c: '3' },
    });
    expect(bulkStep(tagging({ b: null }), device('active', { c: '3' }))).toEqual({ kind: 'same' });
    const full = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`t${n}`, '']));
    expect(bulkStep(tagging({ a: '1' }), device('active', full))).toEqual({
      kind: 'refused',
      reason: 'a device has at most 50 tags',
    });
  });

  it('is the same after doing it twice as after doing it once', () => {
    const tags = fc.dictionary(fc.stringMatching(/^[a-c]$/), fc.option(fc.constantFrom('1', '2')));
    const has = fc.dictionary(fc.stringMatching(/^[a-d]$/), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(tags, has, (change, before) => {
        const step = bulkStep(tagging(change), device('active', before));
        const after = step.kind === 'tags' ? { ...step.tags } : before;
        expect(bulkStep(tagging(change), device('active', after))).toEqual({ kind: 'same' });
      }),
    );
  });
});

it('tags that no device could take are refused before anything is done', () => {
  const faults: Fault[] = [];
  checkTagChange(faults, { 'no space': null, ok: 'x'.repeat(257) });
  expect(faults.map(({ rule }) => rule)).toEqual([
    expect.stringContaining('a tag has a key'),
    expect.stringContaining('at most 256 characters'),
  ]);
  const none: Fault[] = [];
  checkTagChange(none, {});
  expect(none).toEqual([{ field: 'tags', value: [], rule: 'must name a tag' }]);
});
