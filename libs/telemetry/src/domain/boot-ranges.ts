/** Ranges kept above the prefix; more than this many holes are not tracked in memory but read again when needed. */
const MAX_RANGES = 1_000;

/**
 * Which sequence numbers of one boot are stored: a prefix 1…contiguous without holes, and ranges above it.
 * The order in which numbers come, and their repetition, change nothing.
 */
export class BootRanges {
  private contiguousSeq: number;
  private highestSeq: number;
  /** The highest number handed out as new. */
  private claimedSeq = 0;
  /** Sorted, disjoint, not touching: [from, to] pairs above the prefix. */
  private ranges: [number, number][] = [];
  /** Start of the lowest range that was dropped for want of memory. */
  private forgottenFrom = Number.POSITIVE_INFINITY;

  constructor(contiguous = 0, highest = contiguous) {
    this.contiguousSeq = contiguous;
    this.highestSeq = Math.max(contiguous, highest);
  }

  get contiguous(): number {
    return this.contiguousSeq;
  }

  get highest(): number {
    return this.highestSeq;
  }

  /** The prefix has reached a range that was dropped for want of memory: only the stored messages know how far it goes. */
  get incomplete(): boolean {
    return this.contiguousSeq + 1 >= this.forgottenFrom;
  }

  /**
   * Whether a number is above all that are stored or were claimed before, as nearly every one is. It counts as claimed from
   * now on; who claims it may take it for new, as far as this memory reaches.
   */
  claim(seq: number): boolean {
    if (seq <= this.claimedSeq || seq <= this.highestSeq) return false;
    this.claimedSeq = seq;
    return true;
  }

  add(seq: number): void {
    this.addRange(seq, seq);
  }

  addRange(from: number, to: number): void {
    if (to > this.highestSeq) this.highestSeq = to;
    if (to <= this.contiguousSeq) return;
    if (from <= this.contiguousSeq + 1) {
      this.contiguousSeq = to;
      this.absorb();
    } else this.insert(from, to);
  }

  private absorb(): void {
    let taken = 0;
    for (const [from, to] of this.ranges) {
      if (from > this.contiguousSeq + 1) break;
      if (to > this.contiguousSeq) this.contiguousSeq = to;
      taken += 1;
    }
    if (taken > 0) this.ranges.splice(0, taken);
  }

  private insert(from: number, to: number): void {
    const { ranges } = this;
    const last = ranges.at(-1);
    // In order after a hole: the common case.
    if (last && from === last[1] + 1) {
      last[1] = to;
      return;
    }
    let start = ranges.findIndex((range) => range[1] >= from - 1);
    if (start < 0) start = ranges.length;
    let end = start;
    let merged: [number, number] = [from, to];
    for (let range = ranges[end]; range && range[0] <= to + 1; range = ranges[end]) {
      merged = [Math.min(merged[0], range[0]), Math.max(merged[1], range[1])];
      end += 1;
    }
    ranges.splice(start, end - start, merged);
    if (ranges.length > MAX_RANGES) this.forgottenFrom = Math.min(this.forgottenFrom, ranges.pop()?.[0] ?? from);
  }
}
