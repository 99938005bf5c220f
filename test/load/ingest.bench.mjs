// Messages committed through the embedded gateway with everything on (schema, duplicate check, newest readings, prefixes,
// events for the worker), beside what the same machine does with an empty handler and with COPY alone.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { cpuOf } from './support/cpu.mjs';
import { startGateway } from './support/gateway.mjs';
import { startLoad } from './support/load.mjs';
import { makeWorld } from './support/world.mjs';

const VALUES = 8;

export async function ingest({ connections = 1_000, seconds = 15, flags = [] } = {}) {
  const say = (text) => console.log(text);
  say(`ingest: ${connections} connections, ${VALUES} values a message, ${seconds} s a phase`);
  const empty = await emptyGateway(connections, seconds);
  say(`limit: gateway with an empty handler ${Math.round(empty)} messages/s`);
  const world = await makeWorld({ devices: connections });
  try {
    const copy = await copyRows(world.url, seconds);
    say(`limit: COPY into the same table ${Math.round(copy)} rows/s`);
    const measured = await gateway(world, { connections, seconds, flags, say });
    return {
      bench: 'ingest',
      messages_per_s: Math.round(measured.perSecond),
      values_per_s: Math.round(measured.perSecond * VALUES),
      puback_p50_ms: rounded(measured.p50),
      puback_p99_ms: rounded(measured.p99),
      gateway_rss_mb: measured.rssMb,
      limits: { gateway_messages_per_s: Math.round(empty), copy_rows_per_s: Math.round(copy) },
    };
  } finally {
    await world.close();
  }
}

async function gateway(world, { connections, seconds, flags, say }) {
  const server = await startGateway({ databaseUrl: world.url, dataDir: world.dataDir, flags });
  const load = startLoad();
  try {
    await load.order('connect', { url: server.mqttUrl, connections });
    say(`connected: ${connections}`);
    const cpu = () => [server.child.pid, world.postgresPid, load.pid].map(cpuOf);
    const before = cpu();
    const { perSecond, messages } = await load.order('flood', { warmUpMs: 3_000, ms: seconds * 1_000 });
    const [own, postgres, generator] = cpu().map((micros, i) => rounded((micros - before[i]) / messages));
    say(`committed and acknowledged: ${Math.round(perSecond)} messages/s`);
    say(`CPU a message: gateway ${own} µs, PostgreSQL ${postgres} µs, load generator ${generator} µs`);
    const half = { perSecond: perSecond / 2, warmUpMs: 2_000, ms: seconds * 1_000 };
    const { p50, p99 } = await load.order('pace', half);
    say(`time to PUBACK at half that rate: median ${rounded(p50)} ms, 99 % ${rounded(p99)} ms`);
    const rssMb =
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1] ?? 0) >> 10;
    const { acked, sent } = await load.order('close');
    const { rows } = await world.client.query('select count(*)::int as n from message where boot = 1');
    if (rows[0].n !== acked || acked !== sent)
      throw new Error(`${sent} sent, ${acked} acknowledged, ${rows[0].n} stored: they must be equal`);
    say(`stored: ${rows[0].n}, each once, as many as were acknowledged`);
    return { perSecond, p50, p99, rssMb };
  } finally {
    load.stop();
    await server.stop();
  }
}

async function emptyGateway(connections, seconds) {
  const child = fork(join(import.meta.dirname, 'support/empty-gateway.mjs'));
  const load = startLoad();
  try {
    const { mqttUrl } = await new Promise((resolve) => child.once('message', resolve));
    await load.order('connect', { url: mqttUrl, connections });
    const { perSecond } = await load.order('flood', { warmUpMs: 2_000, ms: seconds * 500 });
    return perSecond;
  } finally {
    load.stop();
    child.kill();
  }
}

/** COPY of finished rows into `message`, a transaction for each 2,000, without any check. */
async function copyRows(url, seconds) {
  const BATCH = 2_000;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const ids = Array.from({ length: 1_000 }, () => randomUUID());
  const asset = randomUUID();
  const values = `{${Array.from({ length: VALUES }, (_, i) => 7.1 + i).join(',')}}`;
  let seq = 0;
  const batch = () => {
    let text = '';
    const now = new Date().toISOString();
    for (let i = 0; i < BATCH; i += 1) {
      seq += 1;
      const device = ids[seq % ids.length];
      text += `${device}\t0\t${seq}\t${now}\t${now}\t${asset}\t${asset}\t1\t${values}\n`;
    }
    return text;
  };
  let rows = 0;
  let ms = 0;
  while (ms < seconds * 500) {
    const text = batch();
    const started = performance.now();
    await pipeline(
      Readable.from([text]),
      client.query(
        copyFrom(
          'copy message (device_id, boot, seq, ts, stored_at, asset_id, customer_id, schema_version, "values") from stdin',
        ),
      ),
    );
    ms += performance.now() - started;
    rows += BATCH;
  }
  await client.end();
  return (rows / ms) * 1_000;
}

const rounded = (ms) => (ms === null ? null : Math.round(ms * 10) / 10);
