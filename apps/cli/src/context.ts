import { resolve } from 'node:path';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Config, Logger, loadConfig, PlatformModule } from '@throughline/platform';
import { libModules } from './lib-modules.js';
import { type Environment, readEnvironment } from './up/environment.js';

@Module({})
class CliModule {}

/** Settings for a command: the environment's when it names a database, else those of the installation in the folder. */
export function settingsOf(dataDir: string): Config {
  // biome-ignore lint/style/noProcessEnv: a command may be pointed at any installation by the same settings
  const outside = process.env;
  if (outside.DATABASE_URL) return loadConfig();
  return loadConfig({ LOG_LEVEL: 'warn', ...readEnvironment(resolve(dataDir)) });
}

/** Every lib's use cases, without a server; close it when done. */
export async function openApp(config: Config): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(
    { module: CliModule, imports: [PlatformModule.forRoot(config), ...libModules] },
    { bufferLogs: true, abortOnError: false },
  );
  app.useLogger(app.get(Logger));
  return app;
}

export async function withApp<T>(config: Config, work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const app = await openApp(config);
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

export const configOf = (environment: Environment): Config => loadConfig({ LOG_LEVEL: 'warn', ...environment });
