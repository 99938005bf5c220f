import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How an SDK connects: what a device is given. */
export interface DeviceSetting {
  readonly thingName: string;
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Runs a script of this folder with a real SDK in a process of its own, since the SDK's native part can abort one. What it
 * `tell`s is collected by name; `asked` is called when it waits for something to be done on the server's side.
 */
export async function runClient(
  script: string,
  setting: DeviceSetting,
  asked: (what: string) => Promise<void> = async () => undefined,
): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {};
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(setting)], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk));
  child.on('message', (message: { tell?: string; value?: unknown; ask?: string }) => {
    if (message.tell !== undefined) told[message.tell] = message.value;
    if (message.ask !== undefined) void asked(message.ask).then(() => child.send({ done: message.ask }));
  });
  const code = await new Promise<number | string | null>((resolve) =>
    child.once('exit', (c, signal) => resolve(c ?? signal)),
  );
  if (code !== 0) throw new Error(`${script} ended with ${code} after ${JSON.stringify(told)}:\n${output}`);
  return told;
}
