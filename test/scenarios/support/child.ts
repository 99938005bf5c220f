import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const START_LIMIT_MS = 30_000;

/** A process of the product, as `npm start` runs it. */
export interface Child {
  /** What it said when it was ready: its addresses. */
  readonly ready: Readonly<Record<string, string>>;
  /** Log entries of level error so far. */
  readonly errors: readonly string[];
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** Starts a built app; resolves when it is ready. */
export async function startChild(app: 'gateway' | 'worker', env: Record<string, string>): Promise<Child> {
  const dataDir = mkdtempSync(join(tmpdir(), `throughline-${app}-`));
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../../apps', app, 'dist/main.js')], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, NODE_ENV: 'test', LOG_LEVEL: 'error', DATA_DIR: dataDir, HEALTH_PORT: '0', ...env },
  });
  const errors: string[] = [];
  if (!child.stdout) throw new Error(`${app} has no output`);
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{"ready"')) errors.push(`${app}: ${line}`);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await readiness(app, child);
  return {
    ready,
    errors,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readiness(app: string, child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${app} was not ready in time`));
    }, START_LIMIT_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as Record<string, string>);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${app} ended: ${code ?? signal}`));
    });
  });
}
