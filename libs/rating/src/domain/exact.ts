import { type Currency, Decimal, Money, payableDigits, sum } from '@throughline/kernel';
import type { ExplanationStep } from './types.js';

/** A step whose amount is `numerator` over the line's one denominator. */
export interface Term extends Omit<ExplanationStep, 'amount'> {
  readonly numerator: Decimal;
}

/** Decimals an exact amount may have before it counts as endless (a third of an hour's price). */
const MAX_EXACT_DECIMALS = 30;
/** Decimals that are written of an endless number, and the most a line's quantity keeps (as it is stored). */
const WRITTEN_DECIMALS = 12;

/** An exact number as text; one without a last decimal is written with 12 decimals. */
export const written = (value: Decimal): string => writable(value).toFixed();

const writable = (value: Decimal): Decimal =>
  value.decimalPlaces() <= MAX_EXACT_DECIMALS ? value : value.toDecimalPlaces(WRITTEN_DECIMALS);

/** A quantity as a line carries it: at most 12 decimals. Amounts are computed from the exact quantity, never from this one. */
export const lineQuantity = (value: Decimal): Decimal => value.toDecimalPlaces(WRITTEN_DECIMALS);

/** The exact total of terms over one denominator. Divided once, so that half a cent is half a cent. */
export const totalOf = (terms: readonly Term[], denominator: Decimal): Decimal =>
  sum(terms.map((t) => t.numerator)).div(denominator);

/**
 * The line's amount, rounded once, and its steps. The steps' amounts add up to the line's amount exactly; those before
 * the rounding step add up to the amount before rounding. Where that has no last decimal, its 12-decimal form stands
 * in the steps (the last term takes what the others' forms leave), while the rounding itself is decided on the exact value.
 */
export function addUp(
  terms: readonly Term[],
  denominator: Decimal,
  currency: Currency,
): { readonly amount: Money; readonly steps: readonly ExplanationStep[] } {
  const exact = totalOf(terms, denominator);
  const amount = Money.of(exact, currency).rounded();
  const before = writable(exact);
  let left = before;
  const steps: ExplanationStep[] = terms.map(({ numerator, ...step }, index) => {
    const own = index === terms.length - 1 ? left : writable(numerator.div(denominator));
    left = left.minus(own);
    return { ...step, amount: moneyText(own, currency) };
  });
  if (!before.equals(amount.amount)) steps.push(roundingStep(before, amount));
  return { amount, steps };
}

/** The step that says what rounding did. */
export function roundingStep(before: Decimal, rounded: Money): ExplanationStep {
  const unit = moneyText(new Decimal(10).pow(-payableDigits(rounded.currency)), rounded.currency);
  return {
    text: `Rounded half up to ${unit} ${rounded.currency}`,
    amount: moneyText(rounded.amount.minus(before), rounded.currency),
  };
}

/** At least the currency's own decimals: "450.00", "0.0115". */
export const moneyText = (amount: Decimal, currency: Currency): string =>
  Money.of(amount.isZero() ? amount.abs() : amount, currency).toString();
