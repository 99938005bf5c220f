import { type DeviceMessage, isTelemetry } from '../agent/message.js';
import type { Interruption } from './compressor.js';
import { randomSource } from './random.js';
import { type SimulatedItem, type Simulation, type SimulationOptions, simulateCompressor } from './simulate.js';

const DUPLICATE_STREAM = 11;
const DISORDER_STREAM = 12;

/** A position in a device's numbering: the next message has sequence number `seq` of `boot`. */
export interface Numbering {
  readonly boot: number;
  readonly seq: number;
}

/**
 * Numbers items as a device does. At each instant in `reboots` the boot rises by one, the sequence begins again with 1
 * and a `reboot` event is sent; counters go on.
 */
export function* numberMessages(
  items: Iterable<SimulatedItem>,
  options: { start?: Numbering; reboots?: readonly number[] } = {},
): Generator<DeviceMessage> {
  let { boot, seq } = options.start ?? { boot: 1, seq: 1 };
  const reboots = [...(options.reboots ?? [])].sort((a, b) => a - b);
  for (const item of items) {
    for (let at = reboots[0]; at !== undefined && at <= item.ts; at = reboots[0]) {
      reboots.shift();
      boot += 1;
      seq = 1;
      yield { ts: at, boot, type: 'reboot', detail: 'restart' };
    }
    if (item.kind === 'reading') {
      yield { ts: item.ts, boot, seq, m: item.m };
      seq += 1;
    } else {
      const { kind: _, ...event } = item;
      yield { ...event, boot };
    }
  }
}

/** Sends some messages twice: each with probability `rate` (0..1) comes again up to `distance` messages later. */
export function withDuplicates<T>(
  messages: readonly T[],
  options: { seed: number; rate: number; distance?: number },
): T[] {
  const random = randomSource(options.seed, DUPLICATE_STREAM);
  const due = new Map<number, T[]>();
  const out: T[] = [];
  messages.forEach((message, index) => {
    out.push(message, ...(due.get(index) ?? []));
    due.delete(index);
    if (!random.chance(options.rate)) return;
    const at = index + random.int(1, options.distance ?? 10);
    due.set(at, [...(due.get(at) ?? []), message]);
  });
  for (const late of due.values()) out.push(...late);
  return out;
}

/** Shuffles within consecutive runs of `window` messages: none moves further than `window - 1` places. */
export function withDisorder<T>(messages: readonly T[], options: { seed: number; window: number }): T[] {
  if (!Number.isSafeInteger(options.window) || options.window < 1)
    throw new RangeError(`window: ${options.window} must be a whole number of at least 1`);
  const random = randomSource(options.seed, DISORDER_STREAM);
  const out: T[] = [];
  for (let start = 0; start < messages.length; start += options.window) {
    const run = messages.slice(start, start + options.window);
    for (let last = run.length - 1; last > 0; last -= 1) {
      const other = random.int(0, last);
      const [a, b] = [run[last], run[other]];
      if (a === undefined || b === undefined) continue;
      run[last] = b;
      run[other] = a;
    }
    out.push(...run);
  }
  return out;
}

/** A loss of the network: messages of [from, to) arrive, in their order, only after the first message at or past `deliverAt` (default `to`). */
export function withOutage<T extends { readonly ts: number }>(
  messages: readonly T[],
  outage: { from: number; to: number; deliverAt?: number },
): T[] {
  const held = messages.filter((message) => message.ts >= outage.from && message.ts < outage.to);
  const others = messages.filter((message) => message.ts < outage.from || message.ts >= outage.to);
  const back = others.findIndex((message) => message.ts >= (outage.deliverAt ?? outage.to));
  if (back < 0) return [...others, ...held];
  return [...others.slice(0, back + 1), ...held, ...others.slice(back + 1)];
}

/** Distinct messages by identity, in order of their first arrival: what must be stored in the end. */
export function distinct(messages: readonly DeviceMessage[]): DeviceMessage[] {
  const seen = new Set<string>();
  return messages.filter((message) => {
    const key = isTelemetry(message) ? `${message.boot}/${message.seq}` : JSON.stringify(message);
    return !seen.has(key) && seen.add(key);
  });
}

export interface ControllerSwap {
  /** The machine stands still from here … */
  readonly stopFrom: number;
  /** … the new board speaks from here on … */
  readonly swapAt: number;
  /** … and the machine may run again from here. */
  readonly resumeAt: number;
  /** What the new board's output register shows at the swap, 0.001 m³; default 0. */
  readonly baseMilliM3?: number;
}

/**
 * A controller swap within one simulated period: the old board reports [from, swapAt), the new one [swapAt, to] with a
 * register of its own. The machine stands still around the swap, so no output falls between the two registers.
 * `whole.truth` is the truth of the asset.
 */
export function simulateSwap(
  options: SimulationOptions,
  swap: ControllerSwap,
): { before: Simulation; after: Simulation; whole: Simulation } {
  const { stopFrom, swapAt, resumeAt, baseMilliM3 = 0 } = swap;
  if (!(options.from <= stopFrom && stopFrom < swapAt && swapAt < resumeAt && resumeAt <= options.to))
    throw new RangeError(`swap: ${stopFrom} < ${swapAt} < ${resumeAt} must lie in order within the period`);
  const still: Interruption = { kind: 'operator_stop', from: stopFrom, to: resumeAt, detail: 'controller replaced' };
  const common = { ...options, interruptions: [...(options.interruptions ?? []), still] };
  return {
    before: simulateCompressor({ ...common, to: swapAt, endReading: false }),
    after: simulateCompressor({ ...common, from: swapAt, counter: { zeroAt: swapAt, baseMilliM3 } }),
    whole: simulateCompressor(common),
  };
}
