import type { Fault } from '@throughline/kernel';
import { deviceLifeCycle } from './device-state.js';
import type { Device } from './registry.js';
import { checkTags, isTagKey, MAX_TAGS, type Tags } from './tags.js';

export const bulkActions = ['set_tags', 'quarantine', 'release'] as const;
export type BulkAction = (typeof bulkActions)[number];

/** What is done with each of many devices. `tags`: of `set_tags`; null takes a tag off. */
export interface BulkChange {
  readonly action: BulkAction;
  readonly tags: Readonly<Record<string, string | null>> | null;
}

/** What it comes to for one device: its next state or tags, nothing to do, or why not. */
export type BulkStep =
  | { readonly kind: 'state'; readonly to: 'quarantined' | 'active' }
  | { readonly kind: 'tags'; readonly tags: Tags }
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Doing it again to a device that has it already changes nothing and is no fault. */
export function bulkStep(change: BulkChange, device: Pick<Device, 'state' | 'tags'>): BulkStep {
  const { state } = device;
  switch (change.action) {
    case 'quarantine':
      if (state === 'quarantined') return { kind: 'same' };
      return deviceLifeCycle[state].moves.includes('quarantined')
        ? { kind: 'state', to: 'quarantined' }
        : refused(`it is ${state} and cannot be quarantined`);
    case 'release':
      return state === 'quarantined' ? { kind: 'state', to: 'active' } : refused(`it is ${state}, not quarantined`);
    case 'set_tags':
      return tagsStep(change.tags ?? {}, device.tags);
  }
}

function tagsStep(change: Readonly<Record<string, string | null>>, tags: Tags): BulkStep {
  const next = Object.fromEntries(Object.entries({ ...tags, ...change }).filter(([, value]) => value !== null)) as Tags;
  const faults: Fault[] = [];
  checkTags(faults, 'tags', next);
  const [fault] = faults;
  if (fault) return refused(fault.rule);
  const keys = Object.keys(next);
  const same = keys.length === Object.keys(tags).length && keys.every((key) => tags[key] === next[key]);
  return same ? { kind: 'same' } : { kind: 'tags', tags: next };
}

const refused = (reason: string): BulkStep => ({ kind: 'refused', reason });

/** Faults of tags that no device could take. */
export function checkTagChange(faults: Fault[], tags: Readonly<Record<string, string | null>>): void {
  const entries = Object.entries(tags);
  if (entries.length === 0) faults.push({ field: 'tags', value: [], rule: 'must name a tag' });
  if (entries.length > MAX_TAGS)
    faults.push({ field: 'tags', value: entries.length, rule: `must be at most ${MAX_TAGS}` });
  for (const [key, value] of entries)
    if (value === null && !isTagKey(key))
      faults.push({
        field: 'tags',
        value: key,
        rule: 'a tag has a key of 1 to 128 of the characters a-z A-Z 0-9 _ . : -',
      });
  const set = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
  if (entries.length <= MAX_TAGS) checkTags(faults, 'tags', set);
}
