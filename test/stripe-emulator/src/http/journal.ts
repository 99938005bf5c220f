/** One request as the server saw it. */
export interface JournalEntry {
  id: string;
  method: string;
  path: string;
  params: Record<string, unknown>;
  idempotencyKey: string | null;
  /** 0 where no answer was sent. */
  status: number;
  replayed: boolean;
  fault: string | null;
}

const KEPT = 10_000;

/** The latest requests, in order of arrival. */
export class Journal {
  private readonly kept: JournalEntry[] = [];

  add(entry: JournalEntry): JournalEntry {
    this.kept.push(entry);
    if (this.kept.length > KEPT) this.kept.shift();
    return entry;
  }

  entries(where: Partial<Pick<JournalEntry, 'method' | 'path' | 'status'>> = {}): JournalEntry[] {
    return this.kept.filter(
      (one) =>
        (where.method === undefined || one.method === where.method) &&
        (where.path === undefined || one.path === where.path) &&
        (where.status === undefined || one.status === where.status),
    );
  }

  clear(): void {
    this.kept.length = 0;
  }
}
