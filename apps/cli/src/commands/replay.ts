import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { invalid } from '@throughline/kernel';
import type { Command } from 'commander';
import { settingsOf, withApp } from '../context.js';
import { createDeviceFiles } from './device-create.js';

interface Options {
  file: string;
  thing: string;
  map: string;
  speed: string;
  model: string;
  data: string;
}

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('publishes the rows of a CSV recording over MQTT as the thing would have')
    .requiredOption('--file <csv>', 'the recording')
    .requiredOption('--thing <name>', 'thing name; registered with --model when it does not exist')
    .requiredOption('--map <json>', 'how columns become telemetry')
    .option('--speed <n>', 'times faster than recorded', '1')
    .option('--model <name>', 'model of a thing that is new', 'pump-p100')
    .option('--data <dir>', 'folder of the installation', '.data')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const missing = (['file', 'map'] as const).filter((name) => !existsSync(options[name]));
  if (missing.length > 0)
    throw invalid(
      ...missing.map((name) => ({ field: `--${name}`, value: options[name], rule: 'must name a file that exists' })),
    );
  const config = settingsOf(options.data);
  const identity = join(resolve(options.data), 'identities', options.thing);
  if (!existsSync(join(identity, 'endpoint.json')))
    await withApp(config, (app) =>
      createDeviceFiles(app, {
        model: options.model,
        thing: options.thing,
        out: identity,
        host: 'localhost',
        port: config.mqtt.tlsPort,
      }),
    );
  const device = resolve(import.meta.dirname, '../../../device/dist/main.js');
  const child = spawn(
    process.execPath,
    [device, 'replay', '--identity', identity, '--file', options.file, '--map', options.map, '--speed', options.speed],
    { stdio: 'inherit' },
  );
  const code = await new Promise<number>((done) => child.once('exit', (status) => done(status ?? 1)));
  // What went wrong was said by the replay itself.
  process.exit(code);
}
