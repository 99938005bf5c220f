import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentLog } from '../agent/device-agent.js';
import { SimClock } from './sim-clock.js';
import { SimulatedDevice } from './simulated-device.js';

export interface FleetOptions {
  /** Folder with one identity folder per thing. */
  readonly identities: string;
  /** Distance of regular readings, ms; default 10 s. */
  readonly intervalMs?: number;
  readonly speed?: number;
  /** First simulated instant, ms; default now. */
  readonly from?: number;
  /** Pause between the starts of two devices, ms; default 20. */
  readonly staggerMs?: number;
  /** How often new and removed folders are looked for, ms; default 2000. */
  readonly rescanMs?: number;
  /** How long a new image has to prove itself, ms; default 5 min. */
  readonly healthMs?: number;
  readonly log: AgentLog;
}

/** Many simulated devices in one process: one for each identity folder, also for those that appear later. */
export class Fleet {
  readonly #options: Required<Pick<FleetOptions, 'identities' | 'intervalMs' | 'staggerMs' | 'rescanMs' | 'log'>> &
    Pick<FleetOptions, 'healthMs'>;
  readonly #clock: SimClock;
  readonly #devices = new Map<string, SimulatedDevice>();
  /** Folders that could not be used, with the reason that was logged, so that it is logged once. */
  readonly #unusable = new Map<string, string>();
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;

  constructor(options: FleetOptions) {
    this.#options = { intervalMs: 10_000, staggerMs: 20, rescanMs: 2000, ...options };
    if (!Number.isSafeInteger(this.#options.intervalMs) || this.#options.intervalMs < 100)
      throw new RangeError(`interval: ${this.#options.intervalMs} ms must be at least 100 ms`);
    this.#clock = new SimClock(options);
  }

  get devices(): readonly SimulatedDevice[] {
    return [...this.#devices.values()];
  }

  /** Starts all devices that are there and resolves with their number once each has been connected. */
  async start(): Promise<number> {
    await this.#scan();
    const first = this.devices;
    this.#watching = this.#watch();
    await Promise.all(first.filter((device) => !device.stats.offline).map((device) => device.agent.whenConnected()));
    return first.length;
  }

  /** Stops every device; each delivers what it can within `drainMs`. Returns the number of messages left undelivered. */
  async stop(drainMs = 5000): Promise<number> {
    this.#stop.abort();
    await this.#watching;
    const left = await Promise.all(this.devices.map((device) => device.stop(drainMs)));
    this.#devices.clear();
    return left.reduce((sum, counts) => sum + counts.waiting + counts.inflight, 0);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // The wait ends early only when the fleet is stopped.
      await sleep(this.#options.rescanMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#scan();
    }
  }

  async #scan(): Promise<void> {
    const { identities, staggerMs, log } = this.#options;
    const entries = await readdir(identities, { withFileTypes: true });
    const folders = new Set(entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name));
    for (const [name, device] of this.#devices) {
      if (folders.has(name)) continue;
      this.#devices.delete(name);
      log('info', 'device removed', { folder: name });
      await device.stop(0);
    }
    for (const name of [...folders].sort()) {
      if (this.#stop.signal.aborted) return;
      if (this.#devices.has(name) || !(await this.#isIdentity(name))) continue;
      try {
        const device = await SimulatedDevice.load(join(identities, name), {
          clock: this.#clock,
          intervalMs: this.#options.intervalMs,
          healthMs: this.#options.healthMs,
          log,
        });
        this.#devices.set(name, device);
        this.#unusable.delete(name);
        device.start();
      } catch (error) {
        if (this.#unusable.get(name) !== String(error))
          log('warn', 'folder not usable', { folder: name, error: String(error) });
        this.#unusable.set(name, String(error));
      }
      await sleep(staggerMs);
    }
  }

  /** A folder without `endpoint.json` is none of ours, or is still being written. */
  async #isIdentity(name: string): Promise<boolean> {
    return stat(join(this.#options.identities, name, 'endpoint.json')).then(
      () => true,
      () => false,
    );
  }
}
