/** Whole numbers from the first to the second, both included. */
export type NumberRange = readonly [from: number, to: number];

/** The same numbers as ranges in order that neither overlap nor touch. */
export function merged(ranges: readonly NumberRange[]): NumberRange[] {
  const all: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

/** The numbers of `ranges` that are not in `taken`; each piece lies within one of `ranges`, in their order. */
export function without(ranges: readonly NumberRange[], taken: readonly NumberRange[]): NumberRange[] {
  const holes = merged(taken);
  const left: NumberRange[] = [];
  for (const [from, to] of ranges) {
    let start = from;
    for (let i = firstEndingFrom(holes, from); i < holes.length; i += 1) {
      const [low, high] = holes[i] ?? [0, 0];
      if (low > to) break;
      if (low > start) left.push([start, low - 1]);
      start = high + 1;
    }
    if (start <= to) left.push([start, to]);
  }
  return left;
}

/** The numbers of `ranges` that are at most `limit`. */
export const upTo = (ranges: readonly NumberRange[], limit: number): NumberRange[] =>
  ranges.filter(([from]) => from <= limit).map(([from, to]) => [from, Math.min(to, limit)]);

/** How many numbers ranges that do not overlap hold. */
export const countOf = (ranges: readonly NumberRange[]): number =>
  ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);

/** Place of the first of sorted, disjoint ranges that ends at `at` or later. */
function firstEndingFrom(ranges: readonly NumberRange[], at: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? at) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Numbers in order, each at most once, as ranges. */
export function rangesOf(numbers: readonly number[]): NumberRange[] {
  const all: [number, number][] = [];
  for (const number of numbers) {
    const last = all.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else all.push([number, number]);
  }
  return all;
}
