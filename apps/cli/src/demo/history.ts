import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { INestApplicationContext } from '@nestjs/common';
import { Installations } from '@throughline/fleet';
import { Database, everyCustomer } from '@throughline/platform';
import { DeviceMessages } from '@throughline/telemetry/mqtt';
import type { DemoDevice } from './identities.js';

const INTERVAL = '300s';
/** Messages of one delivery, and how many deliveries may wait for their commit. */
const BATCH = 200;
const MOST_WAITING = 20;

/**
 * The past of the demo fleet, told by the same simulator that plays it live and taken in by the same ingest. Each device
 * speaks as its first boot; telling it twice stores nothing twice.
 */
export async function writeHistory(
  app: INestApplicationContext,
  devices: readonly DemoDevice[],
  identities: string,
  detail: (text: string) => void,
): Promise<void> {
  let stored = 0;
  const simulated = devices.flatMap(({ sim, ...device }) => (sim ? [{ ...device, sim }] : []));
  for (const [i, device] of simulated.entries()) {
    const bootFile = join(identities, device.thingName, 'boot');
    if (existsSync(bootFile)) continue;
    const from = await installedSince(app, device.id);
    await tell(app, device, from, (n) => {
      stored += n;
      detail(`past of ${device.thingName} (${i + 1} of ${simulated.length}), ${stored.toLocaleString('en')} messages`);
    });
    writeFileSync(bootFile, '1');
  }
}

async function installedSince(app: INestApplicationContext, deviceId: string): Promise<number> {
  const [first] = await app
    .get(Database)
    .read(everyCustomer, () => app.get(Installations).ofDevices(everyCustomer, [deviceId]));
  return first?.from.getTime() ?? Date.now();
}

async function tell(
  app: INestApplicationContext,
  { thingName, sim }: Required<DemoDevice>,
  from: number,
  told: (messages: number) => void,
): Promise<void> {
  const messages = app.get(DeviceMessages);
  const source = await messages.open(thingName);
  if (!source) throw new Error(`device ${thingName} is not registered`);
  const waiting = new Set<Promise<void>>();
  const deliver = async (lines: string[]): Promise<void> => {
    const payload = Buffer.from(`[${lines.join(',')}]`);
    const done = new Promise<void>((ok, failed) =>
      messages.receive(source, 'telemetry', `dt/${thingName}/telemetry`, payload, (error) =>
        error ? failed(error) : ok(),
      ),
    );
    const tracked: Promise<void> = done.then(() => told(lines.length)).finally(() => waiting.delete(tracked));
    waiting.add(tracked);
    if (waiting.size >= MOST_WAITING) await Promise.race(waiting);
  };

  const script = resolve(import.meta.dirname, '../../../device/dist/main.js');
  const args = [
    'simulate',
    '--seed',
    String(sim.seed),
    '--profile',
    sim.profile,
    '--from',
    String(from),
    '--to',
    String(Date.now()),
    '--interval',
    INTERVAL,
    '--json',
  ];
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // Events of the past are left out: the demo's timeline follows from the states.
    if (!line.includes('"m":')) continue;
    lines.push(line);
    if (lines.length < BATCH) continue;
    await deliver(lines);
    lines = [];
  }
  if (lines.length > 0) await deliver(lines);
  await Promise.all(waiting);
}
