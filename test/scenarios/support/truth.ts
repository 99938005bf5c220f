import type { AvailabilityGuarantee, RecurringCharge, Terms, UsageCharge } from '@throughline/contracts';
import type { Compressor, MachineState } from '../../../apps/device/src/index.js';

/**
 * What a contract owes, computed from what the machines really did. Nothing of the product takes part: whole numbers of
 * milliseconds and 0.001 m³ from the simulator, whole numbers of cents out, and every rounding written down here.
 */

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A machine and the part of its life that messages told: from the first to the last message. */
export interface Told extends Span {
  readonly assetId: string;
  readonly label: string;
  readonly machine: Pick<Compressor, 'truth' | 'stateAt'>;
}

/** What is owed for one charge and, where the line is about one asset, that asset. */
export interface TrueLine {
  readonly cents: bigint;
  /** 0.001 m³ or ms. */
  readonly quantity?: bigint;
}

/** By `keyOf`. */
export type TrueLines = ReadonlyMap<string, TrueLine>;

export const keyOf = (chargeKey: string, assetId?: string | null): string => `${chargeKey} ${assetId ?? '-'}`;

/** A device's last state holds for this long after its last message (three reports). */
export const STALE_MS = 900_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000n;
/** Of the state map: what an RX-90 in this state is for its guarantee. Tenths of the time count as up. */
const upTenths: Partial<Record<MachineState, bigint>> = {
  loaded: 10n,
  unloaded: 10n,
  starting: 10n,
  standby: 10n,
  derated: 6n,
  fault: 0n,
};

/** Everything a contract owes for a period, line by line. `stays`: when each machine was under contract. */
export function trueLines(
  terms: Terms,
  period: Span,
  stays: readonly { readonly told: Told; readonly contracted: Span }[],
): TrueLines {
  const parts = stays
    .map(({ told, contracted }) => ({ told, stay: cut(contracted, period) }))
    .sort((a, b) => (a.told.label < b.told.label ? -1 : 1));
  const lines = new Map<string, TrueLine>();
  for (const charge of terms.charges) {
    if (charge.kind === 'recurring') lines.set(keyOf(charge.key), { cents: fee(charge, period, parts) });
    else for (const [key, line] of usage(charge, parts)) lines.set(key, line);
  }
  for (const guarantee of terms.guarantees)
    for (const [key, line] of credits(guarantee, terms, period, parts)) lines.set(key, line);
  return lines;
}

interface Part {
  readonly told: Told;
  readonly stay: Span;
}

export const total = (lines: TrueLines): bigint => [...lines.values()].reduce((sum, line) => sum + line.cents, 0n);

/** What has to be booked on top of `booked` so that `due` is booked; keys that need nothing are left out. */
export function difference(due: TrueLines, booked: TrueLines): Map<string, bigint> {
  const keys = new Set([...due.keys(), ...booked.keys()]);
  const differences = [...keys].map(
    (key) => [key, (due.get(key)?.cents ?? 0n) - (booked.get(key)?.cents ?? 0n)] as const,
  );
  return new Map(differences.filter(([, cents]) => cents !== 0n));
}

function fee({ amount }: RecurringCharge, period: Span, parts: readonly Part[]): bigint {
  const seconds = parts.reduce((sum, { stay }) => sum + secondsOf(stay), 0n);
  return halfUp(scaled(amount, 2) * seconds, secondsOf(period));
}

function usage(charge: UsageCharge, parts: readonly Part[]): [string, TrueLine][] {
  const quantity = ({ told, stay }: Part): bigint =>
    charge.meter === 'output_m3' ? outputOf(told, stay) : (statesOf(told, stay).get('loaded') ?? 0n);
  // Prices are for 1 m³ and for 1 h.
  const unit = charge.meter === 'output_m3' ? 1000n : HOUR_MS;
  if (charge.pooling === 'asset')
    return parts.map((part) => [keyOf(charge.key, part.told.assetId), priced(charge, quantity(part), unit)]);
  const pooled = parts.reduce((sum, part) => sum + quantity(part), 0n);
  return [[keyOf(charge.key), priced(charge, pooled, unit)]];
}

function priced({ price }: UsageCharge, quantity: bigint, unit: bigint): TrueLine {
  const tiers = price.model === 'graduated' ? price.tiers : [{ upTo: null, unitPrice: price.unitPrice }];
  let from = 0n;
  // In 10⁻⁶ of the currency, times `unit`.
  let amount = 0n;
  for (const tier of tiers) {
    const to = tier.upTo === null ? quantity : least(quantity, scaled(tier.upTo, 0) * unit);
    if (to > from) amount += (to - from) * scaled(tier.unitPrice, 6);
    from = most(from, to);
  }
  return { cents: halfUp(amount, unit * 10_000n), quantity };
}

function credits(
  guarantee: AvailabilityGuarantee,
  terms: Terms,
  period: Span,
  parts: readonly Part[],
): [string, TrueLine][] {
  const basis = terms.charges.find((charge) => charge.key === guarantee.basis) as RecurringCharge;
  const whole = secondsOf(period) * 100n;
  const earned = parts.flatMap(({ told, stay }) => {
    const reached = availabilityOf(told, stay);
    const bands = guarantee.bands.filter(({ below }) => reached !== undefined && reached < scaled(below, 2));
    const percent = bands.reduce((highest, band) => most(highest, scaled(band.creditPercent, 0)), 0n);
    return percent === 0n ? [] : [{ told, share: scaled(basis.amount, 2) * secondsOf(stay) * percent }];
  });
  const fees = parts.reduce((sum, { stay }) => sum + scaled(basis.amount, 2) * secondsOf(stay), 0n);
  const cap = (fees * scaled(guarantee.capPercent, 0)) / whole;
  const rounded = earned.map(({ share }) => halfUp(share, whole));
  const amounts =
    rounded.reduce(plus, 0n) <= cap
      ? rounded
      : split(
          cap,
          earned.map(({ share }) => share),
        );
  return earned.map(({ told }, i) => [keyOf(guarantee.key, told.assetId), { cents: -(amounts[i] ?? 0n) }]);
}

/** Largest remainder: everybody's whole cents first, what is left to the largest remainders, of equal ones to the first. */
function split(whole: bigint, shares: readonly bigint[]): bigint[] {
  const all = shares.reduce(plus, 0n);
  const floors = shares.map((share) => (whole * share) / all);
  const left = whole - floors.reduce(plus, 0n);
  const places = shares
    .map((share, i) => ({ i, remainder: (whole * share) % all }))
    .sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1))
    .slice(0, Number(left))
    .map(({ i }) => i);
  return floors.map((floor, i) => floor + (places.includes(i) ? 1n : 0n));
}

/** Hundredths of a percent, rounded half up; undefined when nothing was measured. Stops and power failures do not count. */
export function availabilityOf(told: Told, stay: Span): bigint | undefined {
  const states = statesOf(told, stay);
  const silent = told.to + STALE_MS;
  add(states, told.machine.stateAt(told.to), lengthOf(cut({ from: silent, to: silent + 15 * MINUTE_MS }, stay)));
  let measured = 0n;
  let up = 0n;
  for (const [state, ms] of states) {
    const tenths = upTenths[state];
    if (tenths === undefined) continue;
    measured += ms;
    up += tenths * ms;
  }
  return measured === 0n ? undefined : halfUp(up * 1000n, measured);
}

/** 0.001 m³ that went out in a span, as far as messages told. */
export function outputOf(told: Told, span: Span): bigint {
  const seen = cut(told, span);
  return seen.to > seen.from ? BigInt(told.machine.truth(seen.from, seen.to).outputMilliM3) : 0n;
}

/** Milliseconds in each state in a span, the last state held until it is stale. */
export function statesOf(told: Told, span: Span): Map<MachineState, bigint> {
  const seen = cut(told, span);
  const states = new Map<MachineState, bigint>();
  if (seen.to > seen.from)
    for (const [state, ms] of Object.entries(told.machine.truth(seen.from, seen.to).msPerState))
      add(states, state as MachineState, BigInt(ms));
  add(states, told.machine.stateAt(told.to), lengthOf(cut({ from: told.to, to: told.to + STALE_MS }, span)));
  return states;
}

const add = (states: Map<MachineState, bigint>, state: MachineState, ms: bigint): void => {
  states.set(state, (states.get(state) ?? 0n) + ms);
};

export const cut = (a: Span, b: Span): Span => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

const lengthOf = ({ from, to }: Span): bigint => BigInt(Math.max(0, to - from));
const secondsOf = (span: Span): bigint => lengthOf(span) / 1000n;
const plus = (a: bigint, b: bigint): bigint => a + b;
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** a / b, half away from zero; b > 0. */
export const halfUp = (a: bigint, b: bigint): bigint => (a < 0n ? -halfUp(-a, b) : (2n * a + b) / (2n * b));

/** Decimal text as a whole number of its last allowed digit: ("0.0115", 6) → 11500n. */
export function scaled(text: string, digits: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const [, sign, whole = '', fraction = ''] = match ?? [];
  const cutOff = fraction.slice(digits);
  if (!match || /[1-9]/.test(cutOff)) throw new RangeError(`"${text}" has no whole number of 10^-${digits}`);
  const value = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  return sign === '-' ? -value : value;
}
