import type { RefusalReason } from './refusal.js';
import { placeOf } from './rule-kind.js';

export const setAsideStates = ['set_aside', 'replayed', 'discarded'] as const;
export type SetAsideState = (typeof setAsideStates)[number];

/** A message that was set aside, as a replay needs it. */
export interface SetAside {
  readonly id: string;
  readonly deviceId: string | null;
  readonly thingName: string;
  readonly topic: string;
  /** ms since the epoch */
  readonly receivedAt: number;
  readonly reason: RefusalReason;
  readonly rule: string;
  readonly raw: Buffer;
  readonly bodyHash: string;
}

/** Whether the bytes kept are one element of the array that was sent. Of one nested too deeply the whole payload is kept. */
const isElement = ({ reason, rule }: Pick<SetAside, 'reason' | 'rule'>): boolean =>
  reason !== 'too_deep' && placeOf(rule) !== '';

/**
 * The payload to read again; undefined when it cannot be, because only its start was kept. An element is read as the only one of
 * an array, so that one which is itself an array is refused as it was.
 */
export function payloadAgain(row: Pick<SetAside, 'reason' | 'rule' | 'raw'>): Buffer | undefined {
  if (row.reason === 'too_large') return undefined;
  if (!isElement(row)) return row.raw;
  return Buffer.concat([Buffer.from('['), row.raw, Buffer.from(']')]);
}

/** The rule that is broken now, with the place that the element had in what the device sent. */
export const ruleNow = (row: Pick<SetAside, 'reason' | 'rule'>, rule: string): string =>
  isElement(row) ? `${placeOf(row.rule)}${rule.slice(placeOf(rule).length)}` : rule;

/** The part of a topic after `dt/{thing}/`; the whole topic for any other. */
export const restOfTopic = (topic: string): string => /^dt\/[^/]+\/(.*)$/s.exec(topic)?.[1] ?? topic;
