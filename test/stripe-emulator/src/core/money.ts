import Stripe from 'stripe';
import type { PriceRow } from './rows.js';

const D = Stripe.Decimal;

/** Amount of a line in minor units: unit amount × quantity, rounded once, half up (ties away from zero). */
export const lineAmount = (unitAmountDecimal: string, quantity: string | number): number =>
  Number(D.from(unitAmountDecimal).mul(D.from(quantity)).toFixed(0, 'half-up')) + 0;

/** Whole minor units where the decimal is whole, else null: how Stripe fills `unit_amount` beside `unit_amount_decimal`. */
export const wholeOrNull = (decimal: string): number | null => {
  const number = Number(D.from(decimal).toString());
  return Number.isInteger(number) ? number : null;
};

/** The integer part of a decimal quantity. */
export const truncated = (quantity: string): number => Number(D.from(quantity).toFixed(0, 'round-down')) + 0;

export const canonical = (decimal: string): string => D.from(decimal).toString();

/** One invoice line's worth of a price: unit and quantity as decimal text, amount in minor units. */
export interface Priced {
  unit: string;
  quantity: string;
  amount: number;
  label: string;
}

/** Prices a quantity: per unit, graduated (a line for each tier used and each flat fee) or volume. */
export function priced(price: PriceRow, quantity: string): Priced[] {
  let billed = quantity;
  const transform = price.transform_quantity;
  if (transform) {
    billed = D.from(quantity)
      .div(D.from(transform.divide_by), 34, 'half-even')
      .toFixed(0, transform.round === 'up' ? 'ceil' : 'floor');
  }
  if (price.billing_scheme === 'per_unit') {
    const unit = price.unit_amount_decimal ?? '0';
    return [{ unit, quantity: billed, amount: lineAmount(unit, billed), label: '' }];
  }
  return price.tiers_mode === 'volume' ? volume(price, billed) : graduated(price, billed);
}

function tierLines(tier: PriceRow['_tiers'][number], quantity: string, label: string): Priced[] {
  const lines: Priced[] = [];
  if (tier.unit_amount_decimal !== null) {
    lines.push({
      unit: tier.unit_amount_decimal,
      quantity,
      amount: lineAmount(tier.unit_amount_decimal, quantity),
      label,
    });
  }
  if (tier.flat_amount_decimal !== null) {
    const flat = tier.flat_amount_decimal;
    lines.push({ unit: flat, quantity: '1', amount: lineAmount(flat, 1), label: `${label} flat fee` });
  }
  return lines;
}

function volume(price: PriceRow, quantity: string): Priced[] {
  const tier = price._tiers.find((one) => one.up_to === null || D.from(quantity).lte(D.from(one.up_to)));
  return tier ? tierLines(tier, quantity, ` (${tier.up_to === null ? 'all units' : `up to ${tier.up_to}`})`) : [];
}

function graduated(price: PriceRow, quantity: string): Priced[] {
  const total = D.from(quantity);
  let below = D.zero;
  return price._tiers.flatMap((tier, i) => {
    const top = tier.up_to === null || total.lt(D.from(tier.up_to)) ? total : D.from(tier.up_to);
    const used = top.sub(below);
    if (i > 0 && !used.isPositive()) return [];
    below = top;
    return tierLines(tier, used.toString(), ` (Tier ${i + 1})`);
  });
}
