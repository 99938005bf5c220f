import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { type DeviceSetting, runClient } from '../conformance/clients/run.js';
import { type Outside, outside } from './support/outside.js';

/** Devices on the unmodified AWS IoT Device SDK v2 through Mosquitto, with the configuration and access list of `infra/`. */
const script = fileURLToPath(new URL('./clients/device-plane-v2.mjs', import.meta.url));
const LIMIT_MS = 15_000;

let o: Outside;
/** A client of the broker's inner door, as an application of the manufacturer's would be. */
let inside: mqtt.MqttClient | undefined;
const events: { topic: string; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  o = await outside();
  inside = await mqtt.connectAsync(o.brokerUrl, { protocolVersion: 5 });
  inside.on('message', (topic, payload) => {
    events.push({ topic, body: JSON.parse(payload.toString()) as Record<string, unknown> });
  });
  await inside.subscribeAsync('$aws/events/presence/#', { qos: 1 });
}, 240_000);
afterAll(async () => {
  await inside?.endAsync(true);
  await o?.stop();
}, 60_000);

async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not in time; presence events: ${JSON.stringify(events)}`);
    await sleep(50);
  }
}

const made = (thing: string): void => {
  o.cli('device', 'create', '--model', 'pump-p100', '--thing', thing, '--out', join(o.folder, thing));
};
const setting = (thing: string): DeviceSetting => ({
  thingName: thing,
  host: 'localhost',
  port: o.tlsPort,
  ...o.identity(thing),
});
const connect = (thing: string, options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> =>
  mqtt.connectAsync(
    `mqtts://localhost:${o.tlsPort}`,
    {
      clientId: thing,
      ...o.identity(thing),
      protocolVersion: 5,
      reconnectPeriod: 0,
      connectTimeout: 5_000,
      ...options,
    },
    false,
  );

interface Seen {
  readonly id: string;
  readonly connected: boolean;
  readonly presence: {
    readonly disconnectedAt: string | null;
    readonly reason: string | null;
    readonly remoteAddress: string | null;
  }[];
}
const seen = async (thing: string): Promise<Seen> => {
  const { devices } = await o.ask<{ devices: { edges: { node: Seen }[] } }>(
    `query ($s: String!) { devices(first: 1, filter: { search: $s }) { edges { node {
       id connected presence { disconnectedAt reason remoteAddress } } } } }`,
    { s: thing },
  );
  const [found] = devices.edges;
  if (!found) throw new Error(`there is no ${thing}`);
  return found.node;
};
const eventsOf = (thing: string) =>
  events.filter(({ topic }) => topic.endsWith(`/${thing}`)).map(({ topic }) => topic.split('/')[3]);

describe.each(['3.1.1', '5'])('a device on aws-iot-device-sdk-v2 over MQTT %s through Mosquitto', (protocol) => {
  it('has its shadow, its jobs and its presence', async () => {
    const thing = `plane-${protocol.replaceAll('.', '')}`;
    made(thing);
    const during: Seen[] = [];
    const told = await runClient(script, { ...setting(thing), protocol } as DeviceSetting, async (what) => {
      if (what === 'set desired')
        await o.ask(
          'mutation ($t: String!, $d: JSONObject!) { updateShadow(thingName: $t, desired: $d) { version } }',
          {
            t: thing,
            d: { mode: 'night' },
          },
        );
      else if (what === 'make a job')
        await o.ask('mutation ($input: CreateJobInput!) { createJob(input: $input) { id } }', {
          input: { jobId: `job-${thing}`, document: '{"operation":"install"}', target: { things: [thing] } },
        });
      else if (what === 'look')
        during.push(await until(async () => ((await seen(thing)).connected ? seen(thing) : false)));
      else if (what === 'gone') await until(async () => !(await seen(thing)).connected);
    });
    const timestamp = expect.any(Number);
    const clientToken = expect.any(String);
    const jobId = `job-${thing}`;
    expect(told).toMatchObject({
      'get of none': {
        refused: { code: 404, message: `No shadow exists with name: '${thing}'`, timestamp, clientToken },
      },
      update: { version: 1, state: { desired: { mode: 'boost' }, reported: { mode: 'eco' } }, clientToken },
      delta: { version: 1, state: { mode: 'boost' } },
      documents: { current: { version: 1, state: { desired: { mode: 'boost' }, reported: { mode: 'eco' } } } },
      get: { version: 1, state: { delta: { mode: 'boost' } } },
      conflict: { refused: { code: 409, message: 'Version conflict', clientToken } },
      'delta from the API': { version: 2, state: { mode: 'night' } },
      named: { version: 1, state: { reported: { level: 3 } } },
      'named delete': { version: 1 },
      next: { execution: { jobId, status: 'QUEUED', versionNumber: 1, jobDocument: { operation: 'install' } } },
      list: { jobs: { QUEUED: [{ jobId }] } },
      pending: { queuedJobs: [{ jobId, versionNumber: 1 }], inProgressJobs: [] },
      described: { execution: { jobId, thingName: thing, status: 'QUEUED' } },
      started: { execution: { jobId, status: 'IN_PROGRESS', versionNumber: 2, statusDetails: { step: '1' } } },
      'wrong version': { refused: { code: 'VersionMismatch', executionState: { versionNumber: 2 }, clientToken } },
      progress: { executionState: { status: 'IN_PROGRESS', versionNumber: 3 } },
      done: { executionState: { status: 'SUCCEEDED', versionNumber: 4, statusDetails: { step: '2' } } },
      over: { refused: { code: 'InvalidStateTransition', executionState: { status: 'SUCCEEDED', versionNumber: 4 } } },
      finished: true,
    });
    expect((told['nothing to do'] as { execution?: unknown }).execution).toBeUndefined();
    expect((told['next after it'] as { execution?: unknown }).execution).toBeUndefined();
    expect(during.map(({ connected, presence }) => [connected, presence[0]?.remoteAddress])).toEqual([
      [true, '127.0.0.1'],
    ]);
    // Once Mosquitto 2.0.11 called the SDK's own leaving a protocol error: its log is all we have, so both words are its own.
    const [left] = (await seen(thing)).presence;
    const initiated = left?.reason === 'client_disconnect';
    expect(['client_disconnect', 'refused']).toContain(left?.reason);
    await until(() => eventsOf(thing).length >= 2);
    expect(eventsOf(thing)).toEqual(['connected', 'disconnected']);
    expect(events.find(({ topic }) => topic === `$aws/events/presence/disconnected/${thing}`)?.body).toMatchObject({
      clientId: thing,
      thingName: thing,
      eventType: 'disconnected',
      clientInitiatedDisconnect: initiated,
      disconnectReason: initiated ? 'CLIENT_INITIATED_DISCONNECT' : 'CLIENT_ERROR',
    });
  }, 240_000);
});

describe('Mosquitto with the configuration of infra/', () => {
  it('records a lost connection as such, and a take-over', async () => {
    made('plane-lost');
    const first = await connect('plane-lost');
    await until(async () => (await seen('plane-lost')).connected);
    const second = await connect('plane-lost');
    await until(() => eventsOf('plane-lost').length >= 3);
    second.stream.destroy();
    await until(async () => !(await seen('plane-lost')).connected);
    expect((await seen('plane-lost')).presence.map(({ reason }) => reason)).toEqual(['connection_lost', 'taken_over']);
    await first.endAsync(true);
  }, 240_000);

  it("gives a thing its own name, whichever client id it asks for: nobody takes over another's connection", async () => {
    made('plane-victim');
    made('plane-thief');
    const victim = await connect('plane-victim');
    const thief = await connect('plane-thief', { clientId: 'plane-victim' });
    await until(async () => (await seen('plane-thief')).connected);
    expect(victim.connected).toBe(true);
    expect((await seen('plane-victim')).connected).toBe(true);
    await expect(thief.publishAsync('$aws/things/plane-victim/shadow/update', '{}', { qos: 1 })).rejects.toThrow(
      /not authorized/i,
    );
    for (const topic of ['$aws/certificates/create/json', '$aws/events/presence/connected/plane-victim'])
      await expect(thief.publishAsync(topic, '{}', { qos: 1 })).rejects.toThrow(/not authorized/i);
    await Promise.all([victim.endAsync(), thief.endAsync()]);
  }, 240_000);

  it('refuses a revoked certificate once it has the list, and lets others in', async () => {
    made('plane-revoked');
    made('plane-retired');
    await (await connect('plane-revoked')).endAsync();
    const { cert } = o.identity('plane-revoked');
    const fingerprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
    await o.ask('mutation ($f: String!) { revokeCertificate(fingerprint: $f) { state } }', { f: fingerprint });
    await o.ask('mutation ($id: ID!) { changeDeviceState(deviceId: $id, to: "retired") { id } }', {
      id: (await seen('plane-retired')).id,
    });
    expect(o.cli('broker-crl', '--out', join(o.folder, 'tls'))).toMatch(/certificates on it: 2\n/);
    o.reloadBroker();
    for (const thing of ['plane-revoked', 'plane-retired'])
      await until(async () => {
        const client = await connect(thing).catch(() => undefined);
        await client?.endAsync(true);
        return client === undefined;
      });
    const other = await connect('plane-victim');
    await other.endAsync();
  }, 240_000);
});
