import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { CloseDuePeriods } from '@throughline/billing';
import { localTime, startOfLocalDay } from '@throughline/kernel';
import type { Config } from '@throughline/platform';
import { configOf, withApp } from '../context.js';
import type { Environment } from '../up/environment.js';
import { type Account, keptPassword } from './account.js';
import { accounts } from './demo-world.js';
import { derivePast } from './derive-past.js';
import { writeHistory } from './history.js';
import { type DemoDevice, fleetFolder, prepareIdentities } from './identities.js';
import { registerWorld } from './register-world.js';
import { saveCaCertificate } from './save-ca.js';

const ZONE = 'Europe/Amsterdam';

/** The demo's organisations, machines, contracts, past messages and first invoices. What is there is left as it is. */
export async function seedDemo(environment: Environment, detail: (text: string) => void): Promise<Account[]> {
  const config = configOf(environment);
  const password = keptPassword(config.dataDir, 'demo');
  await withApp(config, async (app) => {
    detail('customers, machines, contracts');
    const devices = await registerWorld(app, { password, from: startOfLastMonth(Date.now()) });
    await saveCaCertificate(app, config.dataDir);
    await prepareIdentities(app, devices, config.dataDir, config.mqtt.tlsPort);
    await fillPast(app, config, devices, detail);
  });
  return accounts.map(({ role, email }) => ({ role, email, password }));
}

/** Messages since the start of last month, then the invoices of that month; once. */
async function fillPast(
  app: INestApplicationContext,
  config: Config,
  devices: readonly DemoDevice[],
  detail: (text: string) => void,
): Promise<void> {
  const done = join(config.dataDir, 'demo', 'past.done');
  if (existsSync(done)) return;
  await writeHistory(app, devices, fleetFolder(config.dataDir), detail);
  await derivePast(app, devices, detail);
  detail("last month's statements");
  await app.get(CloseDuePeriods).run();
  writeFileSync(done, new Date().toISOString());
}

/** Contracts of the demo begin with last month, so that it has one closed month and a running one. */
function startOfLastMonth(now: number): Date {
  const { year, month } = localTime(now, ZONE);
  return new Date(month === 1 ? startOfLocalDay(year - 1, 12, 1, ZONE) : startOfLocalDay(year, month - 1, 1, ZONE));
}
