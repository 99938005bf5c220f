import type pg from 'pg';

/**
 * Gives back to the pool what is lost while it is held. Kysely releases a transaction's connection after its ROLLBACK, and not when
 * that fails because the connection is gone: each transaction that PostgreSQL ended (a restart, a failover,
 * `pg_terminate_backend`) would take a place of the pool for ever, and closing the pool would wait for it.
 */
export function giveBackLost(pool: pg.Pool): void {
  const held = new WeakSet<pg.PoolClient>();
  pool.on('acquire', (client) => held.add(client));
  pool.on('release', (_error, client) => held.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      if (!held.has(client)) return;
      client.release(true);
      // Whoever held it may still do as it should: that is no second release.
      client.release = () => undefined;
    });
  });
}
