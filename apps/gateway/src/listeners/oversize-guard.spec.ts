import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { parser as makeParser } from 'mqtt-packet';
import { guardSize, type OversizedPacket, type PacketParser } from './oversize-guard.js';

const limits = { packet: 100, discard: 5_000, head: 16 };

/** A PUBLISH of QoS 1. */
function publish(topic: string, messageId: number, payload: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, topic.length]),
    Buffer.from(topic),
    Buffer.from([messageId >> 8, messageId & 255]),
    payload,
  ]);
  const length: number[] = [];
  for (let rest = body.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x32, ...length]), body]);
}

function guarded() {
  const parser = makeParser();
  const passed: [number | undefined, number][] = [];
  const oversized: OversizedPacket[] = [];
  const refused: string[] = [];
  parser.on('packet', (packet) => {
    if (packet.cmd === 'publish') passed.push([packet.messageId, packet.payload.length]);
  });
  guardSize(
    parser as unknown as PacketParser,
    limits,
    (p) => oversized.push(p),
    (reason) => refused.push(reason),
  );
  return { parser, passed, oversized, refused };
}

describe('large packets', () => {
  it('pass by, however they are cut into chunks, and the others are read', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 120, max: 3_000 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (list, cuts) => {
        const { parser, passed, oversized, refused } = guarded();
        const payloads = list.map((size) => randomBytes(size));
        const bytes = Buffer.concat(payloads.map((payload, i) => publish('dt/a/telemetry', i + 1, payload)));
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const end = at + (cuts[n % cuts.length] ?? 1);
          parser.parse(bytes.subarray(at, end));
          at = end;
        }
        const whole = [...passed.map(([id]) => id), ...oversized.map((p) => p.messageId)].sort((a = 0, b = 0) => a - b);
        expect(whole).toEqual(list.map((_, i) => i + 1));
        for (const { messageId = 0, head, payloadBytes, topic } of oversized) {
          const payload = payloads[messageId - 1] ?? Buffer.alloc(0);
          expect(payloadBytes).toBe(payload.length);
          expect(payload.subarray(0, head.length).equals(head)).toBe(true);
          expect(topic).toBe('dt/a/telemetry');
        }
        expect(refused).toEqual([]);
      }),
    );
  });

  it('are refused when they are no publish, or claim to be too large to pass over', () => {
    const connect = guarded();
    connect.parser.parse(Buffer.concat([Buffer.from([0x10, 0xe8, 0x07]), Buffer.alloc(200)]));
    expect(connect.refused).toHaveLength(1);
    const huge = guarded();
    huge.parser.parse(Buffer.concat([Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(50)]));
    expect(huge.refused).toEqual(['a packet of 268435455 bytes is too large']);
  });
});
