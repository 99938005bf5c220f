import { type Interval, intersect } from '@throughline/kernel';
import type { TimelineInterval } from './category.js';
import { deriveStates, type StateInput } from './derive-states.js';

/** A device of the asset was connected in [from, to); ms since the epoch, `to` null while it lasts. */
export interface PresenceSpan {
  readonly id: string;
  readonly from: number;
  readonly to: number | null;
}

export interface TimelineInput extends Omit<StateInput, 'hourly'> {
  readonly presence: readonly PresenceSpan[];
}

/**
 * The state timeline: every instant of [from, to) has exactly one category, and neighbours differ. Messages decide;
 * presence never does, because what a device said before it was cut off holds for `staleAfterMs` as any other message,
 * and what it kept in its buffer meanwhile comes later and must not be contradicted. Presence tells why time is unknown.
 */
export function deriveTimeline(input: TimelineInput): TimelineInterval[] {
  return fillUnknown(deriveStates(input), input.interval, input.presence, input.staleAfterMs);
}

/** Clips intervals to [from, to), fills what they leave out with `unknown` and joins equal neighbours. */
export function fillUnknown(
  known: readonly TimelineInterval[],
  interval: Interval,
  presence: readonly PresenceSpan[],
  staleAfterMs: number,
): TimelineInterval[] {
  const result: TimelineInterval[] = [];
  let at = interval.from;
  for (const entry of known) {
    const part = intersect(entry, interval);
    if (!part) continue;
    result.push(...silence({ from: at, to: part.from }, presence, staleAfterMs), { ...entry, ...part });
    at = part.to;
  }
  result.push(...silence({ from: at, to: interval.to }, presence, staleAfterMs));
  return joined(result);
}

function silence(gap: Interval, presence: readonly PresenceSpan[], staleAfterMs: number): TimelineInterval[] {
  if (gap.from >= gap.to) return [];
  const cuts = presence.flatMap((p) => [p.from, p.to ?? gap.to]).filter((t) => t > gap.from && t < gap.to);
  const bounds = [...new Set([gap.from, ...cuts, gap.to])].sort((a, b) => a - b);
  return bounds.slice(0, -1).map((from, i) => {
    const connected = presence.some((p) => p.from <= from && (p.to === null || p.to > from));
    const ended = connected ? undefined : lastEnded(presence, from);
    return {
      from,
      to: bounds[i + 1] ?? gap.to,
      category: 'unknown',
      source: ended ? 'presence' : 'silence',
      detail: ended
        ? `not connected since ${new Date(ended.to).toISOString()}`
        : `no message for more than ${duration(staleAfterMs)}`,
      evidence: { messages: 0, ...(ended ? { presence: ended.id } : {}) },
    };
  });
}

function lastEnded(presence: readonly PresenceSpan[], at: number): { id: string; to: number } | undefined {
  let found: { id: string; to: number } | undefined;
  for (const { id, to } of presence)
    if (to !== null && to <= at && (!found || to > found.to || (to === found.to && id > found.id))) found = { id, to };
  return found;
}

function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${ms / 1000} s`;
}

export const sameKind = (a: TimelineInterval, b: TimelineInterval): boolean =>
  a.category === b.category && a.fraction === b.fraction && a.source === b.source && a.detail === b.detail;

/** Joins touching intervals that say the same; the evidence of the whole is that of the parts. */
export function joined(intervals: readonly TimelineInterval[]): TimelineInterval[] {
  const result: TimelineInterval[] = [];
  for (const next of intervals) {
    const open = result.at(-1);
    if (open && open.to === next.from && sameKind(open, next)) result[result.length - 1] = join(open, next);
    else result.push(next);
  }
  return result;
}

function join(a: TimelineInterval, b: TimelineInterval): TimelineInterval {
  const first = a.evidence.first ?? b.evidence.first;
  const last = b.evidence.last ?? a.evidence.last;
  return {
    ...a,
    to: b.to,
    evidence: {
      ...a.evidence,
      ...(first ? { first } : {}),
      ...(last ? { last } : {}),
      messages: a.evidence.messages + b.evidence.messages,
    },
  };
}
