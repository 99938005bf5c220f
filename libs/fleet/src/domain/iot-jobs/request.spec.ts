import fc from 'fast-check';
import { JobRefusal } from './refusal.js';
import { parseRequest, tokenOf } from './request.js';

const parse = (operation: string, body: unknown) =>
  parseRequest(
    operation,
    Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  );
const refusal = (operation: string, body: unknown): { code?: string; message: string } => {
  try {
    parse(operation, body);
  } catch (error) {
    if (error instanceof JobRefusal) return { code: error.code, message: error.message };
    throw error;
  }
  return { message: 'accepted' };
};

describe('a request of a device', () => {
  it('is read with its fields, and what it does not name has its default', () => {
    expect(parse('get', {})).toEqual({ kind: 'get-pending' });
    expect(parse('start-next', {})).toEqual({ kind: 'start-next' });
    expect(parse('$next/get', {})).toEqual({ kind: 'describe', jobId: '$next', includeJobDocument: true });
    expect(parse('fw-1/get', { executionNumber: 2, includeJobDocument: false })).toEqual({
      kind: 'describe',
      jobId: 'fw-1',
      executionNumber: 2,
      includeJobDocument: false,
    });
    expect(parse('fw-1/update', { status: 'IN_PROGRESS' })).toEqual({
      kind: 'update',
      jobId: 'fw-1',
      status: 'IN_PROGRESS',
      includeJobExecutionState: false,
      includeJobDocument: false,
    });
  });

  it('may be empty where nothing is required', () => {
    for (const operation of ['get', 'start-next', '$next/get', 'fw-1/get'])
      expect(() => parse(operation, Buffer.alloc(0))).not.toThrow();
    expect(refusal('fw-1/update', Buffer.alloc(0))).toMatchObject({ code: 'InvalidRequest', message: /status/ });
  });

  it('may have whole numbers as texts, unknown fields, nulls and a byte order mark', () => {
    expect(
      parse('fw-1/update', {
        status: 'SUCCEEDED',
        expectedVersion: '1',
        executionNumber: '02',
        thingName: 'pump',
        jobId: 'fw-1',
        statusDetails: null,
        clientToken: null,
      }),
    ).toMatchObject({ expectedVersion: 1, executionNumber: 2, statusDetails: undefined });
    expect(parse('get', '\uFEFF{}')).toEqual({ kind: 'get-pending' });
  });

  it.each([
    ['foo', {}, 'InvalidTopic', /"foo"/],
    ['fw-1/start', {}, 'InvalidTopic', /no operation/],
    ['fw-1/get/accepted', {}, 'InvalidTopic', /no operation/],
    ['foo', '{', 'InvalidTopic', /no operation/],
    ['get', '{', 'InvalidJson', /JSON/],
    ['get', Buffer.from([0x7b, 0xff, 0x7d]), 'InvalidJson', /UTF-8/],
    ['get', '[]', 'InvalidRequest', /object/],
    ['get', '"x"', 'InvalidRequest', /object/],
    ['get', { clientToken: 7 }, 'InvalidRequest', /clientToken/],
    ['get', { clientToken: 'x'.repeat(65) }, 'InvalidRequest', /clientToken/],
    ['$next/update', { status: 'SUCCEEDED' }, 'InvalidRequest', /jobId/],
    [`${'x'.repeat(65)}/get`, {}, 'InvalidRequest', /jobId/],
    ['a b/get', {}, 'InvalidRequest', /jobId/],
    ['fw/update', {}, 'InvalidRequest', /status.*nothing/],
    ['fw/update', { status: 'CANCELED' }, 'InvalidRequest', /status.*CANCELED/],
    ['fw/update', { status: 'TIMED_OUT' }, 'InvalidRequest', /status/],
    ['fw/update', { status: 'REMOVED' }, 'InvalidRequest', /status/],
    ['fw/update', { status: 'constructor' }, 'InvalidRequest', /status/],
    ['fw/update', { status: 'FAILED', expectedVersion: 'one' }, 'InvalidRequest', /expectedVersion/],
    ['fw/update', { status: 'FAILED', expectedVersion: -1 }, 'InvalidRequest', /expectedVersion/],
    ['fw/update', { status: 'FAILED', expectedVersion: 1.5 }, 'InvalidRequest', /expectedVersion/],
    ['fw/update', { status: 'FAILED', executionNumber: 1e12 }, 'InvalidRequest', /executionNumber/],
    ['fw/update', { status: 'FAILED', includeJobDocument: 'yes' }, 'InvalidRequest', /includeJobDocument/],
    ['fw/update', { status: 'FAILED', stepTimeoutInMinutes: 0 }, 'InvalidRequest', /stepTimeoutInMinutes/],
    ['fw/update', { status: 'FAILED', stepTimeoutInMinutes: 10_081 }, 'InvalidRequest', /10080/],
    ['start-next', { stepTimeoutInMinutes: -1 }, 'InvalidRequest', /stepTimeoutInMinutes/],
    ['start-next', { statusDetails: [] }, 'InvalidRequest', /statusDetails/],
    ['start-next', { statusDetails: { n: 1 } }, 'InvalidRequest', /statusDetails.n/],
    ['start-next', { statusDetails: { '': 'x' } }, 'InvalidRequest', /statusDetails/],
    ['start-next', { statusDetails: { 'a b': 'x' } }, 'InvalidRequest', /statusDetails/],
    ['start-next', { statusDetails: { a: '' } }, 'InvalidRequest', /statusDetails.a/],
    ['start-next', { statusDetails: { a: 'x'.repeat(1025) } }, 'InvalidRequest', /1024/],
    ['start-next', { statusDetails: { a: 'line\nbreak' } }, 'InvalidRequest', /control/],
    ['start-next', '{"statusDetails":{"a":"\\ud800"}}', 'InvalidRequest', /statusDetails.a/],
    [
      'start-next',
      { statusDetails: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 'x'])) },
      'InvalidRequest',
      /10 pairs/,
    ],
  ])('%s %j is refused as %s', (operation, body, code, message) => {
    expect(refusal(operation, body)).toEqual({ code, message: expect.stringMatching(message) });
  });

  it('takes what is just within the limits', () => {
    const statusDetails = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`${i}`.padEnd(128, ':_-a'), 'ü'.repeat(1024)]),
    );
    const request = { status: 'IN_PROGRESS', statusDetails, stepTimeoutInMinutes: -1, clientToken: 'x'.repeat(64) };
    expect(parse(`${'x'.repeat(64)}/update`, request)).toMatchObject({ statusDetails, stepTimeoutMinutes: -1 });
  });

  it('has its token echoed whatever else is wrong with it', () => {
    expect(tokenOf(Buffer.from('{"clientToken":"t-1","status":7}'))).toBe('t-1');
    for (const body of ['', '{', '[]', '{"clientToken":1}', '{}']) expect(tokenOf(Buffer.from(body))).toBeUndefined();
  });

  it('of whatever bytes is read or refused, nothing else', () => {
    const operations = fc.oneof(fc.constantFrom('get', 'start-next', '$next/get', 'j/get', 'j/update'), fc.string());
    const payloads = fc.oneof(
      fc.uint8Array(),
      fc.json().map(Buffer.from),
      fc.object().map((o) => Buffer.from(JSON.stringify(o))),
    );
    fc.assert(
      fc.property(operations, payloads, (operation, bytes) => {
        const payload = Buffer.from(bytes);
        tokenOf(payload);
        try {
          expect(parseRequest(operation, payload)).toHaveProperty('kind');
        } catch (error) {
          expect(error).toBeInstanceOf(JobRefusal);
        }
      }),
    );
  });
});
