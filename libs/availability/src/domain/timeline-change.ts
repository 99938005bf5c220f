import type { TimelineInterval } from './category.js';
import { sameKind } from './timeline.js';

/** A stored entry: today's or an earlier belief about a stretch within one UTC hour. */
export interface StoredEntry extends TimelineInterval {
  readonly id: string;
  readonly assetId: string;
}

/** What turns today's belief into the derived one. */
export interface TimelineChange {
  readonly superseded: readonly StoredEntry[];
  readonly added: readonly TimelineInterval[];
  /**
   * Entries that end in the future and only last longer or rest on more messages: they are the open end of the timeline, and
   * at every stored time until now they were believed to go on. Only these are changed in place.
   */
  readonly grown: readonly StoredEntry[];
}

/** Compares what is stored of a range with what is derived for it; both ordered, without overlap. `now` in ms. */
export function timelineChange(
  stored: readonly StoredEntry[],
  derived: readonly TimelineInterval[],
  now: number,
): TimelineChange {
  const wanted = new Map(derived.map((interval) => [interval.from, interval]));
  const superseded: StoredEntry[] = [];
  const grown: StoredEntry[] = [];
  for (const entry of stored) {
    const next = wanted.get(entry.from);
    if (next && sameKind(entry, next)) {
      if (entry.to === next.to && sameEvidence(entry, next)) {
        wanted.delete(entry.from);
        continue;
      }
      if (entry.to >= now && next.to >= entry.to) {
        grown.push({ ...entry, to: next.to, evidence: next.evidence });
        wanted.delete(entry.from);
        continue;
      }
    }
    superseded.push(entry);
  }
  return { superseded, added: [...wanted.values()], grown };
}

const sameEvidence = (a: TimelineInterval, b: TimelineInterval): boolean =>
  a.evidence.messages === b.evidence.messages &&
  a.evidence.presence === b.evidence.presence &&
  sameRef(a.evidence.first, b.evidence.first) &&
  sameRef(a.evidence.last, b.evidence.last);

const sameRef = (a: TimelineInterval['evidence']['first'], b: TimelineInterval['evidence']['first']): boolean =>
  a?.deviceId === b?.deviceId && a?.boot === b?.boot && a?.seq === b?.seq && a?.ts === b?.ts;

/** The stretch that a change touches, or undefined when there is none. */
export function changedStretch({ superseded, added, grown }: TimelineChange): { from: number; to: number } | undefined {
  const all = [...superseded, ...added, ...grown];
  if (all.length === 0) return undefined;
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const i of all) [from, to] = [Math.min(from, i.from), Math.max(to, i.to)];
  return { from, to };
}
