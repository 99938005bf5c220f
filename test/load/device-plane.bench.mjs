// The device plane: shadow updates and their round trip, news to devices, idle connections and their memory, and a storm of
// reconnects; each beside the same broker with handlers that do nothing, in the same run.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGateway } from './support/gateway.mjs';
import { startLoad } from './support/load.mjs';
import { makeWorld } from './support/world.mjs';

/** So many that none of them asks more than the 20 times a second that a thing may. */
const ASKING = 1_000;
const NEWS = 20_000;
const SPREAD_MS = 5_000;

const rssMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
const rounded = (value) => (value === null ? null : Math.round(value * 10) / 10);
const say = (text) => console.log(text);

export async function devicePlane({ connections = 10_000, seconds = 10 } = {}) {
  say(`device plane: ${ASKING} devices ask for ${seconds} s, ${connections} connections are held`);
  const bare = await bareBroker({ connections, seconds });
  const world = await makeWorld({ devices: connections });
  const gateway = await startGateway({ databaseUrl: world.url, dataDir: world.dataDir });
  try {
    const measured = await measure(gateway.mqttUrl, gateway.child.pid, { connections, seconds });
    const news = await newsToDevices(world, gateway.mqttUrl);
    say(`news from other processes: ${Math.round(news)} messages/s reach their devices`);
    return {
      bench: 'device-plane',
      ...measured,
      job_notifications_per_s: Math.round(news),
      limits: bare,
    };
  } finally {
    await gateway.stop();
    await world.close();
  }
}

/** The same asking and holding against any gateway. */
async function measure(url, pid, { connections, seconds }) {
  const asking = startLoad('request-generator.mjs');
  await asking.order('connect', { url, connections: ASKING });
  const shadow = await asking.order('shadow', { warmUpMs: 5_000, ms: seconds * 1_000 });
  asking.stop();
  say(
    `shadow updates: ${Math.round(shadow.perSecond)}/s, round trip median ${rounded(shadow.p50)} ms, 99 % ${rounded(shadow.p99)} ms`,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = rssMb(pid);
  const holding = startLoad('request-generator.mjs');
  const { ms } = await holding.order('connect', { url, connections, subscribe: false });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const held = rssMb(pid);
  say(
    `connected ${connections} in ${Math.round(ms)} ms; ${rounded(held)} MB, ${rounded(((held - before) * 1_024) / connections)} kB each`,
  );
  const storm = await holding.order('storm', { url, spreadMs: SPREAD_MS });
  say(
    `storm: all back after ${Math.round(storm.backMs)} ms, telemetry of all flows after ${Math.round(storm.flowingMs)} ms`,
  );
  await holding.order('close');
  holding.stop();
  return {
    shadow_updates_per_s: Math.round(shadow.perSecond),
    shadow_p50_ms: rounded(shadow.p50),
    shadow_p99_ms: rounded(shadow.p99),
    connections,
    rss_mb: Math.round(held),
    kb_per_connection: rounded(((held - before) * 1_024) / connections),
    storm_back_ms: Math.round(storm.backMs),
    storm_flowing_ms: Math.round(storm.flowingMs),
  };
}

async function bareBroker(sizes) {
  say('limit: the broker with handlers that do nothing');
  const child = fork(join(import.meta.dirname, 'support/empty-gateway.mjs'));
  try {
    const { mqttUrl } = await new Promise((resolve) => child.once('message', resolve));
    return await measure(mqttUrl, child.pid, sizes);
  } finally {
    child.kill();
  }
}

/** Messages that another process writes for devices, until all have come. */
async function newsToDevices(world, url) {
  const devices = startLoad('request-generator.mjs');
  try {
    await devices.order('connect', { url, connections: ASKING });
    await devices.order('count');
    const started = performance.now();
    await world.client.query(
      `insert into downlink (topic, payload)
       select '$aws/things/bench-' || (1 + n % $1) || '/jobs/notify', convert_to('{"timestamp":1,"jobs":{}}', 'utf8') from generate_series(1, $2) as n`,
      [ASKING, NEWS],
    );
    await devices.order('until', { messages: NEWS, limitMs: 120_000 });
    return NEWS / ((performance.now() - started) / 1_000);
  } finally {
    devices.stop();
  }
}
