import { type Currency, Decimal, DomainError, Money, minorUnitDigits } from '@throughline/kernel';

/**
 * Currencies without a minor unit that Stripe still takes as hundredths, which must be `00`: 5 ISK are sent as 500
 * (https://docs.stripe.com/currencies#special-cases).
 */
const SENT_AS_HUNDREDTHS: ReadonlySet<Currency> = new Set(['ISK', 'UGX']);

const stripeDigits = (currency: Currency): number => (SENT_AS_HUNDREDTHS.has(currency) ? 2 : minorUnitDigits(currency));

/**
 * An amount as Stripe's integer. INTERNAL for one that cannot be paid as it is (a fraction of a króna, a fils that is no ten)
 * or that a number cannot hold: Stripe would refuse it, or take another one.
 */
export function toStripe(amount: Money): number {
  const units = Number(amount.amount.times(new Decimal(10).pow(stripeDigits(amount.currency))).toFixed());
  if (!amount.equals(amount.rounded()) || !Number.isSafeInteger(units))
    throw new DomainError('INTERNAL', `${amount} ${amount.currency} cannot be paid through Stripe as it is`);
  return units;
}

/** Stripe's integer as an amount; `currency` as Stripe writes it. */
export function fromStripe(units: number, currency: string): Money {
  const code = currency.toUpperCase();
  return Money.of(new Decimal(units).div(new Decimal(10).pow(stripeDigits(code))), code);
}
