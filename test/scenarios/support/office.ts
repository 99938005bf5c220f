import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AvailabilityModule } from '@throughline/availability';
import { BillingModule } from '@throughline/billing';
import { BillingHttpModule } from '@throughline/billing/http';
import { ContractsModule } from '@throughline/contracts';
import { FleetModule } from '@throughline/fleet';
import { IdentityModule } from '@throughline/identity';
import { MeteringModule } from '@throughline/metering';
import { type Config, Database, everyCustomer, PlatformModule, Queues } from '@throughline/platform';
import { TelemetryModule } from '@throughline/telemetry';

@Module({})
class OfficeModule {}

/** Every lib's use cases, and the address that Stripe's webhooks come to. */
export async function openOffice(config: Config, port: number): Promise<NestFastifyApplication> {
  const libs = [IdentityModule, FleetModule, TelemetryModule, AvailabilityModule, MeteringModule, ContractsModule];
  const imports = [PlatformModule.forRoot(config), ...libs, BillingModule, BillingHttpModule];
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: OfficeModule, imports },
    new FastifyAdapter(),
    { rawBody: true, logger: false, abortOnError: false },
  );
  await app.listen(port, '127.0.0.1');
  return app;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Rows as the system sees them. */
export const rowsOf = <T extends object>(app: INestApplicationContext, sql: string, values: unknown[] = []) =>
  app.get(Database).read(everyCustomer, (em) => em.execute<T[]>(sql, values));

/** Waits until a condition holds. @throws Error naming what did not come, after `limitMs`. */
export async function until(what: string, holds: () => Promise<boolean>, limitMs = 180_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await sleep(100);
  }
}

const STILL_MS = 1_500;

/** Waits until the worker has nothing left to do: no row in the outbox, no job, no mark. */
export async function workerIsDone(app: INestApplicationContext): Promise<void> {
  let idleSince: number | undefined;
  await until('the worker to have nothing left to do', async () => {
    if (!(await isIdle(app))) idleSince = undefined;
    else idleSince ??= performance.now();
    // Work goes from marks over the outbox to jobs and back: what is seen empty twice with time between is empty.
    return idleSince !== undefined && performance.now() - idleSince > STILL_MS;
  });
}

async function isIdle(app: INestApplicationContext): Promise<boolean> {
  const [row] = await rowsOf<{ waiting: number }>(
    app,
    `select (select count(*) from outbox)::int + (select count(*) from timeline_dirty)::int
       + (select count(*) from usage_dirty)::int as waiting`,
  );
  if (row?.waiting !== 0) return false;
  for (const name of ['metering', 'billing'] as const) {
    const queue = app.get(Queues).queue(name);
    const { waiting = 0, delayed = 0 } = await queue.getJobCounts('waiting', 'delayed');
    // Each schedule keeps its next run as a delayed job.
    if (waiting > 0 || delayed > (await queue.getJobSchedulers()).length) return false;
  }
  return true;
}
