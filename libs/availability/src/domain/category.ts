/**
 * The category of an instant, strongest first (priority order after IEC TS 61400-26-1: every instant has exactly one).
 */
export const categories = [
  'not_contracted',
  'force_majeure',
  'planned_maintenance',
  'customer_caused',
  'utility',
  'vendor_down',
  'degraded',
  'producing',
  'ready',
  'unknown',
] as const;

export type Category = (typeof categories)[number];

export const isCategory = (text: unknown): text is Category => categories.some((c) => c === text);

/** Identity of a message an interval rests on; `ts` in ms since the epoch. */
export interface MessageRef {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
  readonly ts: number;
}

export interface Evidence {
  readonly first?: MessageRef;
  readonly last?: MessageRef;
  /** How many messages lie in the interval. */
  readonly messages: number;
  /** Id of the presence interval it rests on. */
  readonly presence?: string;
}

/** [from, to) of one asset in one category; ms since the epoch. */
export interface TimelineInterval {
  readonly from: number;
  readonly to: number;
  readonly category: Category;
  /** Of `degraded`: the share of capability left, a decimal in text from "0" to "1". */
  readonly fraction?: string;
  readonly source: string;
  /** State's name or the reason, for people: "loaded", "no message for 3 min". */
  readonly detail: string;
  readonly evidence: Evidence;
}
