import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** Eight metrics, as a compressor has them. */
export const metrics = [
  { name: 'pressure_bar', title: 'Pressure', unit: 'bar', kind: 'gauge', min: 0, max: 16 },
  { name: 'oil_temp_c', title: 'Oil temperature', unit: 'Cel', kind: 'gauge', min: -40, max: 150 },
  { name: 'motor_current_a', title: 'Motor current', unit: 'A', kind: 'gauge', min: 0, max: 400 },
  { name: 'power_kw', title: 'Power', unit: 'kW', kind: 'gauge', min: 0, max: 250 },
  { name: 'load_pct', title: 'Load', unit: '%', kind: 'gauge', min: 0, max: 100 },
  { name: 'output_m3', title: 'Output', unit: 'm3', kind: 'counter', rollover: 1_000_000_000 },
  { name: 'run_hours', title: 'Run hours', unit: 'h', kind: 'counter' },
  { name: 'state', title: 'State', unit: '1', kind: 'state', min: 0, max: 7 },
];

/**
 * A PostgreSQL of its own in a temporary folder, with `devices` devices named bench-1…, each installed on an asset.
 * fsync stays on: what is measured is durable.
 */
export async function makeWorld({ devices, settings = {} }) {
  const { startEmbeddedPostgres } = await import('../../../apps/cli/dist/embedded/postgres.js');
  const { migrate } = await import('@throughline/platform');
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    database: 'throughline',
    settings: { max_wal_size: '4GB', ...settings },
  });
  await migrate(server.url);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query("select set_config('app.all', 'on', false)");
  const [customer, site, model] = [randomUUID(), randomUUID(), randomUUID()];
  const stateMap = { metric: 'state', states: { 2: { name: 'loaded', category: 'producing' } } };
  await client.query("insert into organisation (id, kind, name) values ($1, 'customer', 'Bench')", [customer]);
  await client.query("insert into site (id, customer_id, name, time_zone) values ($1, $2, 'Bench', 'UTC')", [
    site,
    customer,
  ]);
  await client.query(
    "insert into model (id, name, title, stale_after_ms, state_map) values ($1, 'bench', 'Bench', 180000, $2)",
    [model, stateMap],
  );
  await client.query('insert into telemetry_schema (model_id, version, metrics) values ($1, 1, $2)', [
    model,
    JSON.stringify(metrics),
  ]);
  await client.query(
    `with d as (select n, gen_random_uuid() as device_id, gen_random_uuid() as asset_id from generate_series(1, $1) as n),
       a as (insert into asset (id, customer_id, site_id, model_id, serial_number, name, in_service_since)
         select asset_id, $2, $3, $4, 'B' || n, 'Bench ' || n, '2020-01-01' from d),
       v as (insert into device (id, thing_name, model_id, customer_id, state)
         select device_id, 'bench-' || n, $4, $2, 'active' from d)
     insert into installation (id, device_id, asset_id, customer_id, from_at)
       select gen_random_uuid(), device_id, asset_id, $2, '2020-01-01' from d`,
    [devices, customer, site, model],
  );
  return {
    url: server.url,
    dataDir,
    client,
    postgresPid: server.process.pid,
    close: async () => {
      await client.end();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
