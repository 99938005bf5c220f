import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';

describe('cursors', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.integer(), fc.uuid(), (name, n, id) => {
        const key = [name, n, id];
        expect(decodeCursor('list', encodeCursor('list', key), ['string', 'number', 'string'])).toEqual(key);
      }),
    );
  });

  it('are refused by any other list and any other order', () => {
    const cursor = encodeCursor('customers', ['Alpha', 'id-1']);
    expect(() => decodeCursor('sites', cursor, ['string', 'string'])).toThrow('must be a cursor that this list gave');
    expect(() => decodeCursor('customers', cursor, ['string'])).toThrow('must be a cursor that this list gave');
    expect(() => decodeCursor('customers', cursor, ['string', 'number'])).toThrow('after');
  });

  it.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['an object', Buffer.from('{"a":1}').toString('base64url')],
    ['an object as a key', Buffer.from('["l",{"$gt":""}]').toString('base64url')],
    ['null', Buffer.from('null').toString('base64url')],
    ['other spelling of the same', `${Buffer.from('["l","a"]').toString('base64')}==`],
    ['megabytes', 'A'.repeat(2_000_000)],
  ])('that are %s give one clear error', (_, text) => {
    expect(() => decodeCursor('l', text, ['string'])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('after: must be a cursor') }),
    );
  });

  it('never let anything but plain values of the right types through', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = Buffer.from(JSON.stringify(value)).toString('base64url');
        try {
          const key = decodeCursor('l', text, ['string', 'number']);
          expect(key.map((part) => typeof part)).toEqual(['string', 'number']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_INPUT' });
        }
      }),
    );
  });
});
