import { HOUR_MS, hourOf, type Interval } from '@throughline/kernel';
import { type Category, isCategory, type MessageRef, type TimelineInterval } from './category.js';
import { inEventOrder, type StateMeanings, type StateReading } from './reading.js';

export interface StateInput {
  /** Any order, duplicates allowed; must reach back to the last message with a state before `interval.from`, as far as `reachMs` says. */
  readonly readings: readonly StateReading[];
  readonly stateMap: StateMeanings;
  readonly staleAfterMs: number;
  readonly interval: Interval;
  /** Cut at every UTC hour, as stored. */
  readonly hourly?: boolean;
}

/** Messages without a state carry the last state on, but no longer than this after it was said. */
export const CARRY_MS = 24 * HOUR_MS;

/** How far before an instant a message can lie that still decides the instant's category. */
export const reachMs = (staleAfterMs: number): number => CARRY_MS + staleAfterMs;

/** What a state's value stands for. */
export interface Meaning {
  readonly category: Category;
  readonly fraction?: string;
  readonly detail: string;
}

const NOT_SAID: Meaning = { category: 'unknown', detail: 'the device speaks but has not said its state' };

/** A value that the map does not hold is of unknown category. */
export function meaningOf(state: string, map: StateMeanings): Meaning {
  const known = Object.hasOwn(map.states, state) ? map.states[state] : undefined;
  if (!known || !isCategory(known.category))
    return { category: 'unknown', detail: `state ${state.slice(0, 40)} is not in the state map` };
  return {
    category: known.category,
    ...(known.fraction === undefined ? {} : { fraction: known.fraction }),
    detail: known.name,
  };
}

/** One message's share of time: from its event time to the next message, at most `staleAfterMs`. */
interface Piece extends Interval {
  readonly meaning: Meaning;
  readonly ref: MessageRef;
}

function* pieces({ readings, stateMap, staleAfterMs }: StateInput): Generator<Piece> {
  const ordered = inEventOrder(readings);
  let said: { meaning: Meaning; ts: number; heldTo: number } | undefined;
  for (const [i, { state, ref }] of ordered.entries()) {
    const next = ordered[i + 1]?.ref.ts ?? Number.POSITIVE_INFINITY;
    const to = Math.min(next, ref.ts + staleAfterMs);
    if (state !== null) said = { meaning: meaningOf(state, stateMap), ts: ref.ts, heldTo: to };
    else if (said && said.heldTo >= ref.ts && ref.ts - said.ts <= CARRY_MS) said.heldTo = to;
    else said = undefined;
    yield { from: ref.ts, to, meaning: said?.meaning ?? NOT_SAID, ref };
  }
}

/**
 * What the messages say of [from, to): a state holds until the next message, at most `staleAfterMs` after the last one.
 * Time that no message reaches is left out (see `fillUnknown`). At equal event times the highest (boot, seq) decides.
 * An interval's evidence is the message that holds at its start, the last one in it, and how many lie in it.
 */
export function deriveStates(input: StateInput): TimelineInterval[] {
  const result: Building[] = [];
  let counted = 0;
  for (const piece of pieces(input)) {
    const inside = piece.ref.ts >= input.interval.from && piece.ref.ts < input.interval.to ? 1 : 0;
    if (piece.from === piece.to) {
      // Another message of the same instant decides; this one is only counted.
      counted += inside;
      continue;
    }
    let messages = counted + inside;
    counted = 0;
    for (const part of parts(piece, input)) {
      append(result, part, piece, messages, input.hourly === true);
      messages = 0;
    }
  }
  return result.map(({ meaning, from, to, first, last, messages }) => ({
    from,
    to,
    category: meaning.category,
    ...(meaning.fraction === undefined ? {} : { fraction: meaning.fraction }),
    source: 'state_map',
    detail: meaning.detail,
    evidence: { first, last, messages },
  }));
}

interface Building {
  readonly meaning: Meaning;
  readonly from: number;
  to: number;
  readonly first: MessageRef;
  last: MessageRef;
  messages: number;
}

function append(result: Building[], part: Interval, piece: Piece, messages: number, hourly: boolean): void {
  const open = result.at(-1);
  const joins =
    open?.to === part.from && sameMeaning(open.meaning, piece.meaning) && !(hourly && part.from % HOUR_MS === 0);
  if (open && joins) {
    open.to = part.to;
    open.last = piece.ref;
    open.messages += messages;
  } else result.push({ meaning: piece.meaning, ...part, first: piece.ref, last: piece.ref, messages });
}

function* parts(piece: Piece, { interval, hourly }: StateInput): Generator<Interval> {
  const to = Math.min(piece.to, interval.to);
  for (let from = Math.max(piece.from, interval.from); from < to; ) {
    const end = hourly ? Math.min(to, hourOf(from) + HOUR_MS) : to;
    yield { from, to: end };
    from = end;
  }
}

const sameMeaning = (a: Meaning, b: Meaning): boolean =>
  a.category === b.category && a.fraction === b.fraction && a.detail === b.detail;
