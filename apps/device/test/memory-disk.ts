import { createHash } from 'node:crypto';
import type { UpdateDisk } from '../src/agent/updater/update-disk.js';
import { type Slot, type UpdateState } from '../src/agent/updater/update-state.js';

/** The process ended here, as with kill -9. */
export class Crash extends Error {}

/**
 * A disk in memory that ends the process at a given change: before it, after it, or, for what is appended, in the midst of it.
 * What was changed before stays, as on a real one.
 */
export class MemoryDisk implements UpdateDisk {
  state: string | undefined;
  readonly slots = new Map<Slot, Buffer>();
  readonly parts = new Map<string, Buffer>();
  /** Changes until the crash; undefined: none. */
  fuse: number | undefined;
  when: 'before' | 'after' | 'amid' = 'before';
  changes = 0;

  async readState(): Promise<UpdateState | undefined> {
    return this.state === undefined ? undefined : (JSON.parse(this.state) as UpdateState);
  }

  async writeState(state: UpdateState): Promise<void> {
    this.#change(() => {
      this.state = JSON.stringify(state);
    });
  }

  async readSlot(slot: Slot): Promise<Buffer | undefined> {
    return this.slots.get(slot);
  }

  async writeSlot(slot: Slot, image: Uint8Array): Promise<void> {
    this.#change(() => this.slots.set(slot, Buffer.from(image)));
  }

  async install(sha256: string, slot: Slot): Promise<void> {
    const part = this.parts.get(sha256);
    if (!part) throw new Error('there is nothing to install');
    this.#change(() => this.slots.set(slot, Buffer.from(part)));
  }

  async partLength(sha256: string): Promise<number> {
    return this.parts.get(sha256)?.length ?? 0;
  }

  async append(sha256: string, chunk: Uint8Array): Promise<void> {
    const add = (bytes: Uint8Array) =>
      this.parts.set(sha256, Buffer.concat([this.parts.get(sha256) ?? Buffer.alloc(0), bytes]));
    this.#change(
      () => add(chunk),
      () => add(chunk.subarray(0, Math.floor(chunk.length / 2))),
    );
  }

  async hashPart(sha256: string): Promise<string> {
    return createHash('sha256')
      .update(this.parts.get(sha256) ?? '')
      .digest('hex');
  }

  async dropParts(): Promise<void> {
    if (this.parts.size > 0) this.#change(() => this.parts.clear());
  }

  #change(work: () => unknown, half: () => unknown = () => undefined): void {
    this.changes += 1;
    const now = this.fuse === 0;
    if (this.fuse !== undefined) this.fuse -= 1;
    if (!now) return void work();
    this.fuse = undefined;
    if (this.when === 'after') work();
    else if (this.when === 'amid') half();
    throw new Crash();
  }
}
