import {
  type DeviceMessage,
  numberMessages,
  type Profile,
  profileNamed,
  type SimulatedItem,
  type SimulationOptions,
  simulateCompressor,
  simulateSwap,
  withDisorder,
  withDuplicates,
  withOutage,
} from '../../../apps/device/src/index.js';
import type { Span, Told } from './truth.js';

/** What happens to a machine's messages besides duplicates and disorder, which happen to all. */
export interface MachineSpec {
  readonly name: string;
  readonly customer: string;
  readonly seed: number;
  readonly profile: string;
  /** The controller starts anew at these instants. */
  readonly reboots?: readonly number[];
  /** The output register shows so much at the beginning, 0.001 m³. */
  readonly registerMilliM3?: number;
  /** Another controller from here on; the machine stands still half an hour before and after. */
  readonly swapAt?: number;
  /** Messages of this stretch come in only after two more days. */
  readonly delayed?: Span;
  /** The device loses its connection while it sends. */
  readonly losesNetwork?: boolean;
  /** The last day's messages come after the month was closed; the machine stood still with a fault for most of it. */
  readonly late?: boolean;
}

/** One controller's messages, in the order in which it sends them. */
export interface Sending {
  readonly thing: string;
  /** Sent before the month is closed, and after. */
  readonly before: readonly DeviceMessage[];
  readonly after: readonly DeviceMessage[];
}

export interface Machine {
  readonly spec: MachineSpec;
  readonly controllers: readonly Sending[];
  /** Instants from which to which messages told of the machine before the month is closed, and in the end. */
  readonly toldBefore: Omit<Told, 'assetId'>;
  readonly toldInTheEnd: Omit<Told, 'assetId'>;
}

export interface Sizes {
  readonly intervalMs: number;
  readonly cycleSeconds: readonly [min: number, max: number];
  readonly duplicates: number;
  readonly disorder: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Simulates a machine over `life`; what it sends is parted at `closed`, the end of the month that is closed. */
export function simulate(spec: MachineSpec, life: Span, closed: number, sizes: Sizes): Machine {
  const profile: Profile = { ...profileNamed(spec.profile), cycleSeconds: sizes.cycleSeconds };
  const options: SimulationOptions = {
    ...life,
    seed: spec.seed,
    profile,
    intervalMs: sizes.intervalMs,
    commissionedAt: life.from - 3 * DAY_MS,
    ...(spec.registerMilliM3 !== undefined && {
      counter: { zeroAt: life.from, baseMilliM3: spec.registerMilliM3 },
    }),
    ...(spec.late && {
      interruptions: [
        { kind: 'fault', from: closed - 20 * 60 * MINUTE_MS, to: closed - 3 * 60 * MINUTE_MS, code: 'E42' },
      ],
    }),
  };
  const boards = boardsOf(spec, options);
  // Of a late device everything is held back that is of the last day; of all others what is of the month after.
  const cutAt = spec.late ? closed - DAY_MS : closed + 1;
  const controllers = boards.items.map((items, i) => {
    const messages = [...numberMessages(items, { reboots: spec.reboots })];
    return {
      thing: i === 0 ? spec.name : `${spec.name}-${i + 1}`,
      before: disturbed(
        messages.filter((m) => m.ts < cutAt),
        spec,
        sizes,
      ),
      after: disturbed(
        messages.filter((m) => m.ts >= cutAt),
        spec,
        sizes,
      ),
    };
  });
  const told = { label: spec.name, machine: boards.machine, from: life.from };
  const readings = controllers.flatMap(({ before }) => before.filter((m) => 'm' in m).map((m) => m.ts));
  return {
    spec,
    controllers,
    toldBefore: { ...told, to: readings.reduce((last, ts) => Math.max(last, ts), life.from) },
    toldInTheEnd: { ...told, to: life.to },
  };
}

function boardsOf({ swapAt }: MachineSpec, options: SimulationOptions) {
  if (swapAt === undefined) {
    const simulation = simulateCompressor(options);
    return { machine: simulation.machine, items: [simulation.items()] as Iterable<SimulatedItem>[] };
  }
  const swap = { stopFrom: swapAt - 30 * MINUTE_MS, swapAt, resumeAt: swapAt + 30 * MINUTE_MS };
  const { before, after, whole } = simulateSwap(options, { ...swap, baseMilliM3: 5_000_000 });
  return { machine: whole.machine, items: [before.items(), after.items()] as Iterable<SimulatedItem>[] };
}

function disturbed(messages: readonly DeviceMessage[], spec: MachineSpec, sizes: Sizes): DeviceMessage[] {
  const late = spec.delayed
    ? withOutage(messages, { ...spec.delayed, deliverAt: spec.delayed.to + 2 * DAY_MS })
    : messages;
  const twice = withDuplicates(late, { seed: spec.seed, rate: sizes.duplicates });
  return withDisorder(twice, { seed: spec.seed, window: sizes.disorder });
}
