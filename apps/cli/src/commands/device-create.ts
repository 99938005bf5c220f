import { resolve } from 'node:path';
import type { Config } from '@throughline/platform';
import type { Command } from 'commander';
import { settingsOf, withApp } from '../context.js';
import { createDeviceFiles } from './create-device-files.js';

export { createDeviceFiles, type DeviceOptions } from './create-device-files.js';

interface Options {
  model: string;
  thing: string;
  out: string;
  asset?: string;
  data: string;
}

export function registerDevice(program: Command): void {
  program
    .command('device')
    .description('devices of the fleet')
    .command('create')
    .description(
      'registers a device and writes cert.pem, key.pem, ca.pem and endpoint.json, so that any MQTT client can be it',
    )
    .requiredOption('--model <name>', 'its model, such as compressor-rx90')
    .requiredOption('--thing <name>', 'its thing name: 1 to 128 of a-z A-Z 0-9 : _ -')
    .requiredOption('--out <dir>', 'folder for the files; one that holds such files is refused')
    .option('--asset <serial>', 'serial number of the asset it speaks for from now on')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(run);
}

async function run({ data, ...options }: Options): Promise<void> {
  const config = settingsOf(data);
  const at = { host: hostOf(config), port: config.mqtt.tlsPort };
  await withApp(config, (app) => createDeviceFiles(app, { ...options, ...at }));
  process.stdout.write(
    `${options.thing} may connect to mqtts://${at.host}:${at.port}\nits identity is in ${resolve(options.out)}\n`,
  );
}

const hostOf = ({ http }: Config): string => (http.publicUrl ? new URL(http.publicUrl).hostname : 'localhost');
