import { decode, type TagDecoder } from 'cborg';
import type { Decoded } from './decoded.js';

/** RFC 8949, 3.4.1 and 3.4.2: a time as text, and in seconds since the epoch. */
const times: Record<number, TagDecoder> = {
  0: (text) => text(),
  1: (seconds) => {
    const value = seconds();
    return typeof value === 'number' ? Math.round(value * 1_000) : value;
  },
};

/**
 * A CBOR payload's value (RFC 8949), or why it is none. Whole numbers are those that JavaScript can hold. Maps become objects and have
 * texts as keys, or `Map`s with any. Never throws.
 */
export function readCbor(payload: Buffer, maps: 'objects' | 'maps'): Decoded {
  try {
    return {
      value: decode(payload, {
        useMaps: maps === 'maps',
        allowBigInt: false,
        rejectDuplicateMapKeys: true,
        tags: times,
      }),
    };
  } catch (error) {
    // The decoder throws errors of many kinds for what it cannot read (and the stack's end for a depth bomb), and for nothing else.
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'not CBOR';
    return { refusal: { reason: 'malformed_cbor', rule: `must be CBOR: ${detail}` } };
  }
}
