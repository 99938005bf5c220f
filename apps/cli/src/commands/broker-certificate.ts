import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { DeviceCa, GatewayCertificate, RevokedCertificates } from '@throughline/fleet';
import type { Command } from 'commander';
import { settingsOf, withApp } from '../context.js';

interface Options {
  readonly out: string;
  readonly data: string;
}

/** For an outside broker: what it shows to devices and checks them with. */
export function registerBrokerCertificate(program: Command): void {
  program
    .command('broker-certificate')
    .description(
      "writes ca.pem, crl.pem, server.pem and server.key for an outside broker, signed by the installation's CA; again for a new one (397 days)",
    )
    .requiredOption('--out <dir>', 'folder for the files')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(async ({ out, data }: Options) => {
      const folder = folderAt(out);
      await withApp(settingsOf(data), async (app) => {
        const { cert, key, notAfter } = await app.get(GatewayCertificate).current();
        // Not the registered CAs: who is a device of theirs is found out at a gateway's own listener, and a broker goes by the name.
        writeFileSync(join(folder, 'ca.pem'), await app.get(DeviceCa).certificatePem());
        writeFileSync(join(folder, 'server.key'), key, { mode: 0o644 });
        writeFileSync(join(folder, 'server.pem'), cert);
        await writeRevoked(app, folder);
        process.stdout.write(`${folder} holds the broker's certificate, valid to ${notAfter.toISOString()}\n`);
      });
    });
  program
    .command('broker-crl')
    .description('writes crl.pem, the revoked certificates, for an outside broker, which reads it again at SIGHUP')
    .requiredOption('--out <dir>', 'folder for the file')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(async ({ out, data }: Options) => {
      const folder = folderAt(out);
      await withApp(settingsOf(data), async (app) => {
        const count = await writeRevoked(app, folder);
        process.stdout.write(`${folder} holds the revocation list, certificates on it: ${count}\n`);
      });
    });
}

/** The broker runs as a user of its own; the folder is a volume that only it and these commands see. */
function folderAt(out: string): string {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** In one step: the broker never reads half of it. */
async function writeRevoked(app: INestApplicationContext, folder: string): Promise<number> {
  const { pem, count } = await app.get(RevokedCertificates).list();
  const made = join(folder, 'crl.pem.new');
  writeFileSync(made, pem, { mode: 0o644 });
  renameSync(made, join(folder, 'crl.pem'));
  return count;
}
