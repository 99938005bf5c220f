import { spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../../apps/gateway/dist/main.js');
/** A machine that does much else takes its time. */
const START_LIMIT_MS = 60_000;

/** The real gateway as a process of its own, ready. `flags` are Node's. */
export async function startGateway({ databaseUrl, dataDir, env = {}, flags = [] }) {
  const child = spawn(process.execPath, [...flags, main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      LOG_LEVEL: 'warn',
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(dataDir, 'gateway'),
      MQTT_PORT: '0',
      MQTTS_PORT: '0',
      HEALTH_PORT: '0',
      ...env,
    },
  });
  const ready = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the gateway was not ready in time')), START_LIMIT_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message);
    });
    child.once('exit', (code, signal) => reject(new Error(`the gateway ended: ${code ?? signal}`)));
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    child,
    ...ready,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
