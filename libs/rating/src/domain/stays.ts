import { type Interval, intersect } from '@throughline/kernel';
import type { RatedAsset, RatingInput } from './types.js';

/** One asset's time under the contract within the period. An asset that left and came back has one stay for each. */
export interface Stay {
  readonly asset: RatedAsset;
  readonly interval: Interval;
}

/** In an order that does not depend on the input's: by label, id and begin. */
export function staysOf(input: RatingInput): Stay[] {
  return input.assets
    .flatMap((asset) => {
      const interval = intersect(asset.contracted, input.period);
      return interval ? [{ asset, interval }] : [];
    })
    .sort(
      (a, b) =>
        compareText(a.asset.label, b.asset.label) ||
        compareText(a.asset.assetId, b.asset.assetId) ||
        a.interval.from - b.interval.from,
    );
}

/** Whole seconds of an interval, counted by its bounds, so that adjoining intervals have the seconds of their union. */
export const secondsOf = (i: Interval): number => Math.floor(i.to / 1000) - Math.floor(i.from / 1000);

/** Whether a stay fills the period. */
export const isWhole = (stay: Interval, period: Interval): boolean =>
  stay.from === period.from && stay.to === period.to;

/** Groups in the order of their first member. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

/** Intervals as availability wants them: by begin. */
export const inOrder = <T extends Interval>(intervals: readonly T[]): T[] =>
  [...intervals].sort((a, b) => a.from - b.from);

/** By code point: the same on every machine, whatever its language. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
