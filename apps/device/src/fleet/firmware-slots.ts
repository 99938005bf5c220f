import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentLog, AgentStats, DeviceAgentOptions } from '../agent/device-agent.js';
import { type DeviceIdentity, loadIdentity } from '../agent/identity.js';
import { JobDispatcher } from '../agent/job-dispatcher.js';
import { IdentityFiles } from '../agent/rotation/identity-files.js';
import { Rotation } from '../agent/rotation/rotation.js';
import { SdkCertificates } from '../agent/rotation/sdk-certificates.js';
import { httpSource } from '../agent/updater/http-source.js';
import { SdkJobs } from '../agent/updater/sdk-jobs.js';
import { FolderDisk } from '../agent/updater/update-disk.js';
import { Updater } from '../agent/updater/updater.js';

/** Measurements of its own boot that the server must have committed before a new image counts as healthy. */
const HEALTHY_MESSAGES = 3;
/** Wait after the disk failed. */
const DISK_RETRY_MS = 10_000;

/** What a start needs of the device around it. */
export interface Controller {
  readonly stats: () => AgentStats;
  readonly reboot: () => Promise<void>;
  /** Connects with this identity, if the connection is not by it already. */
  readonly become: (identity: DeviceIdentity) => Promise<void>;
}

/**
 * The image that a simulated controller runs, and the jobs that change it: updates, kept in the identity folder's `firmware`, and
 * new certificates.
 */
export class FirmwareSlots {
  readonly onConnection: NonNullable<DeviceAgentOptions['onConnection']>;
  readonly #updater: Updater;
  readonly #jobs: SdkJobs;
  readonly #log: AgentLog;
  readonly #thing: string;
  readonly #stop = new AbortController();
  #controller: Controller | undefined;
  #running: Promise<void> | undefined;

  /** @throws Error when no slot holds an image that starts. */
  static async boot(
    folder: string,
    thingName: string,
    options: { readonly log: AgentLog; readonly healthMs?: number | undefined },
  ): Promise<FirmwareSlots> {
    const { healthMs } = options;
    const log: AgentLog = (level, what, fields) => options.log(level, what, { thing: thingName, ...fields });
    const jobs = new SdkJobs(thingName, () => updater.wake());
    const certificates = new SdkCertificates();
    const rotation = new Rotation({
      thingName,
      files: new IdentityFiles(folder),
      jobs,
      sign: (request) => certificates.sign(request),
      reconnect: async () => {
        const identity = await loadIdentity(folder);
        await slots.#controller?.become(identity);
        return identity.tls?.cert;
      },
      log,
    });
    const updater: Updater = await Updater.boot({
      disk: new FolderDisk(join(folder, 'firmware')),
      jobs: new JobDispatcher(jobs, [rotation], log),
      source: httpSource,
      reboot: async () => slots.#controller?.reboot(),
      healthy: () => slots.#healthy(),
      log,
      ...(healthMs !== undefined && { healthMs }),
    });
    const slots: FirmwareSlots = new FirmwareSlots(updater, jobs, certificates, options.log, thingName);
    return slots;
  }

  private constructor(updater: Updater, jobs: SdkJobs, certificates: SdkCertificates, log: AgentLog, thing: string) {
    this.#updater = updater;
    this.#jobs = jobs;
    this.#log = log;
    this.#thing = thing;
    this.onConnection = (connection) => {
      certificates.connection(connection);
      jobs.connection(connection);
    };
  }

  /** The image reports no measurements. */
  get mute(): boolean {
    return this.#updater.running.behaviour === 'mute';
  }

  get version(): string {
    return this.#updater.running.version;
  }

  /** Takes updates until `stop`. */
  start(controller: Controller): void {
    this.#controller = controller;
    this.#log('info', 'firmware', { thing: this.#thing, version: this.version });
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#updater.stop();
    await this.#running;
    await this.#jobs.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#updater.run();
        return;
      } catch (error) {
        this.#log('warn', 'update: the disk fails', { thing: this.#thing, error: String(error) });
      }
      // The wait ends early only when the device is stopped.
      await sleep(DISK_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #healthy(): boolean {
    const stats = this.#controller?.stats();
    return stats?.committed?.boot === stats?.boot && (stats?.committed?.seq ?? 0) >= HEALTHY_MESSAGES;
  }
}
