import { useSearchParams } from 'react-router';
import type { QuarantineFilter } from '../../api/operations/quarantine.js';

/** What one may look for; each is in the address. */
export const filterKeys = ['thing', 'model', 'reason', 'rule', 'state', 'from', 'to'] as const;
export type FilterKey = (typeof filterKeys)[number];

/** Why something was set aside, as the server names it. */
export const reasons = [
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

export const states = ['set_aside', 'replayed', 'discarded'] as const;
export type SetAsideState = (typeof states)[number];

const isState = (text: string): text is SetAsideState => (states as readonly string[]).includes(text);
/** What a field for day and time holds, in the browser's zone; nothing when it is no time. */
const instant = (text: string): string | null => {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
};

export interface FilterInAddress {
  readonly values: Readonly<Record<FilterKey, string>>;
  readonly state: SetAsideState;
  readonly filter: QuarantineFilter;
  /** Whether something is left out by more than its state. */
  readonly narrows: boolean;
  /** Whether an order may be given for all that it finds. */
  readonly mayOrder: boolean;
  set(changes: Partial<Record<FilterKey | 'tab', string>>): void;
}

export function useQuarantineFilter(): FilterInAddress {
  const [search, setSearch] = useSearchParams();
  const values = Object.fromEntries(filterKeys.map((key) => [key, search.get(key) ?? ''])) as Record<FilterKey, string>;
  const state = isState(values.state) ? values.state : 'set_aside';
  const [from, to] = [instant(values.from), instant(values.to)];
  const filter: QuarantineFilter = {
    thingName: values.thing || null,
    modelId: values.model || null,
    reason: values.reason || null,
    ruleKind: values.rule || null,
    state,
    from,
    to,
  };
  const { thing, model, reason } = values;
  const mayOrder = [thing, model, reason, from, to].some(Boolean);
  return {
    values,
    state,
    filter,
    narrows: mayOrder || values.rule !== '',
    mayOrder,
    set: (changes) =>
      setSearch(
        (current) => {
          const next = new URLSearchParams(current);
          for (const [key, value] of Object.entries(changes)) value ? next.set(key, value) : next.delete(key);
          return next;
        },
        { replace: true, preventScrollReset: true },
      ),
  };
}
