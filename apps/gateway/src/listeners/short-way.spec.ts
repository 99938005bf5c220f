import fc from 'fast-check';
import { generate, type IPublishPacket, parser as makeParser, type Packet } from 'mqtt-packet';
import { type RestingParser, takePublishes, usualTopic } from './short-way.js';

const TOPIC = 'dt/compressor-7/telemetry';

const publication = fc.record({
  topic: fc.constantFrom<string>(
    TOPIC,
    TOPIC,
    TOPIC,
    'dt/compressor-7/event',
    'dt/ümläut/telemetry',
    'dt/compressor-8/telemetry',
  ),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 100, max: 17_000 }).map((length) => Buffer.alloc(length, 0x32)),
  ),
  qos: fc.constantFrom<0 | 1>(1, 1, 1, 0),
  retain: fc.constantFrom(false, false, true),
  dup: fc.boolean(),
  messageId: fc.integer({ min: 1, max: 65_535 }),
});
type Publication = typeof publication extends fc.Arbitrary<infer T> ? T : never;

const packets = fc.array(
  fc.oneof({ weight: 8, arbitrary: publication }, { weight: 1, arbitrary: fc.constant('pingreq' as const) }),
  { minLength: 1, maxLength: 20 },
);

const bytesOf = (packet: Publication | 'pingreq'): Buffer =>
  packet === 'pingreq'
    ? generate({ cmd: 'pingreq' })
    : generate({ cmd: 'publish', ...packet, dup: packet.dup && packet.qos > 0 } as IPublishPacket);

/** Cuts bytes at the given places, as a network does. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [0, ...ends].map((from, i) => bytes.subarray(from, ends[i] ?? bytes.length)).filter((part) => part.length > 0);
}

/** What comes out, in order, and how many went the short way. */
function read(chunks: readonly Buffer[], open: boolean): { out: string[]; short: number } {
  const parser = makeParser();
  const out: string[] = [];
  let short = 0;
  parser.on('packet', (packet: Packet) => {
    if (packet.cmd !== 'publish') out.push(packet.cmd);
    else out.push(said(packet.topic, packet.payload as Buffer, packet.qos, packet.messageId));
  });
  const usual = usualTopic(TOPIC);
  takePublishes(
    parser as unknown as RestingParser,
    () => (open ? usual : undefined),
    (topic, payload, messageId) => {
      short += 1;
      out.push(said(topic.text, payload, 1, messageId));
    },
  );
  for (const chunk of chunks) parser.parse(chunk);
  return { out, short };
}

const said = (topic: string, payload: Buffer, qos: number, messageId: number | undefined): string =>
  `${topic} ${qos} ${messageId ?? ''} ${payload.toString('hex')}`;

describe('the short way of publications', () => {
  it('gives the same as the parser alone, in the same order, however the bytes are cut', () => {
    fc.assert(
      fc.property(packets, fc.array(fc.nat(), { maxLength: 8 }), (list, places) => {
        const chunks = cut(Buffer.concat(list.map(bytesOf)), places);
        expect(read(chunks, true).out).toEqual(read(chunks, false).out);
      }),
    );
  });

  it('takes what is whole, of QoS 1, not retained and to the usual topic, and nothing while it may not', () => {
    const usual: Publication = {
      topic: TOPIC,
      payload: Buffer.from('{}'),
      qos: 1,
      retain: false,
      dup: false,
      messageId: 7,
    };
    const list: Publication[] = [
      usual,
      { ...usual, dup: true },
      { ...usual, qos: 0 },
      { ...usual, retain: true },
      { ...usual, topic: 'dt/compressor-7/event' },
    ];
    // After a packet that goes the long way the rest of the chunk does too.
    expect(read(list.map(bytesOf), true).short).toBe(2);
    expect(read([Buffer.concat(list.map(bytesOf))], true).short).toBe(2);
    expect(read(list.map(bytesOf), false).short).toBe(0);
    const [first = Buffer.alloc(0)] = list.map(bytesOf);
    expect(read([first.subarray(0, 9), first.subarray(9)], true).short).toBe(0);
  });

  it('keeps the order when what comes next is handed over while a packet is taken', () => {
    const parser = makeParser() as unknown as RestingParser;
    const chunk = (...ids: number[]): Buffer =>
      Buffer.concat(
        ids.map((messageId) =>
          bytesOf({ topic: TOPIC, payload: Buffer.from('{}'), qos: 1, retain: false, dup: false, messageId }),
        ),
      );
    const later = [chunk(4, 5), chunk(6)];
    const taken: number[] = [];
    takePublishes(
      parser,
      () => usualTopic(TOPIC),
      (_topic, _payload, messageId) => {
        taken.push(messageId);
        const next = later.shift();
        if (next) parser.parse(next);
      },
    );
    parser.parse(chunk(1, 2, 3));
    expect(taken).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
