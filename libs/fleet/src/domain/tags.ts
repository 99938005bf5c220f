import type { Fault } from '@throughline/kernel';

export type Tags = Readonly<Record<string, string>>;

export const MAX_TAGS = 50;
const MAX_TAG_VALUE = 256;
const key = /^[a-zA-Z0-9_.:-]{1,128}$/;

export const isTagKey = (text: string): boolean => key.test(text);

/** Adds a fault for each tag that is none: key of letters, digits and _ . : -, value of at most 256 characters; at most 50. */
export function checkTags(faults: Fault[], field: string, tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS)
    faults.push({ field, value: entries.length, rule: `a device has at most ${MAX_TAGS} tags` });
  for (const [name, value] of entries) {
    if (!isTagKey(name))
      faults.push({ field, value: name, rule: 'a tag has a key of 1 to 128 of the characters a-z A-Z 0-9 _ . : -' });
    checkTagValue(faults, `${field}.${name}`, value);
  }
}

export function checkTagValue(faults: Fault[], field: string, value: unknown): void {
  const ok =
    typeof value === 'string' && value.length <= MAX_TAG_VALUE && !/\p{Cc}/u.test(value) && value.isWellFormed();
  if (!ok) faults.push({ field, value, rule: `must be at most ${MAX_TAG_VALUE} characters without line breaks` });
}
