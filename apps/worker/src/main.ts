import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { JobRunner, Logger, loadConfig, OutboxRelay, runProcess } from '@throughline/platform';
import { declaredJobs, WorkerModule } from './worker.module.js';

await runProcess('worker', async () => {
  const config = loadConfig();
  const app = await NestFactory.create(WorkerModule.with(config), new FastifyAdapter(), { bufferLogs: true });
  app.useLogger(app.get(Logger));
  await app.listen(config.http.healthPort, '127.0.0.1');
  await app.get(JobRunner).start(declaredJobs(config));
  app.get(OutboxRelay).start();
  return { app, ready: { healthUrl: await app.getUrl() } };
});
