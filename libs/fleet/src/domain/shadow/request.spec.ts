import fc from 'fast-check';
import { ShadowRefusal } from './refusal.js';
import { parseTokenOnly, parseUpdate, tokenToEcho } from './request.js';

const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const refusal = (payload: Buffer, parse: (payload: Buffer) => unknown = parseUpdate) => {
  try {
    parse(payload);
  } catch (error) {
    if (error instanceof ShadowRefusal) return [error.code, error.message];
    throw error;
  }
  return undefined;
};
const nested = (levels: number): string => `${'{"k":'.repeat(levels)}1${'}'.repeat(levels)}`;
const desiring = (json: string): Buffer => bytes(`{"state":{"desired":${json}}}`);

describe('an update', () => {
  it('is read, and fields that it does not know are ignored', () => {
    const body = {
      state: { desired: { a: 1 }, reported: null },
      version: 7,
      clientToken: 't',
      thingName: 'x',
      etc: {},
    };
    expect(parseUpdate(bytes(body))).toEqual({
      state: { desired: { a: 1 }, reported: null },
      version: 7,
      clientToken: 't',
    });
    expect(parseUpdate(bytes({ state: {} }))).toEqual({ state: {} });
    expect(parseUpdate(bytes({ state: null, version: null, clientToken: null }))).toEqual({ state: null });
    expect(parseUpdate(bytes({ state: { delta: { x: 1 }, reported: { y: 2 } } }))).toEqual({
      state: { reported: { y: 2 } },
    });
    expect(parseUpdate(bytes(`\uFEFF{"state":{}}`))).toEqual({ state: {} });
  });

  it.each<[string, Buffer, number, string]>([
    ['empty', Buffer.alloc(0), 400, 'Invalid JSON'],
    ['broken', bytes('{"state":'), 400, 'Invalid JSON'],
    ['an array', bytes('[1]'), 400, 'Invalid JSON'],
    ['null', bytes('null'), 400, 'Invalid JSON'],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 415, 'Unsupported documented encoding; supported encoding is UTF-8'],
    ['without state', bytes({ desired: {} }), 400, 'Missing required node: state'],
    ['with a text as state', bytes({ state: 'x' }), 400, 'State node must be an object'],
    ['with an array as state', bytes({ state: [] }), 400, 'State node must be an object'],
    ['with a number as desired', bytes({ state: { desired: 1 } }), 400, 'Desired node must be an object'],
    ['with an array as reported', bytes({ state: { reported: [] } }), 400, 'Reported node must be an object'],
    ['with another section', bytes({ state: { wanted: {} } }), 400, "State contains an invalid node: 'wanted'"],
    [
      'with __proto__ as section',
      bytes('{"state":{"__proto__":{}}}'),
      400,
      "State contains an invalid node: '__proto__'",
    ],
    ['with state inherited only', bytes('{"__proto__":{"state":{}}}'), 400, 'Missing required node: state'],
    ['with a text as version', bytes({ state: {}, version: '1' }), 400, 'Invalid version'],
    ['with version 0', bytes({ state: {}, version: 0 }), 400, 'Invalid version'],
    ['with version 1.5', bytes({ state: {}, version: 1.5 }), 400, 'Invalid version'],
    ['with a number as token', bytes({ state: {}, clientToken: 1 }), 400, 'Invalid clientToken'],
    ['with a token of 65 bytes', bytes({ state: {}, clientToken: `${'é'.repeat(32)}x` }), 400, 'Invalid clientToken'],
    ['with null in an array', desiring('{"a":[1,null]}'), 400, "State contains an invalid node: 'a'"],
    ['with null deep in an array', desiring('{"a":[{"b":null}]}'), 400, "State contains an invalid node: 'b'"],
    ['with a number beyond doubles', desiring('{"a":1e400}'), 400, "State contains an invalid node: 'a'"],
    ['with a NUL', desiring('{"a":"\\u0000"}'), 400, "State contains an invalid node: 'a'"],
    ['with half a surrogate pair', desiring('{"a":"\\ud800"}'), 400, "State contains an invalid node: 'a'"],
    ['9 levels deep', desiring(nested(9)), 400, 'JSON contains too many levels of nesting; maximum is 8'],
    [
      'of very many levels',
      desiring(`${'['.repeat(50_000)}${']'.repeat(50_000)}`),
      400,
      'Desired node must be an object',
    ],
    [
      'very deep in an array',
      desiring(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      400,
      'JSON contains too many levels of nesting; maximum is 8',
    ],
    [
      'too large',
      desiring(JSON.stringify({ a: 'x'.repeat(8_200) })),
      413,
      'The payload exceeds the maximum size allowed',
    ],
  ])('%s is refused', (_what, payload, code, message) => {
    expect(refusal(payload)).toEqual([code, message]);
  });

  it('may be as deep, as large and have as long a token as the limits say', () => {
    expect(refusal(desiring(nested(8)))).toBeUndefined();
    expect(refusal(bytes({ state: {}, clientToken: 'x'.repeat(64) }))).toBeUndefined();
    const exactly = { a: 'x'.repeat(8_192 - '{"a":""}'.length) };
    expect(refusal(bytes({ state: { desired: exactly } }))).toBeUndefined();
    expect(refusal(bytes({ state: { desired: exactly, reported: { b: 1 } } }))).toEqual([
      413,
      'The payload exceeds the maximum size allowed',
    ]);
  });

  it('of any bytes or any JSON is read or refused, never worse', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes), fc.json().map(desiring)), (payload) => {
        const buffer = Buffer.from(payload);
        expect(refusal(buffer)?.[0] ?? 400).toBeGreaterThanOrEqual(400);
        expect([undefined, 'string']).toContain(
          typeof tokenToEcho(buffer) === 'string' ? 'string' : tokenToEcho(buffer),
        );
      }),
    );
  });
});

describe('a get or a delete', () => {
  it('may say nothing, a token, or things that do not matter', () => {
    expect(parseTokenOnly(Buffer.alloc(0))).toBeUndefined();
    expect(parseTokenOnly(bytes({ clientToken: 't', version: 'x', state: 3 }))).toBe('t');
    expect(refusal(bytes('hello'), parseTokenOnly)).toEqual([400, 'Invalid JSON']);
    expect(refusal(bytes({ clientToken: {} }), parseTokenOnly)).toEqual([400, 'Invalid clientToken']);
  });
});

describe('the token of a faulty request', () => {
  it('is echoed when it is a text, and never invented', () => {
    expect(tokenToEcho(bytes({ clientToken: 'x'.repeat(100) }))).toBe('x'.repeat(100));
    expect(tokenToEcho(bytes({ clientToken: 1 }))).toBeUndefined();
    expect(tokenToEcho(bytes('{'))).toBeUndefined();
    expect(tokenToEcho(Buffer.from([0xff]))).toBeUndefined();
  });
});
