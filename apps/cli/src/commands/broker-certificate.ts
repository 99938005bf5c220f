import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GatewayCertificate } from '@throughline/fleet';
import type { Command } from 'commander';
import { settingsOf, withApp } from '../context.js';

/** For an outside broker: what it shows to devices and checks them with. */
export function registerBrokerCertificate(program: Command): void {
  program
    .command('broker-certificate')
    .description(
      "writes ca.pem, server.pem and server.key for an outside broker, signed by the installation's CA; again for a new one (397 days)",
    )
    .requiredOption('--out <dir>', 'folder for the files')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(async ({ out, data }: { out: string; data: string }) => {
      const folder = resolve(out);
      await withApp(settingsOf(data), async (app) => {
        const { ca, cert, key, notAfter } = await app.get(GatewayCertificate).current();
        mkdirSync(folder, { recursive: true });
        // The broker runs as a user of its own; the folder is a volume that only it and this command see.
        chmodSync(folder, 0o755);
        writeFileSync(join(folder, 'ca.pem'), ca);
        writeFileSync(join(folder, 'server.key'), key, { mode: 0o644 });
        writeFileSync(join(folder, 'server.pem'), cert);
        process.stdout.write(`${folder} holds the broker's certificate, valid to ${notAfter.toISOString()}\n`);
      });
    });
}
