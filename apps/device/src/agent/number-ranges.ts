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

/** The numbers of `ranges` that are not in `taken`, merged. */
export function without(ranges: readonly NumberRange[], taken: readonly NumberRange[]): NumberRange[] {
  const left: NumberRange[] = [];
  const holes = merged(taken);
  let first = 0;
  for (const [from, to] of merged(ranges)) {
    let start = from;
    while ((holes[first]?.[1] ?? to) < from) first += 1;
    for (let i = first; ; i += 1) {
      const hole = holes[i];
      if (!hole || hole[0] > to) break;
      if (hole[0] > start) left.push([start, hole[0] - 1]);
      start = hole[1] + 1;
    }
    if (start <= to) left.push([start, to]);
  }
  return left;
}
