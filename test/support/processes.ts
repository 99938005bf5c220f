import { spawn } from 'node:child_process';

const LIMIT_MS = 170_000;
const STOP_LIMIT_MS = 40_000;

export interface StartedProcess {
  readonly output: () => string;
  readonly exit: Promise<number | null>;
  /** SIGTERM, then waits; SIGKILL when it does not end. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a script with the Node that runs the tests, and waits until its output matches. */
export async function started(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<StartedProcess> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...(PATH && { PATH }), ...(HOME && { HOME }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${script} was not ready in time:\n${output}`)), LIMIT_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!ready.test(output)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exit.then((code) => {
      clearTimeout(timer);
      reject(new Error(`${script} ended with ${code} while starting:\n${output}`));
    });
  });
  return {
    output: () => output,
    exit,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await exit;
      clearTimeout(late);
    },
  };
}
