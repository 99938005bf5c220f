import { Decimal, type Interval, Money, ZERO } from '@throughline/kernel';
import type { ExplanationStep, RatedLine } from '@throughline/rating';

/** What is booked for a charge and asset of a period: its statement's line and all corrections of it since. */
export interface BookedLine {
  readonly chargeKey: string;
  readonly kind: 'recurring' | 'usage' | 'credit' | 'correction';
  readonly description: string;
  readonly assetId: string | null;
  readonly meter: string | null;
  readonly quantity: Decimal | null;
  readonly unit: string | null;
  readonly amount: Money;
}

/** A difference to what is booked, stamped with the period it belongs to. */
export interface CorrectionLine {
  readonly chargeKey: string;
  readonly kind: 'correction';
  readonly description: string;
  readonly assetId?: string;
  readonly meter?: string;
  readonly quantity?: Decimal;
  readonly unit?: string;
  readonly quality?: RatedLine['quality'];
  readonly amount: Money;
  readonly period: Interval;
  readonly explanation: readonly ExplanationStep[];
}

/** All lines of one charge and asset together. */
interface Sums {
  readonly chargeKey: string;
  readonly description: string;
  readonly assetId?: string;
  readonly meter?: string;
  readonly unit?: string;
  readonly quality?: RatedLine['quality'];
  readonly quantity: Decimal;
  readonly amount: Money;
}

/**
 * Recompute and diff: what a period is worth now, less what is booked for it. Equal amounts give no line, so doing it again
 * books nothing. Lines are compared by charge and asset; a line that is gone now is taken back whole, and a new one is
 * booked whole.
 */
export function corrections(
  now: readonly RatedLine[],
  booked: readonly BookedLine[],
  period: Interval,
  currency: string,
): CorrectionLine[] {
  const isNow = summed(now);
  const wasBooked = summed(booked);
  return [...new Set([...isNow.keys(), ...wasBooked.keys()])].flatMap((key) => {
    const is = isNow.get(key);
    const was = wasBooked.get(key);
    const about = was ?? is;
    const zero = Money.zero(currency);
    const amount = (is?.amount ?? zero).minus(was?.amount ?? zero);
    return about && !amount.isZero() ? [correction(about, is, was, amount, period)] : [];
  });
}

function correction(
  about: Sums,
  is: Sums | undefined,
  was: Sums | undefined,
  amount: Money,
  period: Interval,
): CorrectionLine {
  const quantity = (is?.quantity ?? ZERO).minus(was?.quantity ?? ZERO);
  const { chargeKey, assetId, meter, unit } = about;
  return {
    chargeKey,
    kind: 'correction',
    description: about.description.startsWith(PREFIX) ? about.description : PREFIX + about.description,
    ...(assetId && { assetId }),
    ...(meter && { meter }),
    ...(unit && !quantity.isZero() && { quantity, unit }),
    ...(is?.quality && { quality: is.quality }),
    amount,
    period,
    explanation: [
      step('Rated anew with all that is known now', about, is, amount.currency),
      step('Booked for this period before, taken off', about, was && negated(was), amount.currency),
    ],
  };
}

/** What tells corrections apart: charge, asset, month and amount. */
type Amounts = Pick<CorrectionLine, 'chargeKey' | 'assetId' | 'period' | 'amount'>;

/** Whether two lists of corrections ask for the same amounts; the order does not matter. */
export function sameCorrections(a: readonly Amounts[], b: readonly Amounts[]): boolean {
  const keys = (lines: readonly Amounts[]): string =>
    JSON.stringify(
      lines.map((l) => [l.chargeKey, l.assetId ?? null, l.period.from, l.amount.amount.toFixed()].join(' ')).sort(),
    );
  return keys(a) === keys(b);
}

const PREFIX = 'Correction: ';

function summed(lines: readonly (RatedLine | BookedLine)[]): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const line of lines) {
    const key = JSON.stringify([line.chargeKey, line.assetId ?? null]);
    const before = sums.get(key);
    const quantity = line.quantity ?? ZERO;
    sums.set(
      key,
      before
        ? { ...before, quantity: before.quantity.plus(quantity), amount: before.amount.plus(line.amount) }
        : {
            chargeKey: line.chargeKey,
            description: line.description,
            assetId: line.assetId ?? undefined,
            meter: line.meter ?? undefined,
            unit: line.unit ?? undefined,
            quality: 'quality' in line ? line.quality : undefined,
            quantity,
            amount: line.amount,
          },
    );
  }
  return sums;
}

const negated = (sums: Sums): Sums => ({ ...sums, quantity: sums.quantity.negated(), amount: sums.amount.negated() });

const step = (text: string, { unit }: Sums, sums: Sums | undefined, currency: string): ExplanationStep => ({
  text,
  ...(sums && unit && { quantity: sums.quantity.toFixed(), unit }),
  amount: (sums?.amount ?? Money.zero(currency)).toString(),
});
