import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** What is known of one execution. `answer` is the payload of its last answer. */
export interface JournalledCommand {
  readonly id: string;
  /**
   * running: begun; restarting: ends with the next boot; answered: at its end, the server has not confirmed it;
   * done: confirmed.
   */
  readonly state: 'running' | 'restarting' | 'answered' | 'done';
  /** The boot it was begun in. */
  readonly boot: number;
  readonly answer?: string;
}

/** Executions remembered; the oldest that are done go first. A request that comes again after that would run again. */
const MAX_REMEMBERED = 500;

/**
 * Which executions were begun and how they ended, so that one that is asked for twice runs once, also across restarts.
 * In a folder it is a file that is either the old or the new one after a power cut; without one it lives in memory.
 */
export class CommandJournal {
  readonly #file: string | undefined;
  readonly #entries = new Map<string, JournalledCommand>();
  #writing: Promise<void> = Promise.resolve();

  /** @throws Error when the file cannot be read; one that was damaged is told by its name. */
  static async load(folder: string): Promise<CommandJournal> {
    const file = join(folder, 'commands.json');
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    const journal = new CommandJournal(file);
    try {
      for (const entry of JSON.parse(text) as JournalledCommand[]) journal.#entries.set(entry.id, entry);
    } catch (cause) {
      throw new Error(`${file}: is no journal of commands`, { cause });
    }
    return journal;
  }

  constructor(file?: string) {
    this.#file = file;
  }

  get(id: string): JournalledCommand | undefined {
    return this.#entries.get(id);
  }

  get open(): readonly JournalledCommand[] {
    return [...this.#entries.values()].filter(({ state }) => state !== 'done');
  }

  /** Known at once; on disk when the promise resolves. */
  put(entry: JournalledCommand): Promise<void> {
    this.#entries.set(entry.id, entry);
    this.#forget();
    if (this.#file === undefined) return Promise.resolve();
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  #forget(): void {
    for (const [id, { state }] of this.#entries) {
      if (this.#entries.size <= MAX_REMEMBERED) return;
      if (state === 'done') this.#entries.delete(id);
    }
  }

  async #write(): Promise<void> {
    if (this.#file === undefined) return;
    const file = await open(`${this.#file}.new`, 'w');
    try {
      await file.writeFile(JSON.stringify([...this.#entries.values()]));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.#file}.new`, this.#file);
  }
}
