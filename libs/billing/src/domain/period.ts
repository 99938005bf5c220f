import {
  DomainError,
  HOUR_MS,
  hourOf,
  type Interval,
  intersect,
  invalid,
  monthInterval,
  monthOf,
} from '@throughline/kernel';

/** Late messages of the last minutes are waited for before a period is closed by the schedule. */
export const CLOSE_GRACE_MS = 3_600_000;

export interface Billable {
  readonly number: string;
  readonly timeZone: string;
  readonly from: number;
  readonly to: number | null;
}

/** Rating counts whole seconds; less than one is nothing that could be billed. */
const SHORTEST_MS = 1_000;

/** A month of a contract. */
export interface BilledMonth {
  /** The whole calendar month in the contract's zone: what fees are for. */
  readonly period: Interval;
  /** The part of it in which the contract runs. */
  readonly part: Interval;
}

/** Throws INVALID_INPUT when the contract does not run in the month. */
export function billedMonth(contract: Billable, month: string): BilledMonth {
  const period = monthInterval(month, contract.timeZone);
  const part = partOf(contract, period);
  if (!part) throw invalid({ field: 'month', value: month, rule: `must lie within contract ${contract.number}` });
  return { period, part };
}

function partOf(contract: Billable, month: Interval): Interval | undefined {
  const part = intersect(month, { from: contract.from, to: contract.to ?? Number.POSITIVE_INFINITY });
  return part && part.to - part.from >= SHORTEST_MS ? part : undefined;
}

/** When all usage of the part is known: with the hour that its end lies in (a zone's month may end at half past one). */
const overAt = (part: Interval): number => hourOf(part.to + HOUR_MS - 1);

/** Throws STATE_CONFLICT until the contract's part of the month is over. */
export function mustBeOver({ part }: BilledMonth, month: string, now: number): void {
  const over = overAt(part);
  if (over > now)
    throw new DomainError(
      'STATE_CONFLICT',
      `month: ${month} is not over before ${new Date(over).toISOString()}, so it cannot be closed yet`,
      [{ field: 'month', value: month, rule: 'must be over' }],
    );
}

/**
 * Months of a contract that are over since at least the grace time and not closed yet, oldest first. `closed` holds the
 * starts of the months that have a statement.
 */
export function dueMonths(contract: Billable, now: number, closed: ReadonlySet<number>): string[] {
  const due: string[] = [];
  for (let at = contract.from; at < Math.min(contract.to ?? now, now); ) {
    const month = monthOf(at, contract.timeZone);
    const period = monthInterval(month, contract.timeZone);
    const part = partOf(contract, period);
    if (part && overAt(part) + CLOSE_GRACE_MS <= now && !closed.has(period.from)) due.push(month);
    at = period.to;
  }
  return due;
}

/** The month that is running at an instant; before the contract its first month, after it its last. */
export function runningMonth(contract: Billable, now: number): string {
  const last = contract.to === null ? now : Math.min(now, contract.to - 1);
  return monthOf(Math.max(contract.from, last), contract.timeZone);
}

/** "HF-2025-03/2026-10": one statement a contract and month. */
export const statementNumber = (contractNumber: string, month: string): string => `${contractNumber}/${month}`;
