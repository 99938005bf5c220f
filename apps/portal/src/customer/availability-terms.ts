import type { AssetContract, Availability } from '../api/operations/assets.js';
import type { Category } from '../api/operations/live.js';

export type TermName = Category | 'outside' | 'unknownExcluded' | 'degradedLoss' | 'unknownDown';

export interface Term {
  readonly name: TermName;
  readonly minutes: number;
}

/** Total − outside − excluded = measured; measured − down = up. Whole minutes that add up as shown. */
export interface AvailabilityTerms {
  readonly total: number;
  readonly outside: number;
  readonly excluded: readonly Term[];
  readonly measured: number;
  readonly down: readonly Term[];
  readonly up: number;
}

type Definition = NonNullable<AssetContract>['terms']['guarantees'][number]['definition'];

const minuteMs = 60_000;
const usuallyExcluded = ['planned_maintenance', 'customer_caused', 'utility', 'force_majeure'] as const;

/** Whole minutes for parts of a whole so that the parts sum to the rounded whole: largest remainder. */
export function wholeMinutes(totalMs: number, partsMs: readonly number[]): number[] {
  const target = Math.round(totalMs / minuteMs);
  const floors = partsMs.map((ms) => Math.floor(ms / minuteMs));
  let left = target - floors.reduce((a, b) => a + b, 0);
  const order = partsMs
    .map((ms, index) => ({ index, rest: ms / minuteMs - Math.floor(ms / minuteMs) }))
    .sort((a, b) => b.rest - a.rest);
  for (const { index } of order) {
    if (left <= 0) break;
    floors[index] = (floors[index] ?? 0) + 1;
    left -= 1;
  }
  return floors;
}

/**
 * Terms of an availability figure. What the categories alone do not explain of the excluded or down time is unknown
 * time under the contract's rule, or the lost share of degraded time.
 */
export function termsOf(figure: Availability, definition: Definition | undefined): AvailabilityTerms {
  const by = new Map(figure.byCategory.map(({ category, ms }) => [category, ms]));
  const candidates = (definition?.excluded ?? usuallyExcluded).map((name) => ({
    name: name as TermName,
    ms: by.get(name) ?? 0,
  }));
  const sumOf = (terms: readonly { ms: number }[]) => terms.reduce((sum, term) => sum + term.ms, 0);
  // Who may not read the contract sees the usual categories named as far as they explain the figure.
  const excludedBy = definition || sumOf(candidates) <= figure.excludedMs ? candidates : [];
  const known = sumOf(excludedBy);
  const counted = figure.excludedMs > 0 ? excludedBy : [];
  const excluded = [
    ...counted,
    { name: 'unknownExcluded' as const, ms: Math.max(0, figure.excludedMs - (figure.excludedMs > 0 ? known : 0)) },
  ];
  const downMs = Number(figure.downMs);
  const downBy = (definition?.down ?? ['vendor_down' as const]).map((name) => ({
    name: name as TermName,
    ms: by.get(name) ?? 0,
  }));
  const rest = Math.max(0, downMs - downBy.reduce((sum, term) => sum + term.ms, 0));
  const fromDegraded =
    (by.get('degraded') ?? 0) > 0 && !(definition?.unknownMode === 'down' && figure.unknownMs > rest);
  const down = [...downBy, { name: fromDegraded ? ('degradedLoss' as const) : ('unknownDown' as const), ms: rest }];

  const [outside = 0, ...others] = wholeMinutes(figure.totalMs, [
    figure.notMeasuredMs,
    ...excluded.map((term) => term.ms),
    figure.measuredMs,
  ]);
  const measured = others.pop() ?? 0;
  const parts = wholeMinutes(measured * minuteMs, [
    ...down.map((term) => term.ms),
    Math.max(0, figure.measuredMs - downMs),
  ]);
  const up = parts.pop() ?? 0;
  const named = (terms: readonly { name: TermName; ms: number }[], minutes: readonly number[]) =>
    terms.map((term, index) => ({ name: term.name, minutes: minutes[index] ?? 0 })).filter((term) => term.minutes > 0);
  return {
    total: Math.round(figure.totalMs / minuteMs),
    outside,
    excluded: named(excluded, others),
    measured,
    down: named(down, parts),
    up,
  };
}
