import type { INestApplicationContext } from '@nestjs/common';
import { CreateContract, CreatePlan, PublishPlanVersion, type Terms } from '@throughline/contracts';
import { CreateAsset, CreateDevice, InstallDevice, IssueDeviceCertificate, RegisterModel } from '@throughline/fleet';
import { CreateOrganisation, CreateSite, systemScope } from '@throughline/identity';
import { RegisterMeter } from '@throughline/metering';
import { everyCustomer } from '@throughline/platform';
import { RegisterSchema } from '@throughline/telemetry';
import { compressor } from '../../../apps/cli/src/demo/catalogue.js';
import { type DeviceIdentity, makeIdentity } from '../../../apps/device/src/index.js';
import type { Machine } from './machines.js';

export interface CustomerSpec {
  readonly name: string;
  readonly contract: string;
  readonly terms: Terms;
  /** Begin of its contract, ms. */
  readonly from: number;
}

/** What the registry made of the scenario's customers and machines. */
export interface World {
  /** By customer's name. */
  readonly customers: ReadonlyMap<string, { readonly id: string; readonly contractId: string }>;
  /** By machine's name. */
  readonly assets: ReadonlyMap<string, string>;
  /** By thing name. */
  readonly devices: ReadonlyMap<string, string>;
}

export interface WorldOptions {
  readonly customers: readonly CustomerSpec[];
  readonly machines: readonly Machine[];
  readonly timeZone: string;
  /** Instant at which all machines are in service with their first controller, ms. */
  readonly since: number;
}

/** Registers everything through the product's use cases, as `throughline` does it. */
export async function registerWorld(app: INestApplicationContext, options: WorldOptions): Promise<World> {
  const since = new Date(options.since);
  await app.get(CreateOrganisation).execute(systemScope, { kind: 'manufacturer', name: 'Rheinwerk' });
  const { metrics, meters, ...model } = compressor;
  const { id: modelId } = await app.get(RegisterModel).run(model);
  await app.get(RegisterSchema).run(modelId, metrics);
  for (const meter of meters) await app.get(RegisterMeter).run(modelId, meter);

  const customers = new Map<string, { id: string; contractId: string }>();
  const assets = new Map<string, string>();
  const devices = new Map<string, string>();
  for (const customer of options.customers) {
    const { id } = await app
      .get(CreateOrganisation)
      .execute(systemScope, { kind: 'customer', name: customer.name, billingEmail: 'accounts@customer.example' });
    const site = await app.get(CreateSite).execute(systemScope, {
      customerId: id,
      name: 'Works',
      address: 'Waalhaven 12, Rotterdam',
      timeZone: options.timeZone,
    });
    const own = options.machines.filter(({ spec }) => spec.customer === customer.name);
    for (const { spec, controllers } of own) {
      const asset = await app.get(CreateAsset).run(everyCustomer, {
        siteId: site.id,
        modelId,
        serialNumber: `RX-${spec.name}`,
        name: spec.name,
        location: '',
        inServiceSince: since,
      });
      assets.set(spec.name, asset.id);
      for (const { thing } of controllers) {
        const device = await app.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName: thing });
        devices.set(thing, device.id);
      }
      const deviceId = devices.get(spec.name) ?? '';
      await app.get(InstallDevice).run(everyCustomer, { deviceId, assetId: asset.id, at: since });
    }
    const plan = await app.get(CreatePlan).run(everyCustomer, `Plan of ${customer.name}`, customer.terms);
    await app.get(PublishPlanVersion).run(everyCustomer, plan.id);
    const contract = await app.get(CreateContract).run(everyCustomer, {
      number: customer.contract,
      customerId: id,
      planVersionId: plan.id,
      assetIds: own.map(({ spec }) => assets.get(spec.name) ?? ''),
      from: new Date(customer.from),
      to: null,
      timeZone: options.timeZone,
    });
    customers.set(customer.name, { id, contractId: contract.id });
  }
  return { customers, assets, devices };
}

/** The identity of a thing with a certificate of the installation's own CA. */
export async function identityOf(
  app: INestApplicationContext,
  world: World,
  thing: string,
  mqttsUrl: string,
): Promise<DeviceIdentity> {
  const { hostname, port } = new URL(mqttsUrl);
  const issued = await app.get(IssueDeviceCertificate).run(everyCustomer, { deviceId: world.devices.get(thing) ?? '' });
  const tls = { cert: issued.certificatePem, key: issued.privateKeyPem, ca: issued.caPem };
  return makeIdentity(thing, { host: hostname, port: Number(port), tls });
}
