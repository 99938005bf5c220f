import { Decimal as DecimalJs } from 'decimal.js';
import { invalid } from './errors.js';

/**
 * The one decimal type: 60 significant digits, half-up. Wide enough that a sum of a year of readings and a division by
 * 3600 keep more digits than any currency or meter has; no float ever takes part.
 */
export const Decimal = DecimalJs.clone({
  precision: 60,
  rounding: DecimalJs.ROUND_HALF_UP,
  toExpNeg: -40,
  toExpPos: 40,
});
export type Decimal = DecimalJs;

const plainNumber = /^-?\d{1,30}(\.\d{1,20})?$/;

/** Reads a decimal from text such as "12.50"; refuses exponents, NaN, Infinity, blanks. `field` names it in the error. */
export function parseDecimal(text: unknown, field: string): Decimal {
  if (typeof text !== 'string' || !plainNumber.test(text))
    throw invalid({ field, value: text, rule: 'must be a decimal number in text, such as "12.50"' });
  return new Decimal(text);
}

export const ZERO: Decimal = new Decimal(0);

export const sum = (values: Iterable<Decimal>): Decimal => {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
};
