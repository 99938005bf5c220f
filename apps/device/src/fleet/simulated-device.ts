import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextBoot } from '../agent/boot-counter.js';
import { builtInCommands, type Controller } from '../agent/commands/built-in.js';
import type { CommandHandlers } from '../agent/commands/command.js';
import { CommandJournal } from '../agent/commands/command-journal.js';
import { type AgentLog, type AgentStats, DeviceAgent, type DeviceAgentOptions } from '../agent/device-agent.js';
import { DurableJournal } from '../agent/durable-journal.js';
import { loadIdentity } from '../agent/identity.js';
import type { JournalCounts } from '../agent/journal.js';
import { loadSettings, storeSettings } from '../agent/settings.js';
import { Compressor } from '../simulator/compressor.js';
import { networkAt, type Profile, profileNamed } from '../simulator/profile.js';
import { mix, seedFromName } from '../simulator/random.js';
import { selfTestOf } from '../simulator/self-test.js';
import { itemsBetween } from '../simulator/simulate.js';
import { FirmwareSlots } from './firmware-slots.js';
import type { SimClock } from './sim-clock.js';

/** Longest time that is slept at once, so that a change of the wall clock is noticed. */
const LONGEST_SLEEP_MS = 60_000;
/** What one check of the self-test takes. */
const CHECK_MS = 800;
/** Before a restart, for what was said last. */
const PARTING_MS = 300;

export interface SimulatedDeviceOptions {
  readonly clock: SimClock;
  /** Distance of regular readings, ms. */
  readonly intervalMs: number;
  readonly log: AgentLog;
  /** How long a new image has to prove itself, ms; default 5 min. */
  readonly healthMs?: number;
  /** Keep messages in `journal.sqlite` of the folder, so that a start after a crash goes on with them; default in memory. */
  readonly durable?: boolean;
  /** Most messages kept by a durable journal. */
  readonly journalLimit?: number;
}

/**
 * One identity folder played as a compressor. Everything shown follows from seed and time, so after a restart the
 * machine goes on where it would be and its counter never goes back.
 */
export class SimulatedDevice {
  readonly agent: DeviceAgent;
  readonly #firmware: FirmwareSlots;
  readonly #journal: DurableJournal | undefined;
  readonly #machine: Compressor;
  readonly #profile: Profile;
  readonly #seed: number;
  readonly #options: SimulatedDeviceOptions;
  readonly #folder: string;
  #intervalMs: number;
  #last: number;
  #timer: NodeJS.Timeout | undefined;
  #switching: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @throws Error naming file and field when the folder is not a whole identity. */
  static async load(folder: string, options: SimulatedDeviceOptions): Promise<SimulatedDevice> {
    const identity = await loadIdentity(folder);
    const profile = profileNamed(identity.sim?.profile ?? 'two-shift');
    const { reportIntervalSeconds } = await loadSettings(folder);
    const intervalMs = reportIntervalSeconds === undefined ? options.intervalMs : reportIntervalSeconds * 1000;
    const commandJournal = await CommandJournal.load(folder);
    const firmware = await FirmwareSlots.boot(folder, identity.thingName, options);
    const { onConnection } = firmware;
    const { log, journalLimit: limit } = options;
    const journal = options.durable ? DurableJournal.open(join(folder, 'journal.sqlite'), { log, limit }) : undefined;
    const boot = await nextBoot(folder, journal?.lastBoot);
    journal?.begin(boot);
    return new SimulatedDevice(
      folder,
      firmware,
      journal,
      (handlers, reported) =>
        new DeviceAgent({
          ...{ identity, boot, log, onConnection, reported, journal },
          commands: { handlers, journal: commandJournal },
        }),
      identity.sim?.seed ?? seedFromName(identity.thingName),
      profile,
      { ...options, intervalMs },
    );
  }

  private constructor(
    folder: string,
    firmware: FirmwareSlots,
    journal: DurableJournal | undefined,
    agentWith: (handlers: CommandHandlers, reported: DeviceAgentOptions['reported']) => DeviceAgent,
    seed: number,
    profile: Profile,
    options: SimulatedDeviceOptions,
  ) {
    this.#folder = folder;
    this.#firmware = firmware;
    this.#journal = journal;
    this.#seed = seed;
    this.#profile = profile;
    this.#options = options;
    this.#machine = new Compressor({ seed, profile });
    this.#intervalMs = options.intervalMs;
    this.#last = options.clock.now();
    this.agent = agentWith(builtInCommands(this.#controller()), () => ({
      firmware: { version: this.#firmware.version },
      reportIntervalSeconds: this.#intervalMs / 1000,
    }));
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
    this.#firmware.start({
      stats: () => this.agent.stats,
      reboot: () => this.#restart('update', 0),
      become: (identity) => this.agent.become(identity),
    });
  }

  /** Reports no more, delivers what it can and disconnects. Returns what was left. */
  async stop(drainMs: number): Promise<JournalCounts> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#firmware.stop();
    await this.#switching;
    const left = await this.agent.close({ drainMs });
    this.#journal?.close();
    return left;
  }

  /** The part of the interval at which this device reports, so that a fleet does not do it in step. */
  get #phase(): number {
    return (mix(this.#seed, 4) >>> 0) % this.#intervalMs;
  }

  #step(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const intervalMs = this.#intervalMs;
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

  #controller(): Controller {
    const { clock } = this.#options;
    const bench = {
      machine: this.#machine,
      now: () => clock.now(),
      network: () => {
        const { connected, journal } = this.agent.stats;
        return { connected, waiting: journal.waiting, lost: journal.lost };
      },
    };
    return {
      selfTest: selfTestOf(bench, CHECK_MS),
      restart: async () => this.#restart('command', PARTING_MS),
      setReportInterval: async (seconds) => {
        await storeSettings(this.#folder, { reportIntervalSeconds: seconds });
        this.#intervalMs = seconds * 1000;
        clearTimeout(this.#timer);
        this.#step();
        void this.agent.reportState();
      },
    };
  }

  /** Off, the next boot with the image of that boot, on again; a command is answered when the agent is back. */
  #restart(reason: 'command' | 'update', partingMs: number): Promise<void> {
    this.#switching = this.#switching.then(async () => {
      if (this.#stopped) return;
      await sleep(partingMs);
      await this.agent.goOffline();
      const at = this.#options.clock.now();
      const boot = await nextBoot(this.#folder, this.#journal?.lastBoot);
      this.#journal?.begin(boot);
      this.agent.reboot(at, reason, boot);
      this.#options.log('info', 'restarted', { thing: this.agent.thingName, boot: this.agent.stats.boot, reason });
      if (!this.#stopped && !networkAt(this.#profile, this.#seed, at).offline) this.agent.goOnline();
    });
    return this.#switching;
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
