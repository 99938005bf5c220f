import { mix } from './random.js';

const NETWORK_STREAM = 3;

/** A span of work within a local day. `demandPct`: the range from which the demand for air is drawn, in % of capacity. */
export interface Shift {
  readonly fromHour: number;
  readonly toHour: number;
  readonly demandPct: readonly [min: number, max: number];
}

/** How one machine lives. Rates are expected counts a week. */
export interface Profile {
  readonly name: string;
  readonly weekday: readonly Shift[];
  readonly saturday: readonly Shift[];
  readonly sunday: readonly Shift[];
  /** Fixed offset of the site's local time from UTC, minutes. */
  readonly utcOffsetMinutes: number;
  /** Length of one load/unload cycle, seconds. */
  readonly cycleSeconds: readonly [min: number, max: number];
  /** Delivery while loaded, thousandths of a cubic metre a second (253 = 15.2 m³/min). */
  readonly flow: number;
  readonly faultsPerWeek: number;
  readonly repairMinutes: readonly [min: number, max: number];
  readonly operatorStopsPerWeek: number;
  readonly powerDipsPerWeek: number;
  readonly deratedPerWeek: number;
  readonly quietPerWeek: number;
  /** Loss of the network, for the fleet only: offline for `minutes` in every `everyMinutes`. */
  readonly offline?: { readonly everyMinutes: number; readonly minutes: number };
}

const twoShift: Profile = {
  name: 'two-shift',
  weekday: [
    { fromHour: 6, toHour: 14, demandPct: [65, 90] },
    { fromHour: 14, toHour: 22, demandPct: [50, 80] },
  ],
  saturday: [{ fromHour: 8, toHour: 12, demandPct: [20, 35] }],
  sunday: [],
  utcOffsetMinutes: 60,
  cycleSeconds: [420, 840],
  flow: 253,
  faultsPerWeek: 0.7,
  repairMinutes: [25, 240],
  operatorStopsPerWeek: 2,
  powerDipsPerWeek: 0.5,
  deratedPerWeek: 0.8,
  quietPerWeek: 1.5,
};

const roundTheClock: readonly Shift[] = [
  { fromHour: 0, toHour: 6, demandPct: [55, 75] },
  { fromHour: 6, toHour: 22, demandPct: [70, 92] },
  { fromHour: 22, toHour: 24, demandPct: [55, 75] },
];

const all: readonly Profile[] = [
  twoShift,
  { ...twoShift, name: 'three-shift', weekday: roundTheClock, saturday: roundTheClock, sunday: roundTheClock },
  {
    ...twoShift,
    name: 'troubled',
    weekday: roundTheClock,
    saturday: roundTheClock,
    sunday: roundTheClock,
    faultsPerWeek: 35,
    repairMinutes: [12, 45],
    deratedPerWeek: 5,
    powerDipsPerWeek: 2,
  },
  {
    ...twoShift,
    name: 'flaky-network',
    weekday: roundTheClock,
    saturday: roundTheClock,
    sunday: roundTheClock,
    offline: { everyMinutes: 60, minutes: 6 },
  },
  { ...twoShift, name: 'weekend-idle', saturday: [], quietPerWeek: 3 },
];

/** The profiles by name: `two-shift` (default), `three-shift`, `troubled`, `flaky-network`, `weekend-idle`. */
export const PROFILES: ReadonlyMap<string, Profile> = new Map(all.map((profile) => [profile.name, profile]));

export const DEFAULT_PROFILE = twoShift;

/** @throws RangeError naming the known profiles when the name is not one of them. */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.get(name);
  if (!profile) throw new RangeError(`profile: "${name}" is none of ${[...PROFILES.keys()].join(', ')}`);
  return profile;
}

/** Work of a local day, `day` counted from 1970-01-01 (a Thursday). */
export function shiftsOf(profile: Profile, day: number): readonly Shift[] {
  const weekday = (((day + 4) % 7) + 7) % 7;
  if (weekday === 0) return profile.sunday;
  return weekday === 6 ? profile.saturday : profile.weekday;
}

/** Whether the network of a machine is lost at an instant, and when that changes next (ms; Infinity: never). */
export function networkAt(profile: Profile, seed: number, at: number): { offline: boolean; changesAt: number } {
  if (!profile.offline) return { offline: false, changesAt: Number.POSITIVE_INFINITY };
  const every = profile.offline.everyMinutes * 60_000;
  const lasts = profile.offline.minutes * 60_000;
  const shift = (mix(seed, NETWORK_STREAM) >>> 0) % every;
  const start = Math.floor((at - shift) / every) * every + shift;
  return at < start + lasts
    ? { offline: true, changesAt: start + lasts }
    : { offline: false, changesAt: start + every };
}
