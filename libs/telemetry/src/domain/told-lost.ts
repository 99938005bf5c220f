import { shown } from '@throughline/kernel';
import { isObject } from './json.js';
import { MAX_BOOT } from './limits.js';
import type { NumberRange } from './number-ranges.js';

/** Type of the event by which a device says that it does not have messages any more. */
export const TELEMETRY_LOST = 'telemetry_lost';
const MAX_RANGES = 100;

/** Numbers of a boot that the device cannot send any more. */
export interface ToldLost {
  readonly boot: number;
  readonly ranges: readonly NumberRange[];
}

/** Why `detail` of such an event says nothing, or undefined. */
export function toldLostFault(detail: unknown): string | undefined {
  if (!isObject(detail)) return `detail: must be an object with boot and ranges (given: ${shown(detail)})`;
  const { boot, ranges } = detail;
  if (!whole(boot, 1, MAX_BOOT))
    return `detail.boot: must be a whole number from 1 to ${MAX_BOOT} (given: ${shown(boot)})`;
  if (!Array.isArray(ranges) || ranges.length === 0 || ranges.length > MAX_RANGES)
    return `detail.ranges: must be 1 to ${MAX_RANGES} pairs [from, to] (given: ${shown(ranges)})`;
  const bad = ranges.find((range) => !isRange(range));
  return bad === undefined
    ? undefined
    : `detail.ranges: must be pairs of whole numbers [from, to], 1 ≤ from ≤ to < 2^53 (given: ${shown(bad)})`;
}

/** Of a detail without fault. */
export const readToldLost = (detail: string): ToldLost => {
  const { boot, ranges } = JSON.parse(detail) as ToldLost;
  return { boot, ranges };
};

const whole = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;

const isRange = (value: unknown): value is NumberRange =>
  Array.isArray(value) &&
  value.length === 2 &&
  whole(value[0], 1, Number.MAX_SAFE_INTEGER) &&
  whole(value[1], value[0], Number.MAX_SAFE_INTEGER);
