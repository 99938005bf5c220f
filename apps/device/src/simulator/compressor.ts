import { overlaysTouching, planDay, type Step } from './day-plan.js';
import { COLD, gaugesAt, type Slow, slowAt } from './gauges.js';
import { DAY_SECONDS, type Overlay, overlaysOf } from './overlays.js';
import { DEFAULT_PROFILE, type Profile } from './profile.js';
import { MACHINE_STATES, type MachineState, RUNNING_STATES, STATE_CODES } from './states.js';
import type { Truth } from './truth.js';

const DAY_MS = DAY_SECONDS * 1000;
const ROLLOVER_MILLI_M3 = 1e12;

/** An interruption chosen by a scenario (a controller swap, a repair). Whole seconds of epoch ms; [from, to). */
export interface Interruption {
  readonly kind: 'operator_stop' | 'fault' | 'power_fail';
  readonly from: number;
  readonly to: number;
  readonly code?: string;
  readonly detail?: string;
}

/** The output register of one controller board: shows `baseMilliM3` at `zeroAt` and counts on from there. */
export interface CounterBase {
  readonly zeroAt: number;
  readonly baseMilliM3: number;
}

export interface CompressorOptions {
  readonly seed: number;
  readonly profile?: Profile;
  /** The machine's life and its register begin with the local day of this instant (ms); default 2025-01-01 UTC. */
  readonly commissionedAt?: number;
  readonly interruptions?: readonly Interruption[];
  readonly counter?: CounterBase;
}

/** One reading of all metrics of model `compressor-rx90`. */
export interface Reading {
  readonly ts: number;
  readonly m: Readonly<Record<string, number>>;
}

/** Something that happened at an instant. */
export interface MachineEvent {
  readonly ts: number;
  readonly type: string;
  readonly code?: string;
  readonly detail?: string;
}

interface Day {
  readonly start: number;
  readonly steps: readonly Step[];
  /** Totals from commissioning to the start of each step. */
  readonly totals: readonly Totals[];
  readonly overlays: readonly Overlay[];
  slow?: readonly Slow[];
}

/** Totals from commissioning to the start of a day. */
interface Totals {
  readonly output: number;
  readonly ms: readonly number[];
}

const NOTHING: Totals = { output: 0, ms: MACHINE_STATES.map(() => 0) };

const EVENT_NAMES: Readonly<Record<Overlay['kind'], readonly [begin: string, end: string]>> = {
  power_fail: ['power_lost', 'power_restored'],
  fault: ['fault_raised', 'fault_cleared'],
  operator_stop: ['operator_stop', 'operator_start'],
  planned_quiet: ['quiet_started', 'quiet_ended'],
  derated: ['derating_started', 'derating_ended'],
};

/**
 * A screw compressor whose whole life is a pure function of seed, profile and time: any instant can be asked for in any
 * order and always answers the same. Steps begin on whole seconds and deliver a whole number of 0.001 m³ a second, so
 * the register (resolution 0.001 m³) and every sum over it are exact.
 */
export class Compressor {
  readonly #seed: number;
  readonly #profile: Profile;
  readonly #firstDay: number;
  readonly #interruptions: readonly Interruption[];
  readonly #counter: CounterBase | undefined;
  readonly #countedAtZero: number;
  readonly #days = new Map<number, Day>();
  readonly #totals: Totals[] = [NOTHING];

  constructor(options: CompressorOptions) {
    if (!Number.isSafeInteger(options.seed)) throw new RangeError(`seed: ${options.seed} is not a whole number`);
    for (const { from, to } of options.interruptions ?? []) {
      if (from % 1000 || to % 1000 || to <= from)
        throw new RangeError(`interruption: ${from}..${to} must be whole seconds in order`);
    }
    this.#seed = options.seed;
    this.#profile = options.profile ?? DEFAULT_PROFILE;
    this.#interruptions = options.interruptions ?? [];
    this.#counter = options.counter;
    this.#firstDay = this.#dayOf(options.commissionedAt ?? Date.UTC(2025, 0, 1));
    this.#countedAtZero = options.counter ? this.#cumulative(options.counter.zeroAt).output : 0;
  }

  /** State at an instant. */
  stateAt(at: number): MachineState {
    return this.#stepAt(at).step.state;
  }

  /** The first instant after `at` at which the state is another one (looks ahead at most `limitMs`, default 8 days). */
  nextChangeAfter(at: number, limitMs = 8 * DAY_MS): number | undefined {
    for (const change of this.changes(at, at + limitMs)) return change;
    return undefined;
  }

  /** Instants in (after, until] at which the state becomes another one. */
  *changes(after: number, until: number): Generator<number> {
    let state = this.#dayOf(after) < this.#firstDay ? undefined : this.stateAt(after);
    for (let day = Math.max(this.#dayOf(after), this.#firstDay); day <= this.#dayOf(until); day += 1) {
      const { start, steps } = this.#day(day);
      for (const step of steps) {
        const at = start + step.from * 1000;
        if (at <= after || at > until) continue;
        if (state && step.state !== state) yield at;
        state = step.state;
      }
    }
  }

  /** Events in (after, until], in order of time. */
  events(after: number, until: number): readonly MachineEvent[] {
    const found: MachineEvent[] = [];
    const add = (ts: number, type: string, { code, detail }: Pick<Overlay, 'code' | 'detail'>) => {
      if (ts > after && ts <= until) found.push({ ts, type, ...(code && { code }), ...(detail && { detail }) });
    };
    for (let day = this.#dayOf(after) - 1; day <= this.#dayOf(until); day += 1) {
      if (day < this.#firstDay) continue;
      for (const overlay of overlaysOf(this.#seed, this.#profile, day)) {
        add(this.#startOf(day) + overlay.from * 1000, EVENT_NAMES[overlay.kind][0], overlay);
        add(this.#startOf(day) + overlay.to * 1000, EVENT_NAMES[overlay.kind][1], overlay);
      }
    }
    for (const given of this.#interruptions) {
      add(given.from, EVENT_NAMES[given.kind][0], given);
      add(given.to, EVENT_NAMES[given.kind][1], given);
    }
    return found.sort((a, b) => a.ts - b.ts);
  }

  /** All metrics at an instant. */
  readingAt(at: number): Reading {
    const { day, step, index } = this.#stepAt(at);
    const second = (at - day.start) / 1000;
    const start = this.#slow(day, this.#dayOf(at))[index] ?? COLD;
    const slow = slowAt(step, second - step.from, start);
    return {
      ts: at,
      m: {
        ...gaugesAt(step, slow, second, day.overlays, [this.#seed, at]),
        output_m3: this.registerAt(at) / 1000,
        run_hours: Math.floor(runMs(this.#cumulative(at).ms) / 360) / 10_000,
        state: STATE_CODES[step.state],
      },
    };
  }

  /** What the board's output register shows, 0.001 m³; rolls over at 1e9 m³. */
  registerAt(at: number): number {
    const counted = this.#cumulative(at).output;
    if (!this.#counter) return counted % ROLLOVER_MILLI_M3;
    const shown = this.#counter.baseMilliM3 + counted - this.#countedAtZero;
    return ((shown % ROLLOVER_MILLI_M3) + ROLLOVER_MILLI_M3) % ROLLOVER_MILLI_M3;
  }

  /** The exact truth of [from, to). @throws RangeError when it begins before commissioning or ends before it begins. */
  truth(from: number, to: number): Truth {
    if (to < from) throw new RangeError(`truth: ${to} lies before ${from}`);
    const [a, b] = [this.#cumulative(from), this.#cumulative(to)];
    const ms = b.ms.map((value, code) => value - (a.ms[code] ?? 0));
    const msPerState = Object.fromEntries(
      MACHINE_STATES.map((state) => [state, ms[STATE_CODES[state]] ?? 0]),
    ) as Truth['msPerState'];
    const availableMs = to - from - msPerState.fault;
    return { from, to, msPerState, availableMs, runMs: runMs(ms), outputMilliM3: b.output - a.output };
  }

  #dayOf(at: number): number {
    return Math.floor((at + this.#profile.utcOffsetMinutes * 60_000) / DAY_MS);
  }

  #startOf(day: number): number {
    return day * DAY_MS - this.#profile.utcOffsetMinutes * 60_000;
  }

  #givenOn(day: number): readonly Overlay[] {
    const start = this.#startOf(day);
    return this.#interruptions
      .map((given) => ({ ...given, from: (given.from - start) / 1000, to: (given.to - start) / 1000 }))
      .filter((overlay) => overlay.from < DAY_SECONDS && overlay.to > -DAY_SECONDS);
  }

  #day(day: number): Day {
    if (day < this.#firstDay) throw new RangeError(`time: before the machine was commissioned (day ${this.#firstDay})`);
    const known = this.#days.get(day);
    if (known) return known;
    // A few days are kept: callers walk forward, and each day looks back one day.
    if (this.#days.size >= 4) this.#days.delete(this.#days.keys().next().value ?? day);
    const steps = planDay(this.#seed, this.#profile, day, this.#givenOn(day));
    const totals = [this.#totalsBefore(day)];
    for (const step of steps) totals.push(addStep(totals.at(-1) ?? NOTHING, step, step.to));
    const made: Day = { start: this.#startOf(day), steps, totals, overlays: this.#overlaysAround(day) };
    this.#days.set(day, made);
    return made;
  }

  #stepAt(at: number): { day: Day; step: Step; index: number } {
    const day = this.#day(this.#dayOf(at));
    const second = (at - day.start) / 1000;
    let low = 0;
    let high = day.steps.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((day.steps[middle]?.from ?? 0) <= second) low = middle;
      else high = middle - 1;
    }
    const step = day.steps[low];
    if (!step) throw new RangeError(`time: ${at} has no step`);
    return { day, step, index: low };
  }

  /** Totals from commissioning to the start of `day`; each day is summed once. */
  #totalsBefore(day: number): Totals {
    for (let next = this.#firstDay + this.#totals.length - 1; next < day; next += 1) {
      let totals = this.#totals.at(-1) ?? NOTHING;
      for (const step of planDay(this.#seed, this.#profile, next, this.#givenOn(next)))
        totals = addStep(totals, step, step.to);
      this.#totals.push(totals);
    }
    return this.#totals[day - this.#firstDay] ?? NOTHING;
  }

  #cumulative(at: number): Totals {
    const { day, step, index } = this.#stepAt(at);
    return addStep(day.totals[index] ?? NOTHING, step, (at - day.start) / 1000);
  }

  #overlaysAround(day: number): readonly Overlay[] {
    const soon = overlaysOf(this.#seed, this.#profile, day + 1).map((overlay) => ({
      ...overlay,
      from: overlay.from + DAY_SECONDS,
      to: overlay.to + DAY_SECONDS,
    }));
    return [...overlaysTouching(this.#seed, this.#profile, day, this.#givenOn(day)), ...soon];
  }

  /** Slow quantities at the start of each step. The day before is walked from cold, long enough to forget that. */
  #slow(day: Day, number: number): readonly Slow[] {
    if (day.slow) return day.slow;
    const walk = (steps: readonly Step[], from: Slow) => {
      const starts = [from];
      for (const step of steps) starts.push(slowAt(step, step.to - step.from, starts.at(-1) ?? from));
      return starts;
    };
    const before = number > this.#firstDay ? walk(this.#day(number - 1).steps, COLD).at(-1) : COLD;
    day.slow = walk(day.steps, before ?? COLD);
    return day.slow;
  }
}

function addStep(before: Totals, step: Step, untilSecond: number): Totals {
  const milliseconds = Math.round((untilSecond - step.from) * 1000);
  const ms = before.ms.slice();
  ms[STATE_CODES[step.state]] = (ms[STATE_CODES[step.state]] ?? 0) + milliseconds;
  return { output: before.output + Math.floor((step.flow * milliseconds) / 1000), ms };
}

function runMs(ms: readonly number[]): number {
  let sum = 0;
  for (const state of RUNNING_STATES) sum += ms[STATE_CODES[state]] ?? 0;
  return sum;
}
