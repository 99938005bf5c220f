import { nextBoot } from '../agent/boot-counter.js';
import { type AgentLog, type AgentStats, DeviceAgent } from '../agent/device-agent.js';
import { loadIdentity } from '../agent/identity.js';
import type { JournalCounts } from '../agent/journal.js';
import { FirmwareSlots } from './firmware-slots.js';
import { Compressor } from '../simulator/compressor.js';
import { networkAt, type Profile, profileNamed } from '../simulator/profile.js';
import { mix, seedFromName } from '../simulator/random.js';
import { itemsBetween } from '../simulator/simulate.js';
import type { SimClock } from './sim-clock.js';

/** Longest time that is slept at once, so that a change of the wall clock is noticed. */
const LONGEST_SLEEP_MS = 60_000;

export interface SimulatedDeviceOptions {
  readonly clock: SimClock;
  /** Distance of regular readings, ms. */
  readonly intervalMs: number;
  readonly log: AgentLog;
  /** How long a new image has to prove itself, ms; default 5 min. */
  readonly healthMs?: number;
}

/**
 * One identity folder played as a compressor. Everything shown follows from seed and time, so after a restart the
 * machine goes on where it would be and its counter never goes back.
 */
export class SimulatedDevice {
  readonly agent: DeviceAgent;
  readonly #firmware: FirmwareSlots;
  readonly #folder: string;
  readonly #machine: Compressor;
  readonly #profile: Profile;
  readonly #seed: number;
  readonly #options: SimulatedDeviceOptions;
  readonly #phase: number;
  #last: number;
  #timer: NodeJS.Timeout | undefined;
  #switching: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @throws Error naming file and field when the folder is not a whole identity. */
  static async load(folder: string, options: SimulatedDeviceOptions): Promise<SimulatedDevice> {
    const identity = await loadIdentity(folder);
    const profile = profileNamed(identity.sim?.profile ?? 'two-shift');
    const firmware = await FirmwareSlots.boot(folder, identity.thingName, options);
    const { onConnection } = firmware;
    const agent = new DeviceAgent({ identity, boot: await nextBoot(folder), log: options.log, onConnection });
    const seed = identity.sim?.seed ?? seedFromName(identity.thingName);
    return new SimulatedDevice(agent, firmware, folder, seed, profile, options);
  }

  private constructor(
    agent: DeviceAgent,
    firmware: FirmwareSlots,
    folder: string,
    seed: number,
    profile: Profile,
    options: SimulatedDeviceOptions,
  ) {
    this.agent = agent;
    this.#firmware = firmware;
    this.#folder = folder;
    this.#seed = seed;
    this.#profile = profile;
    this.#options = options;
    this.#machine = new Compressor({ seed, profile });
    this.#phase = (mix(seed, 4) >>> 0) % options.intervalMs;
    this.#last = options.clock.now();
  }

  get stats(): AgentStats {
    return this.agent.stats;
  }

  /** Connects, reports the present state at once and goes on until `stop`. */
  start(): void {
    this.agent.start();
    this.agent.event({ ts: this.#last, type: 'reboot', detail: 'power on' });
    if (!this.#firmware.mute) this.agent.report(this.#machine.readingAt(this.#last));
    this.#step();
    this.#firmware.start({ stats: () => this.agent.stats, reboot: () => this.#reboot() });
  }

  /** Reports no more, delivers what it can and disconnects. Returns what was left. */
  async stop(drainMs: number): Promise<JournalCounts> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#firmware.stop();
    await this.#switching;
    return this.agent.close({ drainMs });
  }

  #step(): void {
    if (this.#stopped) return;
    const { clock, intervalMs } = this.#options;
    const now = clock.now();
    if (now > this.#last) {
      for (const item of itemsBetween(this.#machine, {
        after: this.#last,
        until: now,
        intervalMs,
        phase: this.#phase,
      })) {
        if (item.kind === 'event') this.agent.event(item);
        else if (!this.#firmware.mute) this.agent.report(item);
      }
      this.#last = now;
    }
    const network = networkAt(this.#profile, this.#seed, now);
    if (network.offline !== this.agent.stats.offline) this.#switch(network.offline);
    const tick = this.#phase + (Math.floor((now - this.#phase) / intervalMs) + 1) * intervalMs;
    const change = this.#machine.nextChangeAfter(now, tick - now) ?? tick;
    const wake = Math.min(tick, change, network.changesAt);
    this.#timer = setTimeout(() => this.#step(), Math.min(LONGEST_SLEEP_MS, clock.wallMsUntil(wake)));
  }

  /** A start of the controller: the connection ends, the next boot begins, and the image of that boot connects. */
  async #reboot(): Promise<void> {
    const boot = await nextBoot(this.#folder);
    if (this.#stopped) return;
    const { offline } = this.agent.stats;
    await this.agent.goOffline();
    this.agent.reboot(this.#options.clock.now(), 'update', boot);
    if (!offline && !this.#stopped) this.agent.goOnline();
  }

  #switch(offline: boolean): void {
    this.#switching = this.#switching.then(async () => {
      if (this.#stopped) return;
      this.#options.log('info', offline ? 'network lost' : 'network back', { thing: this.agent.thingName });
      if (offline) await this.agent.goOffline();
      else this.agent.goOnline();
    });
  }
}
