import { Decimal, type Fault } from '@throughline/kernel';

/** Reads unknown input field by field and gathers every fault instead of stopping at the first. */
export class Reading {
  readonly faults: Fault[] = [];

  fault(field: string, value: unknown, rule: string): void {
    this.faults.push({ field, value, rule });
  }

  /** An object without fields that nobody knows; undefined (and a fault) for anything else. */
  object(value: unknown, field: string, known: readonly string[]): Readonly<Record<string, unknown>> | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fault(field || 'terms', value, 'must be an object');
      return undefined;
    }
    const given = Object.fromEntries(Object.entries(value));
    for (const key of Object.keys(given))
      if (!known.includes(key))
        this.fault(at(field, key), given[key], `does not belong here; known are ${known.join(', ')}`);
    return given;
  }

  list(value: unknown, field: string, min: number, max: number): readonly unknown[] {
    if (Array.isArray(value) && value.length >= min && value.length <= max) return value;
    this.fault(field, value, `must be a list of ${min} to ${max}`);
    return [];
  }

  oneOf<T extends string>(value: unknown, field: string, known: readonly T[]): T | undefined {
    const found = known.find((k) => k === value);
    if (found === undefined) this.fault(field, value, `must be ${known.map((k) => `"${k}"`).join(' or ')}`);
    return found;
  }

  text(value: unknown, field: string, max: number): string {
    if (typeof value === 'string' && value.trim() !== '' && value.length <= max && !/\p{Cc}/u.test(value)) return value;
    this.fault(field, value, `must be 1 to ${max} characters without line breaks`);
    return '';
  }

  /** A name as it stands in keys and meters: "base_fee". */
  name(value: unknown, field: string): string {
    if (typeof value === 'string' && /^[a-z][a-z0-9_]{0,79}$/.test(value)) return value;
    this.fault(field, value, 'must be small letters, digits and "_", at most 80, a letter first');
    return '';
  }

  /** A decimal in text, not negative, of at most 12 digits before and 12 after the point; given back as it is written. */
  decimal(value: unknown, field: string): Decimal | undefined {
    if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value))
      this.fault(field, value, 'must be a decimal number in text, such as "12.50"');
    else if (/\.\d{13,}$/.test(value)) this.fault(field, value, 'must have at most 12 decimals');
    else if (/^-?\d{13,}/.test(value)) this.fault(field, value, 'must have at most 12 digits before the point');
    else if (value.startsWith('-') && Number(value) !== 0) this.fault(field, value, 'must not be negative');
    else return new Decimal(value.replace('-', ''));
    return undefined;
  }

  /** A percentage from 0 to 100. */
  percent(value: unknown, field: string): Decimal | undefined {
    const decimal = this.decimal(value, field);
    if (decimal === undefined || decimal.lessThanOrEqualTo(100)) return decimal;
    this.fault(field, value, 'must be from 0 to 100');
    return undefined;
  }
}

export const at = (field: string, key: string): string => (field === '' ? key : `${field}.${key}`);
