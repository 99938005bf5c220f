import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import {
  Assets,
  CreateDevice,
  checkedThingName,
  type Device,
  type DeviceCredentials,
  InstallDevice,
  IssueDeviceCertificate,
  type Model,
  Models,
} from '@throughline/fleet';
import { DomainError } from '@throughline/kernel';
import { Database, everyCustomer } from '@throughline/platform';
import { writeIdentity } from './identity-folder.js';

export interface DeviceOptions {
  /** Name of the model: "compressor-rx90". */
  readonly model: string;
  /** Thing name. */
  readonly thing: string;
  /** Folder for the identity; made when missing. */
  readonly out: string;
  /** Serial number of an asset of the model that the device speaks for from now on. */
  readonly asset?: string | undefined;
  /** Where the gateway listens for MQTT over TLS. */
  readonly host: string;
  readonly port: number;
}

const files = ['cert.pem', 'key.pem', 'ca.pem', 'endpoint.json'];

/**
 * Registers a device and writes the folder by which any MQTT client can be it. All or nothing: when a file cannot be
 * written the device is not registered, and what was written is removed. Never overwrites an identity.
 */
export async function createDeviceFiles(app: INestApplicationContext, options: DeviceOptions): Promise<void> {
  const thingName = checkedThingName(options.thing, '--thing');
  const out = resolve(options.out);
  const there = files.filter((file) => existsSync(join(out, file)));
  if (there.length > 0)
    throw new DomainError('CONFLICT', `${out} holds ${there.join(', ')} already: name another folder with --out`);
  const model = await knownModel(app, options.model);
  try {
    await app.get(Database).transaction(everyCustomer, async () => {
      const device = await app.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName });
      if (options.asset !== undefined) await install(app, device, model, options.asset);
      const credentials = await app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: device.id });
      write(out, credentials, { host: options.host, port: options.port, thingName });
    });
  } catch (error) {
    for (const file of files.map((name) => join(out, name)).filter((path) => existsSync(path))) rmSync(file);
    throw error;
  }
}

async function knownModel(app: INestApplicationContext, name: string): Promise<Model> {
  const models = await app.get(Models).all();
  const model = models.find((m) => m.name === name);
  if (model) return model;
  const known = models.map((m) => m.name).join(', ') || 'none';
  throw new DomainError('NOT_FOUND', `no model is named "${name}" (models: ${known})`);
}

async function install(
  app: INestApplicationContext,
  device: Device,
  model: Model,
  serialNumber: string,
): Promise<void> {
  const asset = await app.get(Assets).bySerialNumber(everyCustomer, model.id, serialNumber);
  await app.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id });
}

function write(out: string, credentials: DeviceCredentials, endpoint: Parameters<typeof writeIdentity>[2]): void {
  try {
    writeIdentity(out, credentials, endpoint);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('INVALID_INPUT', `--out: ${out} cannot be written: ${why}`, [], { cause });
  }
}
