import { isId, newId } from './ids.js';

describe('newId', () => {
  it('is a UUID of version 7 and variant 2 that begins with its time', () => {
    const id = newId(0x0123_4567_89ab);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(isId(id)).toBe(true);
  });

  it('sorts by time and never repeats', () => {
    const ids = Array.from({ length: 1000 }, (_, n) => newId(1_700_000_000_000 + n));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 1000 }, () => newId(5))).size).toBe(1000);
  });

  it.each(['', 'x', '01234567-89ab-7def-8abc-0123456789a', '01234567-89ab-7def-8abc-0123456789abc', 5, null])(
    '%p is no id',
    (text) => expect(isId(text)).toBe(false),
  );
});
