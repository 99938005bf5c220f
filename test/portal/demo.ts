import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/ports.js';
import { started } from '../support/processes.js';

export interface Account {
  readonly role: string;
  readonly email: string;
  readonly password: string;
}

export interface Demo {
  readonly portalUrl: string;
  readonly mqttUrl: string;
  readonly accounts: readonly Account[];
  stop(): Promise<void>;
}

const root = new URL('../../', import.meta.url).pathname;

/** The product as a new user starts it, with its demo, in a folder of its own. */
export async function startDemo(): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), 'throughline-portal-'));
  const [http, mqtt, mqtts] = await Promise.all([freePort(), freePort(), freePort()]);
  const process = await started(
    join(root, 'bootstrap.mjs'),
    ['start', '--data', data],
    { HTTP_PORT: String(http), MQTT_PORT: String(mqtt), MQTTS_PORT: String(mqtts) },
    /Throughline is ready[\s\S]*Ctrl-C/,
  );
  const { portalUrl, mqttUrl, accounts } = JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8')) as Omit<
    Demo,
    'stop'
  >;
  return {
    portalUrl,
    mqttUrl,
    accounts,
    stop: async () => {
      await process.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
