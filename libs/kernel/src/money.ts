import { Decimal, parseDecimal, ZERO } from './decimal.js';
import { DomainError, invalid } from './errors.js';

/** Digits of the minor unit by ISO 4217 code: 2 unless listed. MGA has fifths, which nobody charges. */
const minorDigits: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  MGA: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  JOD: 3,
  KWD: 3,
  OMR: 3,
  TND: 3,
};

export type Currency = string;

const knownCurrencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export function parseCurrency(text: unknown, field: string): Currency {
  if (typeof text !== 'string' || !knownCurrencies.has(text))
    throw invalid({ field, value: text, rule: 'must be an ISO 4217 currency of three capital letters, such as "EUR"' });
  return text;
}

/** Decimal places of a currency's minor unit, with which its amounts are written: EUR 2, JPY 0, KWD 3. */
export const minorUnitDigits = (currency: Currency): number => minorDigits[currency] ?? 2;

/** Card networks take no thousandths: https://docs.stripe.com/currencies#three-decimal has 5.124 KWD be 5.120 or 5.130. */
const MOST_PAYABLE_DIGITS = 2;

/** Decimal places an amount can be paid with, to which it is rounded: EUR 2, JPY 0, KWD 2 though it is written with 3. */
export const payableDigits = (currency: Currency): number => Math.min(minorUnitDigits(currency), MOST_PAYABLE_DIGITS);

/** An exact amount in one currency. Immutable; rounding happens only where `rounded` is called. */
export class Money {
  private constructor(
    readonly amount: Decimal,
    readonly currency: Currency,
  ) {}

  static of(amount: Decimal | string, currency: Currency): Money {
    const exact = typeof amount === 'string' ? parseDecimal(amount, 'amount') : amount;
    if (!exact.isFinite()) throw new DomainError('INTERNAL', `an amount must be finite, not ${exact}`);
    return new Money(exact, parseCurrency(currency, 'currency'));
  }

  static zero(currency: Currency): Money {
    return Money.of(ZERO, currency);
  }

  /** From integer minor units (cents), as Stripe speaks. */
  static fromMinor(minor: bigint | number, currency: Currency): Money {
    return Money.of(new Decimal(minor.toString()).div(new Decimal(10).pow(minorUnitDigits(currency))), currency);
  }

  plus(other: Money): Money {
    this.mustMatch(other);
    return new Money(this.amount.plus(other.amount), this.currency);
  }

  minus(other: Money): Money {
    return this.plus(other.negated());
  }

  times(factor: Decimal | string): Money {
    return new Money(this.amount.times(factor), this.currency);
  }

  negated(): Money {
    return new Money(this.amount.negated(), this.currency);
  }

  /** To the smallest amount that can be paid, half away from zero ("half-up" on the amount's size, as invoices do). */
  rounded(): Money {
    return new Money(this.amount.toDecimalPlaces(payableDigits(this.currency), Decimal.ROUND_HALF_UP), this.currency);
  }

  /** Integer minor units; throws when the amount has a finer fraction, because that would lose money silently. */
  toMinor(): bigint {
    const minor = this.amount.times(new Decimal(10).pow(minorUnitDigits(this.currency)));
    if (!minor.isInteger())
      throw new DomainError('INTERNAL', `${this.toString()} has a fraction of a minor unit: round it first`);
    return BigInt(minor.toFixed(0));
  }

  compare(other: Money): number {
    this.mustMatch(other);
    return this.amount.comparedTo(other.amount);
  }

  equals(other: Money): boolean {
    return this.currency === other.currency && this.amount.equals(other.amount);
  }

  isZero(): boolean {
    return this.amount.isZero();
  }

  isNegative(): boolean {
    return this.amount.isNegative() && !this.amount.isZero();
  }

  /** At least the currency's minor digits, more when the amount has them: "12.50", "0.0115". */
  toString(): string {
    return this.amount.toFixed(Math.max(minorUnitDigits(this.currency), this.amount.decimalPlaces()));
  }

  toJSON(): { amount: string; currency: Currency } {
    return { amount: this.toString(), currency: this.currency };
  }

  private mustMatch(other: Money): void {
    if (this.currency !== other.currency)
      throw new DomainError('INTERNAL', `amounts of ${this.currency} and ${other.currency} cannot be combined`);
  }
}

/**
 * Splits a rounded amount over weights so that the parts, each rounded too, add up to it exactly (largest-remainder
 * method; ties go to the earlier part). All-zero weights share equally. An amount that was not rounded is INTERNAL.
 */
export function splitByLargestRemainder(total: Money, weights: readonly Decimal[]): Money[] {
  if (weights.length === 0) return [];
  if (weights.some((w) => w.isNegative())) throw new DomainError('INTERNAL', 'weights of a split must not be negative');
  const weightSum = weights.reduce((a, b) => a.plus(b), ZERO);
  const shares = weightSum.isZero() ? weights.map(() => new Decimal(1)) : [...weights];
  const whole = weightSum.isZero() ? new Decimal(weights.length) : weightSum;
  const unit = new Decimal(10).pow(-payableDigits(total.currency));
  const units = total.amount.div(unit);
  if (!units.isInteger()) throw new DomainError('INTERNAL', `${total} cannot be paid as it is: round it first`);
  const exact = shares.map((w) => units.times(w).div(whole));
  const floors = exact.map((e) => e.floor());
  const left = units.minus(floors.reduce((a, b) => a.plus(b), ZERO)).toNumber();
  const order = exact
    .map((e, i) => ({ i, remainder: e.minus(floors[i] ?? ZERO) }))
    .sort((a, b) => b.remainder.comparedTo(a.remainder) || a.i - b.i);
  const extra = new Set(order.slice(0, left).map((o) => o.i));
  return floors.map((f, i) => Money.of(f.plus(extra.has(i) ? 1 : 0).times(unit), total.currency));
}
