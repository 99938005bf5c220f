import { Decimal } from './decimal.js';
import { DomainError } from './errors.js';

/** A decimal with its UCUM unit ("m3", "h", "s", "L"). Sums need the same unit; conversion is explicit. */
export class Quantity {
  private constructor(
    readonly value: Decimal,
    readonly unit: string,
  ) {}

  static of(value: Decimal | string | number | bigint, unit: string): Quantity {
    const decimal = new Decimal(value.toString());
    if (!decimal.isFinite()) throw new DomainError('INTERNAL', `a quantity of ${unit} must be finite, not ${value}`);
    return new Quantity(decimal, unit);
  }

  static zero(unit: string): Quantity {
    return Quantity.of(0, unit);
  }

  plus(other: Quantity): Quantity {
    if (other.unit !== this.unit)
      throw new DomainError('INTERNAL', `quantities in ${this.unit} and ${other.unit} cannot be added`);
    return new Quantity(this.value.plus(other.value), this.unit);
  }

  /** Exact conversion between the units we know; throws for units of different kind. */
  in(unit: string): Quantity {
    if (unit === this.unit) return this;
    const { times, by } = conversion(this.unit, unit);
    return new Quantity(this.value.times(times).div(by), unit);
  }

  toString(): string {
    return this.value.toFixed();
  }
}

/** UCUM codes by the quantity they measure; factors to the first unit of each kind are exact. */
const unitFactors: ReadonlyMap<string, { readonly kind: string; readonly factor: string }> = new Map([
  ['ms', { kind: 'time', factor: '0.001' }],
  ['s', { kind: 'time', factor: '1' }],
  ['min', { kind: 'time', factor: '60' }],
  ['h', { kind: 'time', factor: '3600' }],
  ['d', { kind: 'time', factor: '86400' }],
  ['L', { kind: 'volume', factor: '0.001' }],
  ['m3', { kind: 'volume', factor: '1' }],
  ['W.h', { kind: 'energy', factor: '1' }],
  ['kW.h', { kind: 'energy', factor: '1000' }],
  ['MW.h', { kind: 'energy', factor: '1000000' }],
]);

/** Whether an amount in `from` can be billed in `to`. */
export const convertible = (from: string, to: string): boolean =>
  from === to || (unitFactors.has(from) && unitFactors.get(from)?.kind === unitFactors.get(to)?.kind);

/**
 * A quantity in `from` is `times / by` as many `to`. Kept apart so that a caller can multiply first and divide once:
 * a third of an hour has no last decimal. `by` depends on `to` alone, so amounts from several units add up before it.
 */
export function conversion(from: string, to: string): { readonly times: Decimal; readonly by: Decimal } {
  const [source, target] = [unitFactors.get(from), unitFactors.get(to)];
  if (from === to && !source) return { times: new Decimal(1), by: new Decimal(1) };
  if (!source || !target || source.kind !== target.kind)
    throw new DomainError('INTERNAL', `${from} cannot be converted to ${to}`);
  return { times: new Decimal(source.factor), by: new Decimal(target.factor) };
}
