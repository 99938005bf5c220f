import { categories, type TimelineInterval } from './category.js';

const strength = (i: TimelineInterval): number => categories.indexOf(i.category);

/**
 * Joins intervals shorter than `minMs` with what follows until the whole is long enough, for wide zooms: at most
 * (2 × length / minMs + 1) results that cover the same time. A result shows what took most of its time, the stronger
 * category at a tie; one made of several says so in its detail.
 */
export function coarsen(intervals: readonly TimelineInterval[], minMs: number): TimelineInterval[] {
  if (minMs <= 0) return [...intervals];
  const result: TimelineInterval[] = [];
  let group: TimelineInterval[] = [];
  for (const [i, next] of intervals.entries()) {
    // A long interval stays as it is, with its exact bounds; only the short ones before it are put together.
    if (next.to - next.from >= minMs && group.length > 0 && lengthOf(group) >= minMs / 2) {
      result.push(blend(group));
      group = [];
    }
    group.push(next);
    if (lengthOf(group) >= minMs || i === intervals.length - 1) {
      result.push(blend(group));
      group = [];
    }
  }
  return result;
}

const lengthOf = (group: readonly TimelineInterval[]): number => (group.at(-1)?.to ?? 0) - (group[0]?.from ?? 0);

function blend(group: readonly TimelineInterval[]): TimelineInterval {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) throw new RangeError('a group of no intervals');
  if (group.length === 1) return first;
  const time = new Map<string, { ms: number; sample: TimelineInterval }>();
  for (const i of group) {
    const key = `${i.category} ${i.fraction ?? ''}`;
    const entry = time.get(key) ?? { ms: 0, sample: i };
    entry.ms += i.to - i.from;
    time.set(key, entry);
  }
  const most = [...time.values()].reduce((a, b) =>
    b.ms > a.ms || (b.ms === a.ms && strength(b.sample) < strength(a.sample)) ? b : a,
  ).sample;
  const firstRef = group.find((i) => i.evidence.first)?.evidence.first;
  const lastRef = group.findLast((i) => i.evidence.last)?.evidence.last;
  return {
    ...most,
    from: first.from,
    to: last.to,
    detail: time.size === 1 ? most.detail : `mostly ${most.detail}, ${group.length} intervals`,
    evidence: {
      ...(firstRef ? { first: firstRef } : {}),
      ...(lastRef ? { last: lastRef } : {}),
      messages: group.reduce((n, i) => n + i.evidence.messages, 0),
    },
  };
}
