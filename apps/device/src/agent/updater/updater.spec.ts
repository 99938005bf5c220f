import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Crash, MemoryDisk } from '../../../test/memory-disk.js';
import { type ArtefactSource, LinkRefused } from './download.js';
import { FACTORY_FIRMWARE, type Firmware, firmwareBytes } from './firmware.js';
import type { Execution } from './order.js';
import type { ReportedStatus, UpdateJobs } from './update-jobs.js';
import { runningSlot } from './update-state.js';
import { Updater, type UpdaterOptions } from './updater.js';

const NEW: Firmware = { version: '2.0.0', counter: 2, hardware: 'rx90-a', behaviour: 'normal' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The service: one job, which ends with the device's last word. */
class TestJobs implements UpdateJobs {
  readonly said: { status: ReportedStatus; details: Readonly<Record<string, string>> }[] = [];
  ended: ReportedStatus | undefined;
  links = 0;
  /** Answers that get lost. */
  deaf = 0;

  constructor(readonly execution: Execution) {}

  async next(): Promise<Execution | undefined> {
    return this.#answer(() => (this.ended ? undefined : this.execution));
  }

  async describe(): Promise<Execution | undefined> {
    this.links += 1;
    return this.#answer(() => (this.ended ? undefined : this.execution));
  }

  async update(
    _: object,
    status: ReportedStatus,
    details: Readonly<Record<string, string>>,
  ): Promise<'taken' | 'over'> {
    return this.#answer(() => {
      if (this.ended) return 'over';
      this.said.push({ status, details });
      if (status !== 'IN_PROGRESS') this.ended = status;
      return 'taken';
    });
  }

  #answer<T>(work: () => T): T {
    const answer = work();
    if (this.deaf === 0) return answer;
    this.deaf -= 1;
    throw new Error('no answer');
  }
}

function worldOf(image: Buffer, change: { artefact?: object; release?: object } = {}) {
  const artefact = {
    url: 'http://host/1',
    length: image.length,
    sha256: sha256(image),
    hardware: 'rx90-a',
    ...change.artefact,
  };
  const release = { version: '2.0.0', counter: 2, ...change.release };
  const jobs = new TestJobs({ jobId: 'u', executionNumber: 1, document: { operation: 'update', release, artefact } });
  const disk = new MemoryDisk();
  const starts: string[] = [];
  const asked: number[] = [];
  /** The image of the last start is healthy unless it is mute. */
  let behaviour = 'normal';
  const source: ArtefactSource = async (_url, from) => {
    asked.push(from);
    return { from, total: image.length, body: piecesOf(image.subarray(from)) };
  };
  const options = (over: Partial<UpdaterOptions> = {}): UpdaterOptions => ({
    disk,
    jobs,
    source,
    reboot: async () => undefined,
    healthy: () => updater?.running.behaviour === 'normal',
    healthMs: 30,
    retryMs: 1,
    ...over,
  });
  let updater: Updater | undefined;
  const start = async (over?: Partial<UpdaterOptions>): Promise<Updater> => {
    updater = await Updater.boot(options(over));
    behaviour = updater.running.behaviour;
    starts.push(behaviour);
    return updater;
  };
  /** Works until the job is ended and the device is idle again. */
  const finish = async (over?: Partial<UpdaterOptions>): Promise<Updater> => {
    const one = await start(over);
    let failure: unknown;
    const running = one.run().catch((error: unknown) => {
      failure = error;
    });
    while (!(failure || (jobs.ended && one.state.step === 'idle')))
      await new Promise((resolve) => setTimeout(resolve, 1));
    await one.stop();
    await running;
    if (failure) throw failure;
    return one;
  };
  return { jobs, disk, asked, image, start, finish };
}

async function* piecesOf(bytes: Buffer, size = 40): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const last = (jobs: TestJobs) => jobs.said.at(-1);

describe('an updater', () => {
  it('downloads, installs, starts and confirms the new image, and says what runs', async () => {
    const w = worldOf(firmwareBytes(NEW));
    const updater = await w.finish();
    expect(updater.running).toEqual(NEW);
    expect(updater.state).toEqual({ step: 'idle', active: 'b' });
    expect(last(w.jobs)).toEqual({
      status: 'SUCCEEDED',
      details: { version: '2.0.0', counter: '2', hardware: 'rx90-a' },
    });
    expect(w.jobs.said[0]).toEqual({
      status: 'IN_PROGRESS',
      details: { step: 'downloading', percent: '0', version: '1.0.0', counter: '1', hardware: 'rx90-a' },
    });
    expect(w.disk.parts.size).toBe(0);
  });

  it.each<[string, Firmware, string]>([
    ['is not healthy', { ...NEW, behaviour: 'mute' }, 'the new image was not healthy within 0 s'],
    ['does not start', { ...NEW, behaviour: 'unbootable' }, 'the new image did not start'],
  ])('rolls back when the image %s', async (_, firmware, reason) => {
    const w = worldOf(firmwareBytes(firmware));
    const updater = await w.finish();
    expect(updater.running).toEqual(FACTORY_FIRMWARE);
    expect(updater.state).toEqual({ step: 'idle', active: 'a' });
    expect(last(w.jobs)).toEqual({
      status: 'FAILED',
      details: { reason, rolledBack: 'true', version: '1.0.0', counter: '1', hardware: 'rx90-a' },
    });
  });

  const good = firmwareBytes(NEW);
  it.each<[string, Buffer, Parameters<typeof worldOf>[1], string]>([
    ['has another hash', good, { artefact: { sha256: 'b'.repeat(64) } }, "the artefact's SHA-256 is "],
    [
      'is shorter',
      good,
      { artefact: { length: good.length + 5 } },
      `the artefact has ${good.length} bytes, promised were`,
    ],
    [
      'is longer',
      good,
      { artefact: { length: good.length - 5 } },
      `the artefact has ${good.length} bytes, promised were`,
    ],
    [
      'is for other hardware',
      good,
      { artefact: { hardware: 'rx90-z' } },
      'the artefact is for hardware rx90-z, this is rx90-a',
    ],
    [
      'holds another version',
      firmwareBytes({ ...NEW, version: '3.0.0' }),
      {},
      'the image is of version 3.0.0, the release is 2.0.0',
    ],
    ['holds an image for other hardware', firmwareBytes({ ...NEW, hardware: 'z' }), {}, 'the image is for hardware z'],
    ['is no image', Buffer.from('hello'), {}, 'the image is not a JSON object'],
  ])('refuses an artefact that %s, and never starts it', async (_, image, change, reason) => {
    const w = worldOf(image, change);
    const updater = await w.finish({ reboot: () => Promise.reject(new Error('started')) });
    expect(updater.running).toEqual(FACTORY_FIRMWARE);
    expect(last(w.jobs)).toMatchObject({ status: 'FAILED', details: { reason: expect.stringContaining(reason) } });
    expect(last(w.jobs)?.details.rolledBack).toBeUndefined();
  });

  it('refuses a document that is no update it understands', async () => {
    const w = worldOf(good, { artefact: { url: 'file:///etc/passwd' } });
    await w.finish();
    expect(last(w.jobs)).toMatchObject({
      status: 'REJECTED',
      details: { reason: 'artefact.url is no http or https address' },
    });
    expect(w.asked).toEqual([]);
  });

  it('has nothing to do when it runs that version', async () => {
    const w = worldOf(good, { release: { version: FACTORY_FIRMWARE.version } });
    await w.finish();
    expect(last(w.jobs)).toMatchObject({ status: 'SUCCEEDED', details: { version: FACTORY_FIRMWARE.version } });
    expect(w.asked).toEqual([]);
  });

  it('goes on where the connection broke, and asks for a fresh link when the old one is over', async () => {
    const w = worldOf(good);
    const asked: number[] = [];
    let tries = 0;
    const source: ArtefactSource = async (_url, from) => {
      asked.push(from);
      tries += 1;
      if (tries === 2) throw new LinkRefused('over');
      const body = async function* (): AsyncGenerator<Uint8Array> {
        yield good.subarray(from, from + 30);
        if (tries < 4) throw new Error('broken');
        yield good.subarray(from + 30);
      };
      return { from, total: good.length, body: body() };
    };
    const updater = await w.finish({ source });
    expect(asked).toEqual([0, 30, 30, 60]);
    expect(w.jobs.links).toBe(1);
    expect(updater.running.version).toBe('2.0.0');
  });

  it('gives up a server that refuses every link', async () => {
    const w = worldOf(good);
    await w.finish({ source: () => Promise.reject(new LinkRefused('no')) });
    expect(last(w.jobs)).toMatchObject({
      status: 'FAILED',
      details: { reason: 'the server refuses the links of the job' },
    });
  });

  it('begins anew at a server that knows no ranges', async () => {
    const w = worldOf(good);
    w.disk.parts.set(sha256(good), Buffer.from('half a file'));
    const source: ArtefactSource = async () => ({ from: 0, total: undefined, body: piecesOf(good) });
    expect((await w.finish({ source })).running.version).toBe('2.0.0');
  });

  it('downloads once more when what an earlier start left is torn', async () => {
    const w = worldOf(good);
    await w.disk.writeState({ step: 'downloading', active: 'a', order: orderOf(w.jobs.execution) });
    await w.disk.writeSlot('a', firmwareBytes(FACTORY_FIRMWARE));
    w.disk.parts.set(sha256(good), Buffer.alloc(20));
    expect((await w.finish()).running.version).toBe('2.0.0');
    expect(w.asked).toEqual([20, 0]);
  });

  it('stops when the job is cancelled while it downloads', async () => {
    const w = worldOf(good);
    const source: ArtefactSource = async (_url, from, signal) => {
      signal.throwIfAborted();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return { from, total: good.length, body: piecesOf(good) };
    };
    const steps: string[] = [];
    w.jobs.ended = 'FAILED';
    const once = [w.jobs.execution];
    w.jobs.next = async () => once.shift();
    const updater = await w.start({ source, log: (_level, what) => steps.push(what) });
    const running = updater.run();
    while (!steps.includes('update: idle')) await new Promise((resolve) => setTimeout(resolve, 1));
    await updater.stop();
    await running;
    expect(steps).toEqual(['update: downloading', 'update: idle']);
    expect(updater.running).toEqual(FACTORY_FIRMWARE);
    expect(w.jobs.said).toEqual([]);
  });

  it('comes to the old or the new image, never to a mix, wherever its process ends and whatever answer is lost', async () => {
    const fault = fc.record({
      fuse: fc.integer({ min: 0, max: 12 }),
      when: fc.constantFrom('before' as const, 'after' as const, 'amid' as const),
      deaf: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 4 }),
        fc.constantFrom('normal' as const, 'mute' as const, 'unbootable' as const),
        async (faults, behaviour) => {
          const w = worldOf(firmwareBytes({ ...NEW, behaviour }));
          for (const { fuse, when, deaf } of faults) {
            Object.assign(w.disk, { fuse, when });
            w.jobs.deaf = deaf;
            try {
              await w.finish({ healthMs: 2 });
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
            }
          }
          w.disk.fuse = undefined;
          const updater = await w.finish({ healthMs: 2 });
          const succeeded = w.jobs.ended === 'SUCCEEDED';
          if (behaviour !== 'normal') expect(succeeded).toBe(false);
          const expected = succeeded ? w.image : firmwareBytes(FACTORY_FIRMWARE);
          expect(w.disk.slots.get(runningSlot(updater.state))).toEqual(expected);
          expect(updater.running.version).toBe(last(w.jobs)?.details.version);
          expect(w.jobs.said.filter(({ status }) => status !== 'IN_PROGRESS')).toHaveLength(1);
        },
      ),
      { numRuns: 150 },
    );
  });
});

function orderOf({ jobId, executionNumber, document }: Execution) {
  const { release, artefact } = document as {
    release: { version: string; counter: number };
    artefact: { url: string; length: number; sha256: string; hardware: string };
  };
  return { jobId, executionNumber, ...release, ...artefact };
}
