import { checkedThingName } from './thing-name.js';

describe('thing name', () => {
  it.each(['a', 'rx90_1', 'A:b-C_9', 'x'.repeat(128)])('accepts %p', (name) =>
    expect(checkedThingName(name)).toBe(name),
  );
  it.each(['', 'x'.repeat(129), 'a/b', 'a+b', '#', 'a b', 'pümpe', 'a\n', '$aws', 7, undefined])(
    'refuses %p',
    (name) => {
      expect(() => checkedThingName(name)).toThrow('thingName: must be 1 to 128 of the characters');
    },
  );
});
