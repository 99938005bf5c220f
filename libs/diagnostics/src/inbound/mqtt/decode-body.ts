import { decode } from 'cborg';
import type { Refusal } from '../../domain/answer.js';
import type { AnswerFormat } from '../../domain/topics.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The value of a payload, or why it is none. */
export function decodeBody(payload: Buffer, format: AnswerFormat): { value: unknown } | { refused: Refusal } {
  try {
    return {
      value: format === 'cbor' ? decode(payload, { useMaps: false }) : (JSON.parse(utf8.decode(payload)) as unknown),
    };
  } catch (error) {
    // Both decoders throw errors of many kinds for what they cannot read, and for nothing else.
    const why = error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
    const what = format === 'cbor' ? 'CBOR' : 'JSON in UTF-8';
    return { refused: { code: 'InvalidJson', message: `the payload must be ${what}: ${why}` } };
  }
}
