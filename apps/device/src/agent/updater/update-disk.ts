import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { replaceFile } from '../replace-file.js';
import type { Slot, UpdateState } from './update-state.js';

/** What an update keeps on disk. Each method is done as a whole or not at all, but for `append`, which may keep a part. */
export interface UpdateDisk {
  /** Undefined on a controller that never was updated. */
  readState(): Promise<UpdateState | undefined>;
  writeState(state: UpdateState): Promise<void>;
  readSlot(slot: Slot): Promise<Buffer | undefined>;
  writeSlot(slot: Slot, image: Uint8Array): Promise<void>;
  /** Writes the downloaded artefact to a slot. */
  install(sha256: string, slot: Slot): Promise<void>;
  /** Bytes of the artefact that are here. */
  partLength(sha256: string): Promise<number>;
  append(sha256: string, chunk: Uint8Array): Promise<void>;
  /** SHA-256 of what is here, lower-case hex; it is on disk then. */
  hashPart(sha256: string): Promise<string>;
  /** Forgets every artefact that was downloaded. */
  dropParts(): Promise<void>;
}

const ABSENT = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};

/** Files in a folder: `state.json`, `slot-a.json`, `slot-b.json`, and `<sha256>.part` of what is being downloaded. */
export class FolderDisk implements UpdateDisk {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async readState(): Promise<UpdateState | undefined> {
    const text = await readFile(this.#path('state.json'), 'utf8').catch(ABSENT);
    return text === undefined ? undefined : (JSON.parse(text) as UpdateState);
  }

  writeState(state: UpdateState): Promise<void> {
    return this.#replace('state.json', Buffer.from(`${JSON.stringify(state)}\n`));
  }

  readSlot(slot: Slot): Promise<Buffer | undefined> {
    return readFile(this.#path(`slot-${slot}.json`)).catch(ABSENT);
  }

  writeSlot(slot: Slot, image: Uint8Array): Promise<void> {
    return this.#replace(`slot-${slot}.json`, image);
  }

  async install(sha256: string, slot: Slot): Promise<void> {
    const target = this.#path(`slot-${slot}.json`);
    await pipeline(createReadStream(this.#part(sha256)), createWriteStream(`${target}.new`, { flush: true }));
    await this.#rename(target);
  }

  async partLength(sha256: string): Promise<number> {
    return (await stat(this.#part(sha256)).catch(ABSENT))?.size ?? 0;
  }

  async append(sha256: string, chunk: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const file = await open(this.#part(sha256), 'a');
    try {
      await file.writeFile(chunk);
    } finally {
      await file.close();
    }
  }

  async hashPart(sha256: string): Promise<string> {
    const file = await open(this.#part(sha256), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    const hash = createHash('sha256');
    await pipeline(createReadStream(this.#part(sha256)), hash);
    return hash.digest('hex');
  }

  async dropParts(): Promise<void> {
    for (const name of (await readdir(this.#folder).catch(ABSENT)) ?? [])
      if (name.endsWith('.part')) await rm(this.#path(name), { force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #part(sha256: string): string {
    return this.#path(`${sha256}.part`);
  }

  async #replace(name: string, content: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await replaceFile(this.#path(name), content);
  }

  /** The new file takes its place, also after a power cut. */
  async #rename(path: string): Promise<void> {
    await rename(`${path}.new`, path);
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
