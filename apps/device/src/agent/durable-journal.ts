import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type BootNumbers, Journal, type JournalEntry, type JournalOptions, type Victim } from './journal.js';
import type { AgentLog } from './log.js';
import { type Committed, isTelemetry } from './message.js';

const FORMAT = 1;
/** "tljn": a database of another program is no journal of ours. */
const APPLICATION_ID = 0x746c6a6e;

const SCHEMA = `
  create table entry (n integer primary key, boot integer not null, seq integer, payload text not null) strict;
  create index entry_seq on entry (boot, seq);
  create table lost (boot integer not null, low integer not null, high integer not null, primary key (boot, low)) strict;
  create table state (one integer primary key check (one = 1), boot integer not null) strict;
  insert into state values (1, 0);
  pragma application_id = ${APPLICATION_ID};
  pragma user_version = ${FORMAT};`;

export interface DurableJournalOptions extends JournalOptions {
  readonly log?: AgentLog;
}

/**
 * The journal in an SQLite file. A message is on disk (fsync) when `append` returns, so before it is sent; what is forgotten is
 * taken off the disk with each commit and PUBACK. One process at a time has it open.
 */
export class DurableJournal extends Journal {
  readonly #database: DatabaseSync;
  readonly #log: AgentLog;
  readonly #statements: Readonly<
    Record<'append' | 'forget' | 'loss' | 'joined' | 'grow' | 'commit' | 'passed' | 'cut', StatementSync>
  >;
  #lastBoot: number;

  /**
   * Opens the journal of a file, or begins one. A file that is damaged is set aside under another name, which is logged, and
   * a new one is begun: what it held is lost and will be said to be when the server asks.
   * @throws Error naming the file, when another process has it open or a newer program wrote it.
   */
  static open(file: string, options: DurableJournalOptions = {}): DurableJournal {
    const { log = () => undefined } = options;
    try {
      return new DurableJournal(existing(file) ?? begun(file), options);
    } catch (error) {
      if (!isDamage(error)) throw new Error(`${file}: ${messageOf(error)}`, { cause: error });
      const aside = `${file}.damaged-${Date.now()}`;
      for (const part of ['', '-wal']) if (sizeOf(file + part) !== undefined) renameSync(file + part, aside + part);
      rmSync(`${file}-shm`, { force: true });
      log('warn', 'journal damaged: set aside, what it held is lost', { file, aside, error: messageOf(error) });
      return new DurableJournal(begun(file), options);
    }
  }

  private constructor(database: DatabaseSync, { log = () => undefined, ...options }: DurableJournalOptions) {
    super(options);
    this.#database = database;
    this.#log = log;
    const messages = database.prepare('select n as "order", payload from entry order by n').all();
    const lost = database.prepare('select boot, low, high from lost order by boot, low').all();
    const state = database
      .prepare('select max(boot, (select coalesce(max(boot), 0) from entry)) as boot from state')
      .get();
    this.restore(
      messages.map(({ order, payload }) => ({ order: Number(order), payload: String(payload) })),
      lost.map(({ boot, low, high }): BootNumbers => ({ boot: Number(boot), ranges: [[Number(low), Number(high)]] })),
    );
    this.#lastBoot = Number(state?.boot ?? 0);
    this.#statements = {
      append: database.prepare('insert into entry (n, boot, seq, payload) values (?, ?, ?, ?)'),
      forget: database.prepare('delete from entry where n = ?'),
      grow: database.prepare('update lost set high = ? where boot = ? and high = ? - 1'),
      loss: database.prepare('insert into lost (boot, low, high) values (?, ?, ?)'),
      joined: database.prepare('select 1 from lost where boot = ? and ? between low and high'),
      commit: database.prepare('delete from entry where boot = ? and seq <= ?'),
      passed: database.prepare('delete from lost where boot = ? and high <= ?'),
      cut: database.prepare('update lost set low = ? + 1 where boot = ? and low <= ?'),
    };
  }

  /** The last boot that was begun, or of which a message is here; 0 for none. */
  get lastBoot(): number {
    return this.#lastBoot;
  }

  /** A boot begins: known for ever before its first message. */
  begin(boot: number): void {
    this.#transaction(() => this.#database.prepare('update state set boot = max(boot, ?)').run(boot));
    this.#lastBoot = Math.max(this.#lastBoot, boot);
  }

  close(): void {
    this.#database.close();
  }

  protected override writeAppended({ order, message, payload }: JournalEntry, victim: Victim | undefined): void {
    this.#transaction(() => {
      this.#statements.append.run(order, message.boot, isTelemetry(message) ? message.seq : null, payload);
      if (!victim) return;
      this.#statements.forget.run(victim.entry.order);
      if (victim.lost && isTelemetry(victim.entry.message)) this.#noteLost(victim.entry.message);
    });
  }

  protected override writeForgotten(entries: readonly JournalEntry[]): void {
    this.#tolerant(() => {
      for (const { order } of entries) this.#statements.forget.run(order);
    });
  }

  protected override writeCommitted({ boot, seq }: Committed): void {
    this.#tolerant(() => {
      this.#statements.commit.run(boot, seq);
      this.#statements.passed.run(boot, seq);
      this.#statements.cut.run(seq, boot, seq);
    });
  }

  #noteLost({ boot, seq }: { boot: number; seq: number }): void {
    if (this.#statements.joined.get(boot, seq)) return;
    if (this.#statements.grow.run(seq, boot, seq).changes === 0) this.#statements.loss.run(boot, seq, seq);
  }

  /** What cannot be taken off the disk is sent once more after the next start, which changes nothing for the server. */
  #tolerant(work: () => void): void {
    try {
      this.#transaction(work);
    } catch (error) {
      this.#log('warn', 'journal not shortened', { error: messageOf(error) });
    }
  }

  #transaction(work: () => unknown): void {
    this.#database.exec('begin immediate');
    try {
      work();
      this.#database.exec('commit');
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.isTransaction) this.#database.exec('rollback');
      throw error;
    }
  }
}

/** The database of a journal that is there, whole and ours; undefined when there is none. */
function existing(file: string): DatabaseSync | undefined {
  rmSync(`${file}.new`, { force: true });
  rmSync(`${file}.new-wal`, { force: true });
  const size = sizeOf(file);
  if (size === undefined) return undefined;
  // SQLite takes an empty file for a new database: ours are never empty.
  if (size === 0) throw new Damage('the file is empty');
  const database = opened(file);
  try {
    const [check] = database.prepare('pragma quick_check(1)').all();
    if (check?.quick_check !== 'ok') throw new Damage(String(check?.quick_check));
    if (database.prepare('pragma application_id').get()?.application_id !== APPLICATION_ID)
      throw new Damage('it is no journal of a device');
    const format = database.prepare('pragma user_version').get()?.user_version;
    if (format !== FORMAT) throw new Error(`format ${format} is not known; this program writes ${FORMAT}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A new journal appears under its name as a whole. */
function begun(file: string): DatabaseSync {
  const made = opened(`${file}.new`);
  made.exec(`begin; ${SCHEMA} commit;`);
  made.close();
  rmSync(`${file}-wal`, { force: true });
  renameSync(`${file}.new`, file);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return opened(file);
}

function opened(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // Exclusive: nobody else opens it, and no shared memory is needed beside the file.
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class Damage extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const isDamage = (error: unknown): boolean =>
  error instanceof Damage || [11, 26].includes(Number((error as { errcode?: number }).errcode) & 0xff);

const messageOf = (error: unknown): string => (error as { message?: string }).message ?? String(error);

const sizeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;
