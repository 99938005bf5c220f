import type { INestApplicationContext } from '@nestjs/common';
import { CreateContract, CreatePlan, PublishPlanVersion } from '@throughline/contracts';
import { CreateAsset, CreateDevice, Devices, InstallDevice, type Model } from '@throughline/fleet';
import { CreateOrganisation, CreateSite, CreateUser, systemScope } from '@throughline/identity';
import { Database, everyCustomer } from '@throughline/platform';
import { accounts, customers, type DemoCustomer, manufacturer, plans } from './demo-world.js';
import { hasOrganisation } from './has-organisation.js';
import type { DemoDevice } from './identities.js';
import { registerCatalogue } from './register-catalogue.js';

interface Past {
  readonly password: string;
  /** Start of contracts and installations. */
  readonly from: Date;
}

/** Everything that is not messages, in one transaction: all of it or nothing. Gives the devices. */
export async function registerWorld(app: INestApplicationContext, past: Past): Promise<DemoDevice[]> {
  await app.get(Database).transaction(everyCustomer, async (em) => {
    if (await hasOrganisation(em)) return;
    const organisations = new Map<string, string>();
    const maker = await app.get(CreateOrganisation).execute(systemScope, { kind: 'manufacturer', ...manufacturer });
    organisations.set(manufacturer.name, maker.id);
    const models = await registerCatalogue(app);
    const planVersions = await publishPlans(app);
    for (const customer of customers)
      organisations.set(customer.name, await registerCustomer(app, customer, models, planVersions, past));
    for (const { of, ...user } of accounts)
      await app
        .get(CreateUser)
        .execute(systemScope, { ...user, organisationId: organisations.get(of) ?? '', password: past.password });
  });
  const assets = customers.flatMap((customer) => customer.sites).flatMap((site) => site.assets);
  return Promise.all(
    assets.map(async ({ name, sim }) => {
      const { id, thingName } = await app.get(Devices).byThingName(everyCustomer, name);
      return { id, thingName, ...(sim && { sim }) };
    }),
  );
}

async function publishPlans(app: INestApplicationContext): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  for (const [name, terms] of Object.entries(plans)) {
    const draft = await app.get(CreatePlan).run(everyCustomer, name, terms);
    await app.get(PublishPlanVersion).run(everyCustomer, draft.id);
    versions.set(name, draft.id);
  }
  return versions;
}

async function registerCustomer(
  app: INestApplicationContext,
  customer: DemoCustomer,
  models: Map<string, Model>,
  planVersions: Map<string, string>,
  past: Past,
): Promise<string> {
  const { id: customerId } = await app
    .get(CreateOrganisation)
    .execute(systemScope, { kind: 'customer', name: customer.name, billingEmail: customer.billingEmail });
  const contracted: string[] = [];
  for (const { assets, ...site } of customer.sites) {
    const { id: siteId } = await app.get(CreateSite).execute(systemScope, { customerId, ...site });
    for (const { name, location, sim } of assets) {
      const model = models.get(sim ? 'compressor-rx90' : 'pump-p100');
      if (!model) throw new Error('the catalogue lacks a model of the demo');
      const asset = await app.get(CreateAsset).run(everyCustomer, {
        siteId,
        modelId: model.id,
        serialNumber: `RW-${name}`,
        name,
        location,
        inServiceSince: past.from,
      });
      const device = await app.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName: name });
      await app.get(InstallDevice).run(everyCustomer, { deviceId: device.id, assetId: asset.id, at: past.from });
      if (sim) contracted.push(asset.id);
    }
  }
  await app.get(CreateContract).run(everyCustomer, {
    number: customer.contract,
    customerId,
    planVersionId: planVersions.get(customer.plan) ?? '',
    assetIds: contracted,
    from: past.from,
    to: null,
    timeZone: customer.sites[0]?.timeZone ?? 'UTC',
  });
  return customerId;
}
