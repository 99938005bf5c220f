import { invalid } from '@throughline/kernel';

const rule = /^[a-zA-Z0-9:_-]{1,128}$/;

export const isThingName = (text: unknown): text is string => typeof text === 'string' && rule.test(text);

/** A thing name as AWS IoT has them: 1 to 128 of letters, digits, colon, underscore, dash. It is part of topics. */
export function checkedThingName(text: unknown, field = 'thingName'): string {
  if (!isThingName(text))
    throw invalid({ field, value: text, rule: 'must be 1 to 128 of the characters a-z A-Z 0-9 : _ -' });
  return text;
}
