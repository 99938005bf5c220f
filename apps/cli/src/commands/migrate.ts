import { migrate } from '@throughline/platform';
import type { Command } from 'commander';
import { settingsOf } from '../context.js';

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('brings the database to the newest schema; safe to run twice')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(async ({ data }: { data: string }) => {
      const done = await migrate(settingsOf(data).databaseUrl);
      process.stdout.write(done.length > 0 ? `${done.join('\n')}\n` : 'nothing to do\n');
    });
}
