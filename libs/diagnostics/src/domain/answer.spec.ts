import fc from 'fast-check';
import { readAnswer } from './answer.js';
import { checkedCommand, payloadOf } from './command.js';
import { hearsRequests, readAnswerTopic, requestTopic, verdictTopic } from './topics.js';

describe('an answer', () => {
  it('is read with its values, those that a client leaves empty passed over', () => {
    const body = {
      status: 'FAILED',
      statusReason: { reasonCode: 'TOO_HOT', reasonDescription: 'oil at 120 °C' },
      result: { a: { s: 'x' }, b: { b: false }, c: { bin: 'AQID' }, d: { s: null, b: true, bin: null } },
      clientToken: 'ignored',
    };
    expect(readAnswer(body)).toEqual({
      answer: {
        status: 'FAILED',
        reasonCode: 'TOO_HOT',
        reasonDescription: 'oil at 120 °C',
        result: { a: 'x', b: false, c: 'AQID', d: true },
      },
    });
    expect(readAnswer({ status: 'SUCCEEDED', statusReason: null, result: null })).toMatchObject({
      answer: { result: null },
    });
  });

  it.each([
    [{ a: { s: 1 } }],
    [{ a: { s: 'x', b: true } }],
    [{ a: { n: 1 } }],
    [{ a: { bin: 'not base64!' } }],
    [{ a: {} }],
    [{ '': { s: 'x' } }],
    [Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, { s: '' }]))],
    [[]],
  ])('with the result %j is refused', (result) => {
    expect(readAnswer({ status: 'SUCCEEDED', result })).toMatchObject({ refused: { code: 'InvalidRequest' } });
  });

  it('of any shape is read or refused', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (body, reason, result) => {
        for (const candidate of [body, { status: 'FAILED', statusReason: reason, result }]) {
          const read = readAnswer(candidate);
          expect('answer' in read || read.refused.code === 'InvalidRequest').toBe(true);
        }
      }),
    );
  });
});

describe('topics', () => {
  it('of answers name execution and format, and are confirmed below', () => {
    const base = '$aws/commands/things/t/executions/x1/response';
    expect(readAnswerTopic(`${base}/cbor`)).toEqual({ executionId: 'x1', format: 'cbor' });
    expect(readAnswerTopic(base)).toEqual({ executionId: 'x1', format: 'json' });
    expect(verdictTopic(`${base}/json`, 'accepted')).toBe(`${base}/accepted/json`);
    expect(verdictTopic(base, 'rejected')).toBe(`${base}/rejected`);
  });

  it.each([
    ['+/request/json', true],
    ['+/request/+', true],
    ['+/+/json', true],
    ['#', true],
    ['+/request/#', true],
    ['+/request', false],
    ['+/request/cbor', false],
    ['x1/request/json', false],
    ['+/response/accepted/json', false],
    ['+/request/json/more', false],
  ])('a filter on …/executions/%s hears requests: %j', (filter, hears) => {
    expect(hearsRequests('t', `$aws/commands/things/t/executions/${filter}`)).toBe(hears);
    expect(hearsRequests('u', `$aws/commands/things/t/executions/${filter}`)).toBe(false);
  });

  it('of requests stay within AWS IoT’s 256 bytes', () => {
    expect(Buffer.byteLength(requestTopic('t'.repeat(128), '0'.repeat(36)))).toBeLessThanOrEqual(256);
  });
});

describe('a command', () => {
  const schema = { type: 'object' };
  const command = {
    name: 'blink',
    title: ' Blink ',
    argumentsSchema: schema,
    resultSchema: schema,
    timeoutSeconds: 10,
    expirySeconds: 60,
    payload: 'named',
  } as const;

  it('is sent with its name, or as its arguments alone', () => {
    expect(payloadOf(checkedCommand(command), { n: 1 })).toBe('{"command":"blink","arguments":{"n":1}}');
    expect(payloadOf({ ...command, payload: 'arguments' }, { n: 1 })).toBe('{"n":1}');
    expect(checkedCommand(command).title).toBe('Blink');
  });

  it('has all its faults named at once', () => {
    const wrong = {
      ...command,
      name: 'Blink',
      title: '\n',
      payload: 'raw',
      timeoutSeconds: 43_201,
      expirySeconds: 0.5,
    };
    expect(() => checkedCommand(wrong as never)).toThrow(
      expect.objectContaining({
        faults: ['name', 'title', 'payload', 'timeoutSeconds', 'expirySeconds'].map((field) =>
          expect.objectContaining({ field }),
        ),
      }),
    );
  });
});
