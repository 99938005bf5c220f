import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Jest's global setup: one PostgreSQL for the whole run, with a migrated template that every test database is copied from.
 * Jest does not transform what a setup imports, so this uses the built files; `npm run jest` builds first.
 */
export default async function startPostgres() {
  if (globalThis.testPostgres) return;
  const { startEmbeddedPostgres } = await import('../../apps/cli/dist/embedded/postgres.js');
  const { migrate } = await import('@throughline/platform');
  const dataDir = mkdtempSync(join(scratch(), 'throughline-test-'));
  // Nothing for durability: a test database is thrown away; crash tests start servers of their own.
  const settings = {
    fsync: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    autovacuum: 'off',
    max_connections: '300',
    max_wal_size: '1GB',
  };
  const server = await startEmbeddedPostgres({ dataDir, database: 'template', settings });
  await migrate(server.url);
  // Jest copies this process's globals into every test file; the GraphQL library keeps its types in two of them, and each file
  // must have its own.
  delete globalThis.GqlTypeMetadataStorage;
  delete globalThis.GqlLazyMetadataStorageHost;
  process.env.TEST_POSTGRES_URL = server.url;
  globalThis.testPostgres = { server, dataDir };
}

const NEEDED_BYTES = 4 * 1024 ** 3;

/** Memory where there is enough of it: a test database is some thousand small files, and a slow disk makes each cost a second. */
function scratch() {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize >= NEEDED_BYTES) return '/dev/shm';
  } catch {
    // No such folder on this system.
  }
  return tmpdir();
}
