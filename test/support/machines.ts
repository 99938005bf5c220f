import {
  type Asset,
  CreateAsset,
  CreateDevice,
  type Device,
  InstallDevice,
  type Model,
  RegisterModel,
} from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { type Database, everyCustomer } from '@throughline/platform';

/** A message as a test says it: minutes after `Machines.start`, the state's value and the counter's. */
export interface TestMessage {
  readonly deviceId: string;
  readonly boot: number;
  readonly seq: number;
  readonly ts: number;
  readonly state?: number | undefined;
  readonly output?: number | undefined;
  readonly storedAt?: number;
}

/** Where machines are made: a test module or an application, with fleet's use cases in it. */
export interface Host {
  readonly database: Database;
  readonly module: { get<T>(type: new (...args: never[]) => T, options?: { strict: boolean }): T };
}

/** A customer with compressors whose committed messages a test writes itself. */
export interface Machines<H extends Host = Host> {
  readonly context: H;
  readonly customerId: string;
  readonly siteId: string;
  readonly model: Model;
  machine(serialNumber: string): Promise<{ asset: Asset; device: Device }>;
  /** Writes committed messages of an asset; one that is stored already is left as it is. */
  commit(assetId: string, messages: readonly TestMessage[]): Promise<void>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
}

const metrics = [
  { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge' },
  { name: 'output_m3', title: 'Air delivered', unit: 'm3', kind: 'counter', rollover: 1e9 },
  { name: 'state', title: 'State', unit: '1', kind: 'state' },
];

/** Makes a customer, or takes the one given, with a site and a model. */
export async function machines<H extends Host>(context: H, given?: { customerId: string }): Promise<Machines<H>> {
  const { database } = context;
  const module = { get: <T>(type: new (...args: never[]) => T): T => context.module.get(type, { strict: false }) };
  const inServiceSince = '2026-01-01T00:00:00Z';
  const rows = <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    database.transaction(everyCustomer, (em) => em.execute<T[]>(sql, values));
  const [customerId, siteId] = [given?.customerId ?? newId(), newId()];
  if (!given)
    await rows(`insert into organisation (id, kind, name) values (?, 'customer', ?)`, [
      customerId,
      `Acme ${customerId}`,
    ]);
  await rows('insert into site (id, customer_id, name, time_zone) values (?, ?, ?, ?)', [
    siteId,
    customerId,
    'Works',
    'Europe/Amsterdam',
  ]);
  const model = await module.get(RegisterModel).run({
    name: `compressor-${customerId}`,
    title: 'Compressor',
    staleAfterMs: 180_000,
    stateMap: {
      metric: 'state',
      states: {
        0: { name: 'stopped', category: 'customer_caused' },
        2: { name: 'loaded', category: 'producing' },
        4: { name: 'fault', category: 'vendor_down' },
        5: { name: 'standby', category: 'ready' },
        6: { name: 'derated', category: 'degraded', fraction: '0.6' },
      },
    },
  });
  await rows('insert into telemetry_schema (model_id, version, metrics) values (?, 1, ?::jsonb)', [
    model.id,
    JSON.stringify(metrics),
  ]);
  return {
    context,
    customerId,
    siteId,
    model,
    rows,
    machine: async (serialNumber) => {
      const asset = await module.get(CreateAsset).run(everyCustomer, {
        siteId,
        modelId: model.id,
        serialNumber,
        name: serialNumber,
        location: '',
        inServiceSince: new Date(inServiceSince),
      });
      const device = await module
        .get(CreateDevice)
        .run(everyCustomer, { modelName: model.name, thingName: `${serialNumber}-a` });
      await module
        .get(InstallDevice)
        .run(everyCustomer, { deviceId: device.id, assetId: asset.id, at: new Date(inServiceSince) });
      return { asset, device };
    },
    commit: async (assetId, messages) => {
      for (let i = 0; i < messages.length; i += 10_000)
        await rows(
          `insert into message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, values)
           select m.device_id, m.boot, m.seq, m.ts, m.stored_at, ?, ?, 1,
             array[7.1, coalesce(m.output, 'NaN'), coalesce(m.state, 'NaN')]::float8[]
           from jsonb_to_recordset(?::jsonb) as m(device_id uuid, boot int, seq bigint, ts timestamptz, stored_at timestamptz,
             output float8, state float8)
           on conflict do nothing`,
          [
            assetId,
            customerId,
            JSON.stringify(
              messages.slice(i, i + 10_000).map((m) => ({
                device_id: m.deviceId,
                boot: m.boot,
                seq: m.seq,
                ts: new Date(m.ts).toISOString(),
                stored_at: new Date(m.storedAt ?? m.ts).toISOString(),
                output: m.output ?? null,
                state: m.state ?? null,
              })),
            ),
          ],
        );
    },
  };
}
