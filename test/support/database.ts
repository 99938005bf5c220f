import { randomBytes } from 'node:crypto';
import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ManualClock } from '@throughline/kernel';
import { type Config, Database, loadConfig, PlatformModule } from '@throughline/platform';
import pg from 'pg';

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A new migrated database, copied from the run's template in some 30 ms. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const template = process.env.TEST_POSTGRES_URL;
  if (!template) throw new Error('no test PostgreSQL: this file must be named *.db.spec.ts so that Jest starts one');
  const name = `t_${randomBytes(8).toString('hex')}`;
  // A file copy: with the log, the whole template would be written twice.
  await administer(template, `create database ${name} template template strategy file_copy`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(template, `drop database if exists ${name} with (force)`) };
}

async function administer(template: string, sql: string): Promise<void> {
  const url = new URL(template);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export interface TestContext {
  readonly url: string;
  readonly config: Config;
  readonly clock: ManualClock;
  readonly database: Database;
  readonly module: TestingModule;
  /** Closes the module and drops the database. */
  close(): Promise<void>;
}

/** The platform on a fresh database with a clock that stands at `now`, and the modules under test. */
export async function testModule(
  imports: ModuleMetadata['imports'] = [],
  now = '2026-03-02T08:00:00Z',
  env: Record<string, string> = {},
): Promise<TestContext> {
  const fresh = await freshDatabase();
  const config = testConfig(fresh.url, env);
  const clock = new ManualClock(new Date(now));
  const module = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(config, clock), ...imports],
  }).compile();
  await module.init();
  return {
    url: fresh.url,
    config,
    clock,
    database: module.get(Database),
    module,
    close: async () => {
      await module.close();
      await fresh.drop();
    },
  };
}

/** Settings of a test: nothing of the machine's environment leaks in. */
export const testConfig = (databaseUrl: string, env: Record<string, string> = {}): Config =>
  loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    INSTALLATION_KEY: Buffer.alloc(32, 7).toString('base64'),
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    MQTTS_PORT: '0',
    ...env,
  });
