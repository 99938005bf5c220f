import { DAY_SECONDS, type Overlay, type OverlayKind, overlaysOf } from './overlays.js';
import { type Profile, shiftsOf } from './profile.js';
import { randomSource } from './random.js';
import type { MachineState } from './states.js';

const BASE_STREAM = 1;
const RESTART_SECONDS = 45;

/** A span of one state and one delivery. Seconds from the start of the local day, whole; `flow` in 0.001 m³/s, whole. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly state: MachineState;
  readonly flow: number;
}

/** The run of a day as its shifts ask for it: load cycles at work, stand-by with short top-ups otherwise. */
function ordinaryDay(seed: number, profile: Profile, day: number): Step[] {
  const random = randomSource(seed, BASE_STREAM, day);
  const steps: Step[] = [];
  let cursor = 0;
  const add = (state: MachineState, seconds: number, end: number, flow = 0) => {
    const to = Math.min(cursor + seconds, end);
    if (to > cursor) steps.push({ from: cursor, to, state, flow });
    cursor = Math.max(cursor, to);
  };
  const delivery = () => profile.flow + random.int(-4, 4);
  const idleUntil = (end: number) => {
    while (cursor < end) {
      add('standby', random.int(4800, 7200), end);
      if (cursor + 600 > end) continue;
      add('starting', RESTART_SECONDS, end);
      add('loaded', random.int(60, 150), end, delivery());
      add('unloaded', 120, end);
    }
  };
  let runsUntil = shiftsOf(profile, day - 1).at(-1)?.toHour === 24 ? 0 : -1;
  for (const shift of shiftsOf(profile, day)) {
    const nominal = shift.fromHour * 3600;
    const continues = runsUntil === nominal;
    if (!continues) {
      idleUntil(nominal === 0 ? 0 : nominal + random.int(-240, 240));
      add('starting', random.int(40, 70), DAY_SECONDS);
    }
    const end = shift.toHour * 3600;
    const demand = random.int(...shift.demandPct);
    while (cursor < end) {
      const cycle = random.int(...profile.cycleSeconds);
      const share = Math.min(100, Math.max(5, demand + random.int(-8, 8)));
      const loaded = Math.round((cycle * share) / 100);
      add('loaded', loaded, end, delivery());
      add('unloaded', cycle - loaded, end);
    }
    runsUntil = end;
  }
  idleUntil(DAY_SECONDS);
  return steps;
}

/** What wins when several come together: the first of these. */
const PRIORITY: readonly OverlayKind[] = ['power_fail', 'fault', 'operator_stop', 'planned_quiet', 'derated'];

function overlaid(base: Step, active: readonly Overlay[], restarting: boolean, profile: Profile): Step {
  const wanted = base.state !== 'standby';
  for (const kind of PRIORITY) {
    if (!active.some((overlay) => overlay.kind === kind)) continue;
    if (kind === 'power_fail' || kind === 'fault') return { ...base, state: kind, flow: 0 };
    if (kind === 'operator_stop') return { ...base, state: 'stopped', flow: 0 };
    if (!wanted) return base;
    if (kind === 'planned_quiet') return { ...base, state: 'standby', flow: 0 };
    if (!restarting) return { ...base, state: 'derated', flow: Math.floor(profile.flow * 0.6) };
  }
  return wanted && restarting ? { ...base, state: 'starting', flow: 0 } : base;
}

/** The overlays that touch a local day, in seconds from its start: its own, those left from the day before, and given ones. */
export function overlaysTouching(
  seed: number,
  profile: Profile,
  day: number,
  given: readonly Overlay[],
): readonly Overlay[] {
  const before = overlaysOf(seed, profile, day - 1).map((overlay) => ({
    ...overlay,
    from: overlay.from - DAY_SECONDS,
    to: overlay.to - DAY_SECONDS,
  }));
  return [...given, ...before, ...overlaysOf(seed, profile, day)];
}

/**
 * The exact run of one local day: steps without holes from 0 to 86 400 s, each of one state and one delivery.
 * `given` are interruptions chosen by the caller, in seconds from the start of the day.
 */
export function planDay(seed: number, profile: Profile, day: number, given: readonly Overlay[]): readonly Step[] {
  const base = ordinaryDay(seed, profile, day);
  const overlays = overlaysTouching(seed, profile, day, given).filter((o) => o.to + RESTART_SECONDS > 0);
  if (overlays.length === 0) return base;
  const cuts = new Set<number>([DAY_SECONDS]);
  for (const step of base) cuts.add(step.from);
  for (const { from, to } of overlays) {
    for (const cut of [from, to, to + RESTART_SECONDS]) if (cut > 0 && cut < DAY_SECONDS) cuts.add(cut);
  }
  const steps: Step[] = [];
  let from = 0;
  let index = 0;
  for (const to of [...cuts].sort((a, b) => a - b)) {
    if (to <= from) continue;
    while ((base[index]?.to ?? DAY_SECONDS) <= from && index < base.length - 1) index += 1;
    const current = base[index];
    if (!current) break;
    const active = overlays.filter((o) => o.from <= from && from < o.to);
    const restarting = overlays.some((o) => o.kind !== 'derated' && o.to <= from && from < o.to + RESTART_SECONDS);
    const next = overlaid({ ...current, from, to }, active, restarting, profile);
    const last = steps.at(-1);
    if (last && last.state === next.state && last.flow === next.flow) steps[steps.length - 1] = { ...last, to };
    else steps.push(next);
    from = to;
  }
  return steps;
}
