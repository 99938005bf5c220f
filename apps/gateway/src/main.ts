import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Logger, loadConfig, runProcess } from '@throughline/platform';
import { Gateway } from './gateway.js';
import { GatewayModule } from './gateway.module.js';

await runProcess('gateway', async () => {
  const config = loadConfig();
  const app = await NestFactory.create(GatewayModule.with(config), new FastifyAdapter(), { bufferLogs: true });
  app.useLogger(app.get(Logger));
  await app.listen(config.http.healthPort, '127.0.0.1');
  return { app, ready: { ...(await app.get(Gateway).start()), healthUrl: await app.getUrl() } };
});
