import type pg from 'pg';

/** A connection of `Database.pool`, held by its user until released. */
export type BulkConnection = pg.PoolClient;

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/**
 * Runs SQL with one `copy … from stdin` in it, other statements before and after it if need be, with all its data at once: one
 * journey to the server and back. Rejects with PostgreSQL's error; an open transaction is then to be rolled back. `data` must not
 * be changed before it resolves.
 */
export async function copyIn(connection: BulkConnection, sql: string, data: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.query(new CopyIn(sql, data, resolve, reject));
  });
}

/** What `pg` calls of a query of one's own. Data goes out without waiting to be asked for: a server that refused ignores it. */
class CopyIn implements pg.Submittable {
  constructor(
    private readonly sql: string,
    private readonly data: Buffer,
    readonly handleReadyForQuery: () => void,
    readonly handleError: (error: Error) => void,
  ) {}

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    const head = Buffer.allocUnsafe(5);
    head.writeUInt8(COPY_DATA);
    head.writeInt32BE(4 + this.data.length, 1);
    stream.cork();
    connection.query(this.sql);
    stream.write(head);
    stream.write(this.data);
    stream.write(COPY_DONE);
    stream.uncork();
  }

  handleCopyInResponse(): void {}
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
}
