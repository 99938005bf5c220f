import { Decimal, DomainError, type Interval, Money } from '@throughline/kernel';

/** Stripe's limit of lines on one invoice. */
export const MOST_LINES = 250;
/** Stripe's limit of a line's description. */
const LONGEST_TEXT = 500;

/** Amounts from here on are not kept: they come from a counter or a price that is broken. */
const UNBOOKABLE = new Decimal('1e16');

/** Throws STATE_CONFLICT that names every line, or the total, whose amount is too large to be booked. */
export function mustBeBookable(lines: readonly { chargeKey: string; amount: Money }[], currency: string): void {
  const total = lines.reduce((sum, line) => sum.plus(line.amount), Money.zero(currency));
  const faults = [...lines, { chargeKey: 'total', amount: total }]
    .filter(({ amount }) => amount.amount.abs().gte(UNBOOKABLE))
    .map(({ chargeKey, amount }) => ({ field: chargeKey, value: amount.toString(), rule: 'must be below 10^16' }));
  if (faults.length === 0) return;
  const [{ field, value } = { field: '', value: '' }] = faults;
  throw new DomainError(
    'STATE_CONFLICT',
    `${field}: ${value} ${currency} is too much to be booked: below 10^16`,
    faults,
  );
}

/** A statement's line as it is booked. */
export interface InvoicedLine {
  readonly id: string;
  readonly chargeKey: string;
  readonly description: string;
  readonly amount: Money;
  readonly period: Interval;
}

/** A line for the invoice. */
export interface InvoiceLine {
  /** Id of the statement's line, or of the first one it sums up: the same statement always gives the same ids. */
  readonly lineId: string;
  readonly description: string;
  readonly amount: Money;
  readonly period: Interval;
}

/**
 * What goes on the invoice: each line of the statement, or, where these are more than an invoice takes, one line for each
 * charge and period with their sum. The sum of all is the statement's total either way; the statement keeps every line.
 * Throws STATE_CONFLICT when even the summed lines are too many.
 */
export function invoiceLines(lines: readonly InvoicedLine[], most = MOST_LINES): InvoiceLine[] {
  if (lines.length <= most) return lines.map((line) => toInvoice(line, line.amount, line.description));
  const groups = [...Map.groupBy(lines, (l) => `${l.chargeKey} ${l.period.from} ${l.period.to}`).values()];
  if (groups.length > most)
    throw new DomainError(
      'STATE_CONFLICT',
      `the statement has ${groups.length} charges and periods; an invoice takes ${most} lines`,
    );
  return groups.flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const sum = group.reduce((total, line) => total.plus(line.amount), Money.zero(first.amount.currency));
    const more = group.length === 1 ? '' : ` (and ${group.length - 1} more, see the statement)`;
    return [toInvoice(first, sum, first.description, more)];
  });
}

const toInvoice = (line: InvoicedLine, amount: Money, text: string, more = ''): InvoiceLine => ({
  lineId: line.id,
  description: `${cut(text, LONGEST_TEXT - more.length)}${more}`,
  amount,
  period: line.period,
});

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
