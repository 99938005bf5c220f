import type { INestApplicationContext } from '@nestjs/common';
import { RegisterCommand } from '@throughline/diagnostics';
import { type Model, RegisterModel } from '@throughline/fleet';
import { RegisterMeter } from '@throughline/metering';
import { RegisterSchema } from '@throughline/telemetry';
import { type CatalogueModel, compressor, pump } from './catalogue.js';

/** Registers the product types; the same again changes nothing. Gives them by name. */
export async function registerCatalogue(app: INestApplicationContext): Promise<Map<string, Model>> {
  const models = new Map<string, Model>();
  for (const item of [compressor, pump]) models.set(item.name, await register(app, item));
  return models;
}

async function register(
  app: INestApplicationContext,
  { metrics, meters, commands, ...input }: CatalogueModel,
): Promise<Model> {
  const model = await app.get(RegisterModel).run(input);
  await app.get(RegisterSchema).run(model.id, metrics);
  for (const meter of meters) await app.get(RegisterMeter).run(model.id, meter);
  for (const command of commands) await app.get(RegisterCommand).run(model.id, command);
  return model;
}
