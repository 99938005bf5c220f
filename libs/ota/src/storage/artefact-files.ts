import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import { invalid } from '@throughline/kernel';
import { CONFIG, type Config } from '@throughline/platform';

/** What a killed process left half received is removed after so long. */
const LEFT_OVER_MS = 24 * 3_600_000;

/** A file that is on disk whole, and not yet kept. */
export interface Received {
  /** Bytes. */
  readonly length: number;
  readonly sha256: string;
  /** Puts it where it is found by its hash; on disk when it resolves. */
  keep(): Promise<void>;
  drop(): Promise<void>;
}

/** Files under their SHA-256 in `<data folder>/artefacts`; half received ones lie in `incoming`. */
@Injectable()
export class ArtefactFiles {
  private readonly folder: string;
  private readonly incoming: string;

  constructor(@Inject(CONFIG) config: Pick<Config, 'dataDir'>) {
    this.folder = join(config.dataDir, 'artefacts');
    this.incoming = join(this.folder, 'incoming');
  }

  /** Writes what comes to disk. Errors: INVALID_INPUT for nothing and for more than `limit` bytes; nothing is left then. */
  async receive(source: Readable, limit: number): Promise<Received> {
    await mkdir(this.incoming, { recursive: true });
    await this.removeLeftOvers();
    const path = join(this.incoming, randomUUID());
    const hash = createHash('sha256');
    const drop = (): Promise<void> => rm(path, { force: true });
    try {
      const length = await written(source, hash, limit, path);
      const sha256 = hash.digest('hex');
      return { length, sha256, drop, keep: () => this.keep(path, sha256) };
    } catch (error) {
      await drop();
      throw error;
    }
  }

  /** Bytes of the file; undefined when it is not there. */
  async size(sha256: string): Promise<number | undefined> {
    return stat(this.path(sha256)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  /** The bytes from `from` to `to`, that one included. */
  read(sha256: string, from: number, to: number): Readable {
    return createReadStream(this.path(sha256), { start: from, end: to });
  }

  private path(sha256: string): string {
    return join(this.folder, sha256);
  }

  private async keep(path: string, sha256: string): Promise<void> {
    await rename(path, this.path(sha256));
    const folder = await open(this.folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  private async removeLeftOvers(): Promise<void> {
    for (const name of await readdir(this.incoming)) {
      const path = join(this.incoming, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      // The file system's own times are compared with the machine's clock, as they come from it.
      if (Date.now() - mtimeMs > LEFT_OVER_MS) await rm(path, { force: true });
    }
  }
}

/** Writes and syncs; resolves to the number of bytes. */
async function written(source: Readable, hash: Hash, limit: number, path: string): Promise<number> {
  let length = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > limit) return done(tooLong(limit));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // `flush`: the file is synced before it is closed.
  await pipeline(source, counted, createWriteStream(path, { flags: 'wx', flush: true }));
  if (length === 0) throw invalid({ field: 'body', value: '', rule: 'must not be empty' });
  return length;
}

/** The one refusal of a file that is too long, before and while it is read. */
export const tooLong = (limit: number) =>
  invalid({ field: 'body', value: `more than ${limit} bytes`, rule: `must have at most ${limit} bytes` });
