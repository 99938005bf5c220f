import fc from 'fast-check';
import { answerFor } from './byte-range.js';

const etag = '"abc"';

describe('the bytes of an answer', () => {
  it.each([
    [undefined, { status: 200 }],
    ['bytes=0-', { status: 206, from: 0, to: 99 }],
    ['bytes=10-19', { status: 206, from: 10, to: 19 }],
    ['bytes=90-500', { status: 206, from: 90, to: 99 }],
    ['bytes=-30', { status: 206, from: 70, to: 99 }],
    ['bytes=-300', { status: 206, from: 0, to: 99 }],
    ['BYTES= 5 - 6 ', { status: 206, from: 5, to: 6 }],
    ['bytes=100-', { status: 416 }],
    ['bytes=-0', { status: 416 }],
    ['bytes=9-3', { status: 200 }],
    ['bytes=-', { status: 200 }],
    ['bytes=0-1,4-5', { status: 200 }],
    ['lines=0-1', { status: 200 }],
    ['nonsense', { status: 200 }],
  ])('are for %s: %j', (range, expected) => {
    expect(answerFor({ range }, etag, 100)).toEqual(expected);
  });

  it('are the whole file when the sender holds a part of another one', () => {
    expect(answerFor({ range: 'bytes=5-', ifRange: '"old"' }, etag, 100)).toEqual({ status: 200 });
    expect(answerFor({ range: 'bytes=5-', ifRange: 'W/"abc"' }, etag, 100)).toEqual({ status: 200 });
    expect(answerFor({ range: 'bytes=5-', ifRange: etag }, etag, 100)).toEqual({ status: 206, from: 5, to: 99 });
  });

  it('are none when the sender has it', () => {
    for (const ifNoneMatch of [etag, '*', '"x", W/"abc"'])
      expect(answerFor({ ifNoneMatch, range: 'bytes=5-' }, etag, 100)).toEqual({ status: 304 });
    expect(answerFor({ ifNoneMatch: '"x"' }, etag, 100)).toEqual({ status: 200 });
  });

  it('of ranges one after the other are the file, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 700 }), (length, size) => {
        const read: number[] = [];
        for (let at = 0; at < length; at += size) {
          const answer = answerFor({ range: `bytes=${at}-${at + size - 1}` }, etag, length);
          if (answer.status !== 206) throw new Error(`status ${answer.status} at ${at}`);
          for (let byte = answer.from; byte <= answer.to; byte += 1) read.push(byte);
        }
        expect(read).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it('never leave the file, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1_000 }), (text, length) => {
        for (const range of [text, `bytes=${text}`]) {
          const answer = answerFor({ range }, etag, length);
          if (answer.status !== 206) continue;
          expect(answer.from).toBeGreaterThanOrEqual(0);
          expect(answer.to).toBeLessThan(length);
          expect(answer.from).toBeLessThanOrEqual(answer.to);
        }
      }),
    );
  });
});
