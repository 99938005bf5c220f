import { type FileHandle, open, readFile, rename, writeFile } from 'node:fs/promises';

const FORMAT = 2;

/** A change: a row put into a table, a row taken from it, or the lead of the emulator's time in seconds. */
export type Change = { put: string; row: { id: string } } | { delete: string; id: string } | { ahead: number };

/**
 * The state as JSON lines: a head, then every change in order. Changes are appended; those that wait for each other share
 * one write. `rewrite` puts a file with the wanted changes alone in its place by one rename.
 */
export class StateFile {
  private waiting: Change[] = [];
  private writing: Promise<void> | null = null;
  private handle: FileHandle | null = null;
  /** Changes appended since the last rewrite. */
  appended = 0;

  constructor(private readonly path: string) {}

  /** The changes kept so far; a last line that a crash cut off was never acknowledged and is left out. */
  async read(): Promise<Change[]> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '');
    const [head, ...rest] = lines.map((line) => JSON.parse(line) as unknown);
    if (head === undefined) return [];
    const { format } = head as { format?: number };
    if (format !== FORMAT) throw new Error(`${this.path}: state of format ${format}, expected ${FORMAT}`);
    return rest as Change[];
  }

  add(change: Change): void {
    this.waiting.push(change);
  }

  /** Resolves when everything added so far is in the file. */
  async flush(): Promise<void> {
    // What waits while a write is under way goes with the next one.
    while (this.waiting.length > 0 || this.writing) {
      this.writing ??= this.append().finally(() => {
        this.writing = null;
      });
      const mine = this.writing;
      const done = this.waiting.length === 0;
      await mine;
      if (done) return;
    }
  }

  /** Puts a file with these changes alone in the place of the one there is; `whole` is asked when its turn comes. */
  async rewrite(whole: () => Change[]): Promise<void> {
    while (this.writing) await this.writing;
    this.writing = this.replace(whole).finally(() => {
      this.writing = null;
    });
    await this.writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.handle?.close();
    this.handle = null;
  }

  private async append(): Promise<void> {
    const batch = this.waiting.splice(0);
    try {
      await this.handle?.appendFile(batch.map((one) => `${JSON.stringify(one)}\n`).join(''));
      this.appended += batch.length;
    } catch (error) {
      this.waiting.unshift(...batch);
      throw error;
    }
  }

  private async replace(whole: () => Change[]): Promise<void> {
    // What waits is in the whole already; what comes from here on is appended afterwards.
    const covered = this.waiting.splice(0);
    const text = [{ format: FORMAT }, ...whole()].map((one) => `${JSON.stringify(one)}\n`).join('');
    try {
      await writeFile(`${this.path}.new`, text, { mode: 0o600 });
      await rename(`${this.path}.new`, this.path);
      await this.handle?.close();
      this.handle = await open(this.path, 'a', 0o600);
      this.appended = 0;
    } catch (error) {
      this.waiting.unshift(...covered);
      throw error;
    }
  }
}
