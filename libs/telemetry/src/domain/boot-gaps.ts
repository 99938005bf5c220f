import { merged, type NumberRange, upTo, without } from './number-ranges.js';

/** Open gaps kept of one boot: those above are found when room is made. */
export const MAX_OPEN_GAPS = 1_000;

export type GapState = 'missing' | 'lost';

/** Numbers of a boot that are not stored: asked for (`missing`) or given up (`lost`). `history` goes along when it is split. */
export interface Gap<History = unknown> {
  readonly from: number;
  readonly to: number;
  readonly state: GapState;
  readonly history?: History;
}

/** What is known of the numbers of one boot. */
export interface BootGaps<History = unknown> {
  /** Every number up to here is stored or lost. */
  readonly contiguous: number;
  /** Every number up to here that is not stored is in `gaps`. */
  readonly checked: number;
  /** In order. */
  readonly gaps: readonly Gap<History>[];
}

/** What was read of the messages. */
export interface SeenNumbers {
  /** Stored numbers within known gaps. */
  readonly inGaps: readonly NumberRange[];
  /** Stored numbers above `max(contiguous, checked)`, all of them up to `readTo`. */
  readonly above: readonly NumberRange[];
  readonly readTo: number;
  /** Highest number stored. */
  readonly highest: number;
}

/**
 * Brings what is known up to what was seen: gaps lose what came, new holes become `missing`, and the prefix goes on over
 * stored and lost numbers up to the first one that is still asked for; never beyond the highest stored.
 */
export function reconciled<H>(known: BootGaps<H>, seen: SeenNumbers): BootGaps<H> {
  const base = Math.max(known.contiguous, known.checked);
  const left = remaining(known.gaps, seen.inGaps);
  const found = seen.readTo > base ? without([[base + 1, seen.readTo]], [...seen.above, ...left.map(rangeOf)]) : [];
  const room = Math.max(0, MAX_OPEN_GAPS - left.filter((gap) => gap.state === 'missing').length);
  const beyond = found[room];
  const checked = Math.max(base, beyond ? beyond[0] - 1 : seen.readTo);
  const gaps = inOrder([...left, ...found.slice(0, room).map((range): Gap<H> => open(range))]);
  return { contiguous: prefix(known.contiguous, checked, seen.highest, gaps), checked, gaps };
}

/** Numbers that will not come any more: `told` less those that are stored, as far as that was read (`readTo`). */
export function givenUp<H>(
  known: BootGaps<H>,
  told: readonly NumberRange[],
  stored: readonly NumberRange[],
  readTo: number,
  history: H,
): BootGaps<H> {
  const gone = without(upTo(merged(told), readTo), stored);
  const lost = known.gaps.filter((gap) => gap.state === 'lost');
  const fresh = without(gone, lost.map(rangeOf)).map(([from, to]): Gap<H> => ({ from, to, state: 'lost', history }));
  const asked = remaining(
    known.gaps.filter((gap) => gap.state === 'missing'),
    gone,
  );
  return { ...known, gaps: inOrder([...lost, ...asked, ...fresh]) };
}

export const rangeOf = ({ from, to }: { readonly from: number; readonly to: number }): NumberRange => [from, to];

const open = <H>([from, to]: NumberRange): Gap<H> => ({ from, to, state: 'missing' });

const remaining = <H>(gaps: readonly Gap<H>[], taken: readonly NumberRange[]): Gap<H>[] =>
  gaps.flatMap((gap) => without([rangeOf(gap)], taken).map(([from, to]) => ({ ...gap, from, to })));

const inOrder = <H>(gaps: Gap<H>[]): Gap<H>[] => gaps.sort((a, b) => a.from - b.from);

function prefix(contiguous: number, checked: number, highest: number, gaps: readonly Gap[]): number {
  const first = gaps.find((gap) => gap.state === 'missing' && gap.to > contiguous);
  return Math.max(contiguous, Math.min(highest, first ? first.from - 1 : checked));
}
