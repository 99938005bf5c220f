import { type Currency, DomainError, Money } from '@throughline/kernel';
import { creditLines } from './credits.js';
import { recurringLine } from './recurring.js';
import { type Stay, secondsOf, staysOf } from './stays.js';
import type { RatedLine, RatingInput } from './types.js';
import { usageLines } from './usage.js';

/**
 * What a contract owes for a period: a pure function of terms, usage windows and timelines. Lines stand in the order of
 * the terms' charges, then guarantees, and within one by asset label; the order of the input never matters. Each line is
 * rounded once, half-up, to the currency's minor unit; a statement's total is the sum of its rounded lines (`lineSum`).
 * No asset under contract in the period: no lines.
 */
export function rate(input: RatingInput): RatedLine[] {
  if (secondsOf(input.period) < 1)
    throw new DomainError('INTERNAL', 'a period to be rated must last at least one second');
  const stays = staysOf(input);
  if (stays.length === 0) return [];
  return [
    ...input.terms.charges.flatMap((charge) => chargeLines(charge, stays, input)),
    ...input.terms.guarantees.flatMap((guarantee) => creditLines(guarantee, stays, input)),
  ];
}

const chargeLines = (
  charge: RatingInput['terms']['charges'][number],
  stays: readonly Stay[],
  input: RatingInput,
): RatedLine[] =>
  charge.kind === 'recurring' ? [recurringLine(charge, stays, input)] : usageLines(charge, stays, input);

/**
 * The total of rounded lines. Without lines the currency cannot be read from them and must be given.
 * Lines of two currencies are a bug (INTERNAL).
 */
export function lineSum(lines: readonly Pick<RatedLine, 'amount'>[], currency?: Currency): Money {
  const known = currency ?? lines[0]?.amount.currency;
  if (known === undefined) throw new DomainError('INTERNAL', 'the total of no lines needs a currency');
  return lines.reduce((total, line) => total.plus(line.amount), Money.zero(known));
}
