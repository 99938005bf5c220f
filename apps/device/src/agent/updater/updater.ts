import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentLog } from '../device-agent.js';
import { type ArtefactSource, DownloadRefused, download } from './download.js';
import { FACTORY_FIRMWARE, type Firmware, FirmwareError, firmwareBytes, parseFirmware } from './firmware.js';
import { type Execution, isUpdate, type Order, orderFrom } from './order.js';
import type { UpdateDisk } from './update-disk.js';
import { NotConnected, type ReportedStatus, type UpdateJobs } from './update-jobs.js';
import { after, otherSlot, runningSlot, type UpdateEvent, type UpdateState } from './update-state.js';

export interface UpdaterOptions {
  readonly disk: UpdateDisk;
  readonly jobs: UpdateJobs;
  readonly source: ArtefactSource;
  /** Starts the controller anew; it runs the image of the next start when the promise resolves. */
  readonly reboot: () => Promise<void>;
  /** Whether what runs since the last start has proved itself. */
  readonly healthy: () => boolean;
  /** How long a new image has for that, ms; default 5 min. */
  readonly healthMs?: number;
  /** Wait before what failed is tried again, ms; default 2 s, doubled up to 16-fold. */
  readonly retryMs?: number;
  readonly log?: AgentLog;
}

const POLL_MS = 100;
/** Least time between two words on progress, and least step, per cent. */
const PROGRESS_MS = 1000;
const PROGRESS_STEP = 5;

/** The job was ended by the service while it was being done. */
class Abandoned extends Error {}

/**
 * Takes updates from jobs and brings them to their end, whatever happens between: after a start it goes on where the state on disk
 * says. It never touches the slot that is known to be good.
 */
export class Updater {
  readonly #options: Required<Pick<UpdaterOptions, 'healthMs' | 'retryMs' | 'log'>> & UpdaterOptions;
  readonly #stop = new AbortController();
  #state: UpdateState;
  #running: Firmware;
  #woken: (() => void) | undefined;
  #news = true;
  #loop: Promise<void> | undefined;

  /** Starts the controller: decides which slot runs, and has that on disk before it does. */
  static async boot(options: UpdaterOptions): Promise<Updater> {
    const { state, running } = await boot(options.disk);
    return new Updater(options, state, running);
  }

  private constructor(options: UpdaterOptions, state: UpdateState, running: Firmware) {
    this.#options = { healthMs: 300_000, retryMs: 2000, log: () => undefined, ...options };
    this.#state = state;
    this.#running = running;
  }

  /** The image that runs. */
  get running(): Firmware {
    return this.#running;
  }

  get state(): UpdateState {
    return this.#state;
  }

  /** Works until `stop`. Resolves then; rejects when the disk fails, and may be called again to go on. */
  run(): Promise<void> {
    this.#loop ??= this.#work().finally(() => {
      this.#loop = undefined;
    });
    return this.#loop;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#woken?.();
    // Whoever awaits `run` hears of a failure.
    await this.#loop?.catch(() => undefined);
  }

  /** There may be another job to do, or a connection to do it over. */
  readonly wake = (): void => {
    this.#news = true;
    this.#woken?.();
  };

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const event = await this.#step(this.#state);
      if (event && !signal.aborted) await this.#move(event);
    }
  }

  /** Does what the state asks for. Undefined when nothing came of it (yet). */
  async #step(state: UpdateState): Promise<UpdateEvent | undefined> {
    switch (state.step) {
      case 'idle':
        return this.#lookForOrder();
      case 'downloading':
        return this.#download(state.order);
      case 'installing':
        return this.#install(state.order);
      case 'starting':
      case 'reverting':
        await this.#options.reboot();
        return this.#bootAgain();
      case 'confirming':
        return this.#confirm(state.order);
      case 'reporting': {
        const { order, outcome } = state;
        const [status, details] = outcome.succeeded
          ? (['SUCCEEDED', {}] as const)
          : (['FAILED', { reason: outcome.reason, ...(outcome.rolledBack && { rolledBack: 'true' }) }] as const);
        await this.#report(order, status, details);
        return { type: 'reported' };
      }
    }
  }

  async #move(event: UpdateEvent): Promise<void> {
    const state = after(this.#state, event);
    await this.#options.disk.writeState(state);
    this.#state = state;
    const fields = 'order' in state ? { job: state.order.jobId, version: state.order.version } : {};
    this.#options.log('info', `update: ${state.step}`, { ...fields, running: this.#running.version });
  }

  /** As a fresh process does, from what is on disk. */
  async #bootAgain(): Promise<undefined> {
    const { state, running } = await boot(this.#options.disk);
    this.#state = state;
    this.#running = running;
    this.#options.log('info', `update: ${state.step}`, { running: running.version });
  }

  async #lookForOrder(): Promise<UpdateEvent | undefined> {
    await this.#options.disk.dropParts();
    if (!this.#news && !this.#stop.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    this.#woken = undefined;
    if (this.#stop.signal.aborted) return undefined;
    this.#news = false;
    const next = await this.#persist(() => this.#options.jobs.next());
    if (!next || !isUpdate(next)) return undefined;
    const order = orderFrom(next);
    if ('fault' in order) {
      this.#news = true;
      await this.#report(next, 'REJECTED', { reason: order.fault });
      return undefined;
    }
    return { type: 'ordered', order };
  }

  async #download(order: Order): Promise<UpdateEvent> {
    const { hardware, version } = this.#running;
    if (order.hardware !== null && order.hardware !== hardware)
      return refused(`the artefact is for hardware ${order.hardware}, this is ${hardware}`);
    if (order.version === version) return { type: 'already-there' };
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stop.signal]);
    const progress = this.#progress(order, () => over.abort(new Abandoned()));
    try {
      const { disk, source, retryMs } = this.#options;
      progress.tell(0);
      await download(order, {
        disk,
        source,
        retryMs,
        signal,
        progress: progress.tell,
        freshUrl: () => this.#freshUrl(order),
      });
      return { type: 'downloaded' };
    } catch (error) {
      if (error instanceof Abandoned) return { type: 'abandoned' };
      if (error instanceof DownloadRefused) return refused(error.message);
      if (this.#stop.signal.aborted) return { type: 'abandoned' };
      throw error;
    } finally {
      await progress.done();
    }
  }

  async #freshUrl(order: Order): Promise<string> {
    const now = await this.#persist(() => this.#options.jobs.describe(order.jobId));
    if (this.#stop.signal.aborted) return order.url;
    if (!now) throw new Abandoned();
    const fresh = orderFrom(now);
    if ('fault' in fresh || fresh.sha256 !== order.sha256) throw new DownloadRefused('the job has changed');
    return fresh.url;
  }

  async #install(order: Order): Promise<UpdateEvent> {
    const slot = otherSlot(this.#state.active);
    const { disk } = this.#options;
    void this.#say(order, 'IN_PROGRESS', { step: 'installing' });
    await disk.install(order.sha256, slot);
    try {
      const image = parseFirmware((await disk.readSlot(slot)) ?? Buffer.alloc(0));
      if (image.version !== order.version)
        return refused(`the image is of version ${image.version}, the release is ${order.version}`);
      if (image.hardware !== this.#running.hardware)
        return refused(`the image is for hardware ${image.hardware}, this is ${this.#running.hardware}`);
    } catch (error) {
      if (error instanceof FirmwareError) return refused(error.message);
      throw error;
    }
    return { type: 'installed' };
  }

  async #confirm(order: Order): Promise<UpdateEvent | undefined> {
    const { healthy, healthMs } = this.#options;
    const until = Date.now() + healthMs;
    void this.#say(order, 'IN_PROGRESS', { step: 'confirming' });
    while (!healthy()) {
      if (Date.now() >= until)
        return { type: 'unhealthy', reason: `the new image was not healthy within ${Math.round(healthMs / 1000)} s` };
      await sleep(POLL_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return undefined;
    }
    return { type: 'healthy' };
  }

  /** Says how far the download is, one word at a time, and hears when the job is over. */
  #progress(order: Order, over: () => void): { tell: (percent: number) => void; done: () => Promise<void> } {
    let said = -PROGRESS_STEP;
    let at = Number.NEGATIVE_INFINITY;
    let saying: Promise<void> | undefined;
    const tell = (percent: number): void => {
      if (saying || percent < said + PROGRESS_STEP || (percent < 100 && Date.now() - at < PROGRESS_MS)) return;
      said = percent;
      at = Date.now();
      saying = this.#say(order, 'IN_PROGRESS', { step: 'downloading', percent: String(percent) }).then((answer) => {
        saying = undefined;
        if (answer === 'over') over();
      });
    };
    return { tell, done: async () => saying };
  }

  /** Says something once; what is lost is said better by the next word. */
  async #say(order: Order, status: ReportedStatus, details: Readonly<Record<string, string>>) {
    try {
      return await this.#unlessStopped(this.#options.jobs.update(order, status, this.#detailed(details)));
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#options.log('warn', 'update: not said', { job: order.jobId, ...details, error: textOf(error) });
      return undefined;
    }
  }

  /** Says something until it is heard. */
  async #report(
    execution: Pick<Execution, 'jobId' | 'executionNumber'>,
    status: ReportedStatus,
    details: Readonly<Record<string, string>>,
  ): Promise<void> {
    const answer = await this.#persist(() => this.#options.jobs.update(execution, status, this.#detailed(details)));
    this.#news = true;
    this.#options.log('info', 'update: reported', { job: execution.jobId, status, answer, ...details });
  }

  /** With what runs now: the service compares. */
  #detailed(details: Readonly<Record<string, string>>): Record<string, string> {
    const { version, counter, hardware } = this.#running;
    const reason: Record<string, string> = details.reason === undefined ? {} : { reason: printable(details.reason) };
    return { ...details, ...reason, version, counter: String(counter), hardware };
  }

  /** An answer that is not waited for any longer once the updater is stopped. */
  async #unlessStopped<T>(answer: Promise<T>): Promise<T> {
    const { signal } = this.#stop;
    let stopped = (): void => undefined;
    const stop = new Promise<never>((_, reject) => {
      stopped = () => reject(new Error('the updater was stopped'));
      if (signal.aborted) stopped();
      signal.addEventListener('abort', stopped);
    });
    try {
      return await Promise.race([answer, stop]);
    } finally {
      signal.removeEventListener('abort', stopped);
    }
  }

  /** Asks until there is an answer, or the updater is stopped. */
  async #persist<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stop;
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        return await this.#unlessStopped(ask());
      } catch (error) {
        if (!(error instanceof NotConnected || signal.aborted))
          this.#options.log('warn', 'update: no answer', { error: textOf(error) });
      }
      const wait = new AbortController();
      this.#woken = () => wait.abort();
      const delay = this.#options.retryMs * 2 ** Math.min(tries, 4);
      // A connection that is back ends the wait.
      await sleep(delay, undefined, { signal: AbortSignal.any([wait.signal, signal]) }).catch(() => undefined);
      this.#woken = undefined;
    }
    return undefined;
  }
}

const refused = (reason: string): UpdateEvent => ({ type: 'refused', reason });

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** As the service takes values: up to 1,024 characters, none of them a control character. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').slice(0, 1024);

/** What a start does: a factory image into an empty slot, then the slot that the state names; a broken other one is passed over. */
async function boot(disk: UpdateDisk): Promise<{ state: UpdateState; running: Firmware }> {
  const found: UpdateState = (await disk.readState()) ?? { step: 'idle', active: 'a' };
  if (found.step === 'idle' && (await disk.readSlot(found.active)) === undefined)
    await disk.writeSlot(found.active, firmwareBytes(FACTORY_FIRMWARE));
  const other = await bootable(disk, otherSlot(found.active));
  const state = after(found, { type: 'booted', otherBoots: other !== undefined });
  if (state !== found) await disk.writeState(state);
  const running = runningSlot(state) === state.active ? await bootable(disk, state.active) : other;
  if (!running) throw new Error(`slot ${state.active} holds no image that starts`);
  return { state, running };
}

/** The image of a slot, if it is one that starts. */
async function bootable(disk: UpdateDisk, slot: 'a' | 'b'): Promise<Firmware | undefined> {
  const image = await disk.readSlot(slot);
  if (!image) return undefined;
  try {
    const firmware = parseFirmware(image);
    return firmware.behaviour === 'unbootable' ? undefined : firmware;
  } catch (error) {
    if (error instanceof FirmwareError) return undefined;
    throw error;
  }
}
