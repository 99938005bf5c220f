import { type Profile, shiftsOf } from './profile.js';
import { type RandomSource, randomSource } from './random.js';

export const DAY_SECONDS = 86_400;
const OVERLAY_STREAM = 2;
/** No drawn overlay is longer, so that a day needs to look back one day only. */
const LONGEST_SECONDS = 12 * 3600;

export type OverlayKind = 'power_fail' | 'fault' | 'operator_stop' | 'planned_quiet' | 'derated';

/** Something that comes over the ordinary run of a day. Seconds from the start of the local day; `to` may lie beyond it. */
export interface Overlay {
  readonly kind: OverlayKind;
  readonly from: number;
  readonly to: number;
  readonly code?: string;
  readonly detail?: string;
}

const FAULTS = [
  { code: 'E42', detail: 'oil temperature high' },
  { code: 'E17', detail: 'motor overload' },
  { code: 'E31', detail: 'pressure sensor out of range' },
  { code: 'E08', detail: 'fan drive not ready' },
] as const;

function count(random: RandomSource, perWeek: number): number {
  const perDay = perWeek / 7;
  const whole = Math.floor(perDay);
  return whole + (random.chance(perDay - whole) ? 1 : 0);
}

/** Faults, stops, dips, quiet and derated times that begin on a local day. Depends on seed, profile and day alone. */
export function overlaysOf(seed: number, profile: Profile, day: number): readonly Overlay[] {
  const random = randomSource(seed, OVERLAY_STREAM, day);
  const shifts = shiftsOf(profile, day);
  const overlays: Overlay[] = [];
  const draw = (perWeek: number, make: (from: number) => Overlay, anyTime = false) => {
    for (let left = count(random, perWeek); left > 0; left -= 1) {
      const shift = shifts[shifts.length ? random.int(0, shifts.length - 1) : 0];
      if (shift && !anyTime) overlays.push(make(random.int(shift.fromHour * 3600, shift.toHour * 3600 - 1)));
      else if (anyTime) overlays.push(make(random.int(0, DAY_SECONDS - 1)));
    }
  };
  const lasting = (from: number, min: number, max: number) => from + Math.min(random.int(min, max), LONGEST_SECONDS);
  draw(profile.powerDipsPerWeek, (from) => ({ kind: 'power_fail', from, to: lasting(from, 20, 600) }), true);
  draw(profile.faultsPerWeek, (from) => {
    const fault = FAULTS[random.chance(0.5) ? 0 : random.int(1, FAULTS.length - 1)] ?? FAULTS[0];
    const [min, max] = profile.repairMinutes;
    return { kind: 'fault', from, to: lasting(from, min * 60, max * 60), ...fault };
  });
  draw(profile.operatorStopsPerWeek, (from) => ({ kind: 'operator_stop', from, to: lasting(from, 300, 2700) }));
  draw(profile.quietPerWeek, (from) => ({ kind: 'planned_quiet', from, to: lasting(from, 1800, 7200) }));
  draw(profile.deratedPerWeek, (from) => ({
    kind: 'derated',
    from,
    to: lasting(from, 3600, 14_400),
    code: 'W12',
    detail: 'inlet filter clogged, output limited',
  }));
  return overlays;
}
