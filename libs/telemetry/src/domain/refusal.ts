/** Why a message was set aside instead of stored. */
export const refusalReasons = [
  'malformed_json',
  'malformed_cbor',
  'malformed_senml',
  'too_large',
  'too_many',
  'too_deep',
  'not_an_object',
  'forbidden_key',
  'unknown_field',
  'bad_identity',
  'bad_time',
  'unknown_metric',
  'wrong_type',
  'wrong_unit',
  'out_of_range',
  'no_schema',
  'identity_conflict',
  'device_quarantined',
  'bad_event',
  'unknown_topic',
  'not_storable',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** What was refused, and by which rule; `rule` is for people and names field, value and limit. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly rule: string;
  readonly boot?: number;
  readonly seq?: number;
}
