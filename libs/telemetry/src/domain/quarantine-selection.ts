import { type Fault, invalid, isId } from '@throughline/kernel';
import { type RefusalReason, refusalReasons } from './refusal.js';
import type { SetAsideState } from './set-aside.js';

/** Messages named by their ids in one order. */
export const MAX_NAMED = 1_000;
/** Characters of the reason for discarding. */
export const MAX_REASON = 500;

/** Which set-aside messages; what is not given does not narrow. */
export interface QuarantineFilter {
  /** Whole, or a beginning that ends with `*`. */
  readonly thingName?: string | undefined;
  readonly modelId?: string | undefined;
  readonly reason?: RefusalReason | undefined;
  /** See `ruleKind`. */
  readonly ruleKind?: string | undefined;
  readonly state?: SetAsideState | undefined;
  /** Received in [from, to). */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** What an order is for: named messages, or all that a filter finds at its time. Kept as JSON. */
export interface QuarantineSelection {
  readonly ids?: readonly string[] | undefined;
  readonly filter?: QuarantineFilter | undefined;
}

/** Throws INVALID_INPUT with every fault. */
export function checkFilter({ modelId, reason, from, to }: QuarantineFilter): void {
  const faults: Fault[] = [];
  if (modelId !== undefined && !isId(modelId)) faults.push({ field: 'modelId', value: modelId, rule: 'must be an id' });
  if (reason !== undefined && !refusalReasons.includes(reason))
    faults.push({ field: 'reason', value: reason, rule: `must be one of ${refusalReasons.join(', ')}` });
  if (from && to && from >= to) faults.push({ field: 'from', value: from, rule: 'must be before to' });
  if (faults.length > 0) throw invalid(...faults);
}

/** Throws INVALID_INPUT unless ids or a filter that narrows something is given: "all there is" is not said by leaving out. */
export function checkSelection({ ids, filter }: QuarantineSelection): void {
  if ((ids === undefined) === (filter === undefined))
    throw invalid({ field: 'ids', value: ids, rule: 'must be given, or else a filter' });
  if (ids !== undefined) {
    if (ids.length === 0 || ids.length > MAX_NAMED)
      throw invalid({ field: 'ids', value: ids.length, rule: `must be 1 to ${MAX_NAMED} ids` });
    const wrong = ids.find((id) => !isId(id));
    if (wrong !== undefined) throw invalid({ field: 'ids', value: wrong, rule: 'must be an id' });
    return;
  }
  if (filter === undefined) return;
  checkFilter(filter);
  const { thingName, modelId, reason, from, to } = filter;
  if ([thingName, modelId, reason, from, to].every((part) => part === undefined))
    throw invalid({ field: 'filter', value: filter, rule: 'must name a thing, a model, a reason or a time' });
}

/** As text for the database, which JSON with dates is not read back from by itself. */
export const storedSelection = ({ ids, filter }: QuarantineSelection): Record<string, unknown> =>
  JSON.parse(JSON.stringify({ ids, filter })) as Record<string, unknown>;

export function readSelection(stored: Readonly<Record<string, unknown>>): QuarantineSelection {
  const { ids, filter } = stored as { ids?: string[]; filter?: Record<string, string> };
  if (ids) return { ids };
  const { from, to, ...rest } = filter ?? {};
  return {
    filter: {
      ...(rest as QuarantineFilter),
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    },
  };
}
