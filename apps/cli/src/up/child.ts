import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@throughline/kernel';
import type { Environment } from './environment.js';

const READY_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 28_000;
const RESTART_MS = 1_000;

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Environment;
  readonly logFile: string;
}

/**
 * A process we keep: started, waited for until it says it is ready, started again when it dies, stopped when asked. It is
 * in a group of its own, so Ctrl-C reaches only us and the order of stopping is ours; it ends by itself when we are gone.
 */
export class Child {
  private child: ChildProcess | undefined;
  private stopping = false;
  private output = '';

  constructor(
    private readonly options: ChildOptions,
    private readonly tell: (line: string) => void,
  ) {}

  /** Resolves with what the process says of itself when it can serve. */
  async start(): Promise<Record<string, unknown>> {
    const { name, script, args = [], env } = this.options;
    const child = spawn(process.execPath, ['--enable-source-maps', script, ...args], {
      env: { ...inherited(), ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-4_000);
        appendFileSync(this.options.logFile, chunk);
      });
    const ready = await this.untilReady(child, name);
    child.once('exit', (code, signal) => void this.died(code, signal));
    return ready;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(late);
  }

  private untilReady(child: ChildProcess, name: string): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new DomainError('UNAVAILABLE', `${name} was not ready within ${READY_LIMIT_MS / 1000} s:\n${this.output}`),
          ),
        READY_LIMIT_MS,
      );
      child.once('message', (message) => {
        clearTimeout(timer);
        resolve(message as Record<string, unknown>);
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new DomainError('UNAVAILABLE', `${name} ended while starting (code ${code}):\n${this.output}`));
      });
    });
  }

  private async died(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    while (!this.stopping) {
      this.tell(`${this.options.name} ended (${signal ?? `code ${code}`}) and is started again`);
      await sleep(RESTART_MS);
      if (this.stopping) return;
      try {
        await this.start();
        return;
      } catch (error) {
        this.tell(error instanceof Error ? error.message : String(error));
      }
    }
  }
}

/** What a process needs of ours: the path and the like, none of our settings unless given. */
const inherited = (): Record<string, string> => {
  const names = [
    'PATH',
    'HOME',
    'USER',
    'TMPDIR',
    'LANG',
    'TZ',
    'NODE_EXTRA_CA_CERTS',
    'NODE_ENV',
    'LOG_LEVEL',
    'PUBLIC_URL',
  ];
  // biome-ignore lint/style/noProcessEnv: a keeper of processes hands its environment on
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name] ?? '']] : [])));
};
