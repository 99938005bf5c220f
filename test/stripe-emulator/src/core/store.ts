import { TABLE_NAMES, type TableName, type Tables } from './rows.js';
import { type Change, StateFile } from './state-file.js';

type Maps = { [K in TableName]: Map<string, Tables[K]> };

/** The file is written anew when it holds so many changes more than there are rows. */
const SLACK = 50_000;

/**
 * The whole state. A row is replaced and never changed in place, so a row in hand stays what it was. With a file,
 * `saved()` resolves when everything put so far is in it.
 */
export class Store {
  private readonly tables = Object.fromEntries(TABLE_NAMES.map((name) => [name, new Map()])) as unknown as Maps;
  private readonly byGroup = new Map<string, Map<string, Set<string>>>();
  private undo: Array<() => void> | null = null;
  private file: StateFile | null = null;
  private lead = 0;

  static async open(path: string | undefined): Promise<Store> {
    const store = new Store();
    if (!path) return store;
    const file = new StateFile(path);
    for (const change of await file.read()) store.apply(change);
    await file.rewrite(() => store.whole());
    store.file = file;
    return store;
  }

  /** Seconds the emulator's time runs ahead of the machine's clock. */
  get ahead(): number {
    return this.lead;
  }

  set ahead(seconds: number) {
    this.lead = seconds;
    this.file?.add({ ahead: seconds });
  }

  get<K extends TableName>(table: K, id: string): Tables[K] | undefined {
    return this.tables[table].get(id) as Tables[K] | undefined;
  }

  /** Runs `act` so that nothing of it stays if it throws, unless `keeps` says that this error comes with effects. */
  atomically<T>(act: () => T, keeps: (error: unknown) => boolean): T {
    this.undo = [];
    try {
      return act();
    } catch (error) {
      if (!keeps(error)) for (const step of this.undo.splice(0).reverse()) step();
      throw error;
    } finally {
      this.undo = null;
    }
  }

  put<K extends TableName>(table: K, row: Tables[K]): Tables[K] {
    const before = this.get(table, row.id);
    this.undo?.push(() => (before ? this.put(table, before) : this.delete(table, row.id)));
    (this.tables[table] as Map<string, Tables[K]>).set(row.id, row);
    this.index(table, row);
    this.file?.add({ put: table, row });
    return row;
  }

  delete(table: TableName, id: string): void {
    const row = this.tables[table].get(id);
    if (!row) return;
    this.undo?.push(() => this.put(table, row as Tables[typeof table]));
    const group = groupOf(table, row);
    if (group) this.byGroup.get(table)?.get(group)?.delete(id);
    this.tables[table].delete(id);
    this.file?.add({ delete: table, id });
  }

  /** Rows in the order in which they were made. */
  all<K extends TableName>(table: K): Tables[K][] {
    return [...this.tables[table].values()] as Tables[K][];
  }

  /** Rows from the oldest on, read as far as wanted. */
  oldest<K extends TableName>(table: K): IterableIterator<Tables[K]> {
    return (this.tables[table] as Map<string, Tables[K]>).values();
  }

  count(table: TableName): number {
    return this.tables[table].size;
  }

  /** Rows of one parent: the lines of an invoice, the meter events of a customer. */
  of<K extends 'lines' | 'meterEvents'>(table: K, parent: string): Tables[K][] {
    const ids = this.byGroup.get(table)?.get(parent) ?? [];
    return [...ids].flatMap((id) => this.get(table, id) ?? []);
  }

  async saved(): Promise<void> {
    if (!this.file) return;
    await this.file.flush();
    const rows = TABLE_NAMES.reduce((sum, name) => sum + this.count(name), 0);
    if (this.file && this.file.appended > rows + SLACK) await this.file.rewrite(() => this.whole());
  }

  /** Keeps what is left to keep and lets go of the file; what is put afterwards is not kept. */
  async close(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.close();
  }

  private apply(change: Change): void {
    if ('ahead' in change) this.lead = change.ahead;
    else if ('put' in change) this.put(change.put as TableName, change.row as Tables[TableName]);
    else this.delete(change.delete as TableName, change.id);
  }

  private whole(): Change[] {
    const rows = TABLE_NAMES.flatMap((name) => this.all(name).map((row) => ({ put: name, row })));
    return [{ ahead: this.lead }, ...rows];
  }

  private index<K extends TableName>(table: K, row: Tables[K]): void {
    const group = groupOf(table, row);
    if (!group) return;
    const groups = this.byGroup.get(table) ?? new Map<string, Set<string>>();
    this.byGroup.set(table, groups);
    const ids = groups.get(group) ?? new Set<string>();
    groups.set(group, ids.add(row.id));
  }
}

const groupOf = (table: TableName, row: Tables[TableName]): string | null => {
  if (table === 'lines') return (row as Tables['lines']).invoice;
  if (table === 'meterEvents') return (row as Tables['meterEvents'])._customer;
  return null;
};
