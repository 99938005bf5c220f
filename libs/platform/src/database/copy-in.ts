import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/** A connection of `Database.pool`, held by its user until released. */
export type BulkConnection = pg.PoolClient;

/** Runs `copy … from stdin` with all its data at once. Rejects with PostgreSQL's error; the transaction is then to be rolled back. */
export async function copyIn(connection: BulkConnection, statement: string, data: Buffer): Promise<void> {
  const stream = connection.query(from(statement));
  stream.end(data);
  await finished(stream);
}
