import type { Step } from './day-plan.js';
import type { Overlay } from './overlays.js';
import { noise } from './random.js';
import type { MachineState } from './states.js';

/** Gauges of one instant. Units as in the model's schema: bar, °C, A, kW, %. */
export interface Gauges {
  readonly pressure_bar: number;
  readonly oil_temp_c: number;
  readonly motor_current_a: number;
  readonly power_kw: number;
  readonly load_pct: number;
}

/** Slow quantities that carry over from one step to the next. */
export interface Slow {
  readonly pressure: number;
  readonly oil: number;
}

const LOAD_BELOW_BAR = 6.8;
const UNLOAD_ABOVE_BAR = 7.6;
const AMBIENT_C = 21;
/** Steady values per state: oil temperature it tends to, its time constant (s), motor current, power, load. */
const STEADY: Readonly<Record<MachineState, { oil: number; tau: number; amps: number; kw: number; load: number }>> = {
  stopped: { oil: AMBIENT_C, tau: 3600, amps: 0, kw: 0.3, load: 0 },
  starting: { oil: 60, tau: 900, amps: 236, kw: 61, load: 0 },
  loaded: { oil: 84, tau: 720, amps: 178, kw: 92, load: 100 },
  unloaded: { oil: 74, tau: 900, amps: 63, kw: 27, load: 0 },
  fault: { oil: AMBIENT_C, tau: 3600, amps: 0, kw: 0.4, load: 0 },
  standby: { oil: AMBIENT_C, tau: 3600, amps: 0, kw: 0.4, load: 0 },
  derated: { oil: 88, tau: 720, amps: 121, kw: 58, load: 60 },
  power_fail: { oil: AMBIENT_C, tau: 3600, amps: 0, kw: 0, load: 0 },
};

/** Oil temperature and pressure `seconds` after a step began (first-order lag; pressure saw-tooth between set points). */
export function slowAt(step: Step, seconds: number, start: Slow): Slow {
  const { oil, tau } = STEADY[step.state];
  const progress = seconds / (step.to - step.from);
  const towards = (goal: number, value: number, seconds_: number, tau_: number) =>
    goal + (value - goal) * Math.exp(-seconds_ / tau_);
  const pressure = (() => {
    if (step.state === 'loaded') return start.pressure + (UNLOAD_ABOVE_BAR - start.pressure) * progress;
    if (step.state === 'unloaded') return start.pressure + (LOAD_BELOW_BAR - start.pressure) * progress;
    if (step.state === 'derated') return towards(6.4, start.pressure, seconds, 180);
    return towards(0, start.pressure, seconds, step.state === 'standby' ? 36_000 : 2400);
  })();
  return { pressure, oil: towards(oil, start.oil, seconds, tau) };
}

export const COLD: Slow = { pressure: 0, oil: AMBIENT_C };

const RAMP_SECONDS = 900;

/** Extra oil temperature that leads up to an E42 and dies away during it. */
function overheating(second: number, overlays: readonly Overlay[]): number {
  let extra = 0;
  for (const { code, from } of overlays) {
    const since = second - from;
    if (code !== 'E42' || since < -RAMP_SECONDS || since > 7200) continue;
    extra = Math.max(extra, since < 0 ? 30 * (1 + since / RAMP_SECONDS) : 30 * Math.exp(-since / 1200));
  }
  return extra;
}

const round = (value: number, decimals: number, min: number, max: number) =>
  Math.min(max, Math.max(min, Number(value.toFixed(decimals))));

/** What the sensors show: steady values of the state, slow quantities and noise that depends on seed and time alone. */
export function gaugesAt(
  step: Step,
  slow: Slow,
  second: number,
  overlays: readonly Overlay[],
  noiseKey: readonly [seed: number, at: number],
): Gauges {
  const steady = STEADY[step.state];
  const jitter = (channel: number) => noise(...noiseKey, channel);
  const on = steady.amps > 0 ? 1 : 0;
  return {
    pressure_bar: round(slow.pressure + jitter(1) * 0.04, 2, 0, 16),
    oil_temp_c: round(slow.oil + overheating(second, overlays) + jitter(2) * 0.6, 1, -40, 150),
    motor_current_a: round(steady.amps + on * jitter(3) * 6, 1, 0, 400),
    power_kw: round(steady.kw + on * jitter(4) * 3, 1, 0, 250),
    load_pct: steady.load,
  };
}
