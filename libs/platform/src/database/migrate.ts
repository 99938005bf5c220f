import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from '@throughline/schema';
import { runMigrations } from 'bullmq';

/** Brings the database at `url` (ours, and the job queue's) to the newest schema; says which migrations ran. Safe to run twice and from two processes. */
export async function migrate(url: string): Promise<string[]> {
  const orm = await MikroORM.init({ ...ormConfig(url), logger: () => undefined });
  try {
    // One migrator at a time: the lock lives as long as this session.
    const client = await (await orm.em.getDriver().getConnection().getNativeClient()).connect();
    try {
      await client.query("select pg_advisory_lock(hashtext('throughline.migrate'))");
      const done = await orm.migrator.up();
      await runMigrations(client);
      return done.map((migration) => migration.name);
    } finally {
      await client.query("select pg_advisory_unlock(hashtext('throughline.migrate'))");
      client.release();
    }
  } finally {
    await orm.close();
  }
}
