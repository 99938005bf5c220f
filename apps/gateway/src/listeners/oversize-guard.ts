/** The parser of mqtt-packet 9, as far as this file reaches into it. */
export interface PacketParser {
  packet: { cmd?: string; qos: number; retain: boolean; length: number };
  _list: { readonly length: number; slice(start: number, end: number): Buffer };
  parse(chunk: Buffer): number;
  _resetState(): void;
}

export interface OversizedPacket {
  readonly topic: string;
  /** First bytes of the payload. */
  readonly head: Buffer;
  readonly payloadBytes: number;
  readonly retain: boolean;
  /** Undefined with QoS 0: nobody waits for an acknowledgement. */
  readonly messageId: number | undefined;
}

const MAX_TOPIC_BYTES = 1_024;

/**
 * Keeps packets that are too large out of memory. The parser collects a packet until it is whole, whatever its size; this
 * looks at the declared size first and lets the bytes of a large one pass by. `oversized` is called when it has passed,
 * `refuse` when it cannot be passed over (too large altogether, or no publish).
 */
export function guardSize(
  parser: PacketParser,
  limits: { readonly packet: number; readonly discard: number; readonly head: number },
  oversized: (packet: OversizedPacket) => void,
  refuse: (reason: string) => void,
): void {
  const parse = parser.parse.bind(parser);
  let toSkip = 0;
  let skipped: OversizedPacket | undefined;
  parser.parse = (chunk) => {
    let rest = chunk;
    if (toSkip > 0) {
      const passed = Math.min(toSkip, rest.length);
      toSkip -= passed;
      rest = rest.subarray(passed);
      if (toSkip > 0) return 0;
      if (skipped) oversized(skipped);
      skipped = undefined;
      if (rest.length === 0) return 0;
    }
    const waiting = parse(rest);
    const { packet } = parser;
    if (packet.length <= limits.packet || waiting === 0) return waiting;
    if (packet.cmd !== 'publish' || packet.length > limits.discard) {
      refuse(`a packet of ${packet.length} bytes is too large`);
      return 0;
    }
    const start = readStart(parser, limits.head);
    // Not even the topic is there yet: look again with the next chunk.
    if (start === undefined) return waiting;
    if (start === 'bad') {
      refuse('a packet has no readable topic');
      return 0;
    }
    skipped = start;
    toSkip = packet.length - waiting;
    parser._resetState();
    return 0;
  };
}

function readStart({ packet, _list: list }: PacketParser, headBytes: number): OversizedPacket | 'bad' | undefined {
  if (list.length < 2) return undefined;
  const topicBytes = list.slice(0, 2).readUInt16BE(0);
  if (topicBytes === 0 || topicBytes > MAX_TOPIC_BYTES) return 'bad';
  const payloadAt = 2 + topicBytes + (packet.qos > 0 ? 2 : 0);
  if (list.length < payloadAt) return undefined;
  return {
    topic: list.slice(2, 2 + topicBytes).toString('utf8'),
    head: Buffer.from(list.slice(payloadAt, Math.min(list.length, payloadAt + headBytes))),
    payloadBytes: packet.length - payloadAt,
    retain: packet.retain,
    messageId: packet.qos > 0 ? list.slice(payloadAt - 2, payloadAt).readUInt16BE(0) : undefined,
  };
}
