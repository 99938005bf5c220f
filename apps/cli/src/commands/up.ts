import type { Command } from 'commander';
import { up } from '../up/up.js';

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('starts everything on this machine and keeps it running')
    .option('--data <dir>', 'where everything is kept', '.data')
    .option('--no-demo', 'no demo customers, machines or fleet')
    .action(run);
}

async function run(options: { data: string; demo: boolean }): Promise<void> {
  let asked = false;
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (!asked) process.stdout.write('\nStopping …\n');
        asked = true;
        resolve();
      });
  });
  // biome-ignore lint/style/noProcessEnv: the keeper hands the user's settings to the processes, which check them
  const starting = up(options, process.env);
  // A stop that is asked for while starting waits for the start, so that nothing is left half way.
  const running = await starting;
  await stopped;
  await running.stop();
  process.stdout.write('Stopped.\n');
  process.exit(0);
}
