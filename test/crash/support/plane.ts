import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  CleanProvisioning,
  CreateClaimBatch,
  CreateDevice,
  CreateIotJob,
  CreateProvisioningTemplate,
  type IotJob,
  type IotJobInput,
  RegisterModel,
} from '@throughline/fleet';
import { ManualClock } from '@throughline/kernel';
import { CreateRelease, OtaModule, PublishRelease, StartRelease, StoreArtefact } from '@throughline/ota';
import { Database, everyCustomer, PlatformModule } from '@throughline/platform';
import pg from 'pg';
import { compressor } from '../../../libs/fleet/test/fixture.js';
import { type RunningGateway, startGateway } from '../../load/support/gateway.mjs';
import { freshDatabase, testConfig } from '../../support/database.js';
import type { ClaimFiles } from './board.js';
import { RELEASED } from './job-device.js';
import { type RunningWorker, startWorker } from './worker.js';

const HEAL_LIMIT_MS = 240_000;
const TEMPLATE = 'crash';
/** Jobs of the worker that events asked for and are not done, what failed, and schedules that have no next time. Stripe is not set up here. */
const JOBS_LEFT = `
  select name, state::text, failed_reason from bullmq.job where state <> 'completed' and id like 'outbox-%' and name not like 'billing.%'
  union all select name, state::text, failed_reason from bullmq.job where state = 'failed' and name not like 'billing.%'
  union all select s.scheduler_id, 'never again', null from bullmq.scheduler s where not exists
    (select from bullmq.job j where j.scheduler_id = s.scheduler_id and j.queue = s.queue and j.state not in ('completed', 'failed'))`;

/** A database, the office that gives the orders (in this process), and ways to start the processes that are killed. */
export interface Plane {
  readonly office: TestingModule;
  readonly claim: ClaimFiles;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  device(thingName: string): Promise<string>;
  /** Devices that nobody is. */
  idle(count: number): Promise<string[]>;
  job(input: Pick<IotJobInput, 'jobId' | 'deviceIds'> & Partial<IotJobInput>): Promise<IotJob>;
  rollOut(deviceIds: readonly string[]): Promise<string>;
  gateway(): Promise<RunningGateway>;
  worker(): Promise<RunningWorker>;
  /** Waits until the query gives no row and no job of the worker waits or failed; else fails with what is left. */
  healed(left: string): Promise<void>;
  /** Cleans up as two hours later. */
  cleanLater(): Promise<void>;
  close(): Promise<void>;
}

export async function plane(): Promise<Plane> {
  const fresh = await freshDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'throughline-crash-'));
  const env = { DATABASE_URL: fresh.url, DATA_DIR: folder, PUBLIC_URL: 'http://127.0.0.1:9' };
  const config = testConfig(fresh.url, env);
  const INSTALLATION_KEY = config.installationKey.toString('base64');
  const office = await Test.createTestingModule({ imports: [PlatformModule.forRoot(config), OtaModule] }).compile();
  await office.init();
  const database = office.get(Database);
  const rows = <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    database.transaction(everyCustomer, (em) => em.execute<T[]>(sql, values));
  const model = await office.get(RegisterModel).run(compressor);
  await office.get(CreateProvisioningTemplate).run({
    name: TEMPLATE,
    modelName: model.name,
    parameters: { SerialNumber: null },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own language
    thingNamePattern: 'made-${SerialNumber}',
    deviceConfiguration: {},
    hookUrl: null,
  });
  const expiresAt = new Date(Date.now() + 86_400_000);
  const batch = { name: TEMPLATE, templateName: TEMPLATE, maxCount: 100_000, expiresAt };
  const claim = await office.get(CreateClaimBatch).run(batch);

  // The queue's tables are not the application's.
  const owner = new pg.Client({ connectionString: fresh.url });
  await owner.connect();
  return {
    office,
    claim: { ...claim, templateName: TEMPLATE },
    rows,
    device: async (thingName) =>
      (await office.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName })).id,
    idle: async (count) => {
      const made = await rows<{ id: string }>(
        `insert into device (id, thing_name, model_id, state)
         select gen_random_uuid(), 'idle-' || n, ?, 'manufactured' from generate_series(1, ?) as n returning id`,
        [model.id, count],
      );
      return made.map(({ id }) => id);
    },
    job: (input) =>
      office.get(CreateIotJob).run(everyCustomer, { document: { outcome: 'done' }, targetLabel: 'crash', ...input }),
    rollOut: async (deviceIds) => {
      const label = { modelName: model.name, hardwareId: 'rx90-a', version: RELEASED, counter: 2, fileName: 'f' };
      const file = Readable.from([Buffer.from('firmware')]);
      const artefact = await office.get(StoreArtefact).run({ ...label, sha256: undefined }, file, 'crash');
      const release = await office
        .get(CreateRelease)
        .run({ modelId: model.id, version: RELEASED, counter: 2, notes: '', artefactIds: [artefact.id] }, 'crash');
      await office.get(PublishRelease).run(release.id);
      const order = { releaseId: release.id, deviceIds, startedBy: 'crash' };
      return (await office.get(StartRelease).run(everyCustomer, order)).id;
    },
    gateway: () =>
      startGateway({ databaseUrl: fresh.url, dataDir: folder, env: { INSTALLATION_KEY, PUBLIC_URL: env.PUBLIC_URL } }),
    worker: () => startWorker({ ...env, INSTALLATION_KEY }),
    healed: async (left) => {
      const end = Date.now() + HEAL_LIMIT_MS;
      for (;;) {
        const [open, { rows: jobs }] = [await rows(left), await owner.query(JOBS_LEFT)];
        if (open.length === 0 && jobs.length === 0) return;
        if (Date.now() > end) throw new Error(`not healed: ${JSON.stringify({ open: open.slice(0, 20), jobs })}`);
        await sleep(500);
      }
    },
    cleanLater: async () => {
      const clock = new ManualClock(new Date(Date.now() + 2 * 3_600_000));
      const later = await Test.createTestingModule({
        imports: [PlatformModule.forRoot(config, clock), OtaModule],
      }).compile();
      await later.init();
      await later.get(CleanProvisioning).run();
      await later.close();
    },
    close: async () => {
      await office.close();
      await owner.end();
      await fresh.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
