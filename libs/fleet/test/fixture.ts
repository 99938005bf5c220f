import {
  type Asset,
  CreateAsset,
  CreateDevice,
  type Device,
  FleetModule,
  type Model,
  type ModelInput,
  RegisterModel,
} from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { everyCustomer } from '@throughline/platform';
import { type TestContext, testModule } from '../../../test/support/database.js';

export const compressor: ModelInput = {
  name: 'compressor-rx90',
  title: 'Compressor RX-90',
  staleAfterMs: 180_000,
  stateMap: {
    metric: 'state',
    states: {
      0: { name: 'stopped', category: 'customer_caused' },
      2: { name: 'loaded', category: 'producing' },
      6: { name: 'derated', category: 'degraded', fraction: '0.6' },
    },
  },
};

export const pump: ModelInput = {
  ...compressor,
  name: 'pump-p100',
  title: 'Pump P-100',
  stateMap: { metric: 'state', states: { 1: { name: 'running', category: 'producing' } } },
};

/** A database with two customers (a site each) and a model, and short ways to make what tests need. */
export interface Fleet extends TestContext {
  readonly model: Model;
  readonly acme: { id: string; siteId: string };
  readonly other: { id: string; siteId: string };
  asset(serialNumber: string, customer?: { siteId: string }): Promise<Asset>;
  device(thingName: string): Promise<Device>;
  /** Payloads of the events of that name in the outbox, oldest first. */
  events(name: string): Promise<Record<string, unknown>[]>;
  /** Rows of a query, seen by everybody's eyes. */
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
}

export async function fleet(env: Record<string, string> = {}, now = '2026-03-02T08:00:00Z'): Promise<Fleet> {
  const context = await testModule([FleetModule], now, env);
  const { database, module } = context;
  const rows = <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    database.transaction(everyCustomer, (em) => em.execute<T[]>(sql, values));
  const customer = async (name: string) => {
    const [id, siteId] = [newId(), newId()];
    await rows(`insert into organisation (id, kind, name) values (?, 'customer', ?)`, [id, name]);
    await rows('insert into site (id, customer_id, name, time_zone) values (?, ?, ?, ?)', [
      siteId,
      id,
      `${name} works`,
      'Europe/Berlin',
    ]);
    return { id, siteId };
  };
  const model = await module.get(RegisterModel).run(compressor);
  const acme = await customer('Acme');
  const other = await customer('Other');
  return {
    ...context,
    model,
    acme,
    other,
    rows,
    asset: (serialNumber, { siteId } = acme) =>
      module
        .get(CreateAsset)
        .run(everyCustomer, { siteId, modelId: model.id, serialNumber, name: `Compressor ${serialNumber}` }),
    device: (thingName) => module.get(CreateDevice).run(everyCustomer, { modelName: model.name, thingName }),
    events: async (name) =>
      (
        await rows<{ payload: Record<string, unknown> }>('select payload from outbox where name = ? order by id', [
          name,
        ])
      ).map((r) => r.payload),
  };
}
