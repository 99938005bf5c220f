import 'reflect-metadata';
import { DomainError } from '@throughline/kernel';
import { Command } from 'commander';
import { registerBrokerCertificate } from './commands/broker-certificate.js';
import { registerClosePeriod } from './commands/close-period.js';
import { registerDevice } from './commands/device-create.js';
import { registerMigrate } from './commands/migrate.js';
import { registerReplay } from './commands/replay.js';
import { registerUp } from './commands/up.js';

const program = new Command('throughline')
  .description('Connected machines into services that can be billed')
  .version('0.1.0');
registerUp(program);
registerMigrate(program);
registerBrokerCertificate(program);
registerDevice(program);
registerReplay(program);
registerClosePeriod(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(
    `${error instanceof DomainError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
