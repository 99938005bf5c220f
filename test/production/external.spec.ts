import { join } from 'node:path';
import mqtt from 'mqtt';
import { type Outside, outside } from './support/outside.js';

/**
 * The external profile as compose runs it: PostgreSQL, Redis and Mosquitto are servers of their own, the broker with the
 * configuration and access list of `infra/`, and each process is started by itself with the settings of production.
 */
describe('PostgreSQL, Redis and Mosquitto outside', () => {
  let o: Outside;
  beforeAll(async () => {
    o = await outside();
    for (const thing of ['outside-1', 'outside-2'])
      o.cli('device', 'create', '--model', 'pump-p100', '--thing', thing, '--out', join(o.folder, thing));
  }, 180_000);
  afterAll(() => o.stop(), 60_000);

  /** A device's own connection to the broker. */
  const device = (thing: string): Promise<mqtt.MqttClient> =>
    mqtt.connectAsync(`mqtts://localhost:${o.tlsPort}`, { clientId: thing, ...o.identity(thing), protocolVersion: 5 });

  const lastMessage = async (thing: string): Promise<string | null> => {
    const { devices } = await o.ask<{ devices: { edges: { node: { lastMessageAt: string | null } }[] } }>(
      'query ($s: String!) { devices(first: 1, filter: { search: $s }) { edges { node { lastMessageAt } } } }',
      { s: thing },
    );
    return devices.edges[0]?.node.lastMessageAt ?? null;
  };

  it('takes a message from the broker to the API', async () => {
    const client = await device('outside-1');
    const ts = Date.now() - 1_000;
    await client.publishAsync(
      'dt/outside-1/telemetry',
      JSON.stringify({ ts, boot: 1, seq: 1, m: { flow_lpm: 12.5, state: 1 } }),
      { qos: 1 },
    );
    await client.endAsync();
    for (let i = 0; i < 100 && (await lastMessage('outside-1')) === null; i += 1)
      await new Promise((done) => setTimeout(done, 100));
    expect(await lastMessage('outside-1')).toBe(new Date(ts).toISOString());
  }, 60_000);

  it('holds a device to its own topics', async () => {
    const client = await device('outside-2');
    const message = { ts: Date.now() - 1_000, boot: 1, seq: 1, m: { flow_lpm: 1, state: 1 } };
    await expect(
      client.publishAsync('dt/outside-1/telemetry', JSON.stringify({ ...message, seq: 2 }), { qos: 1 }),
    ).rejects.toThrow(/not authorized/i);
    await client.endAsync();
    expect(await lastMessage('outside-2')).toBeNull();
  }, 30_000);

  it('refuses introspection and unencrypted device connections', async () => {
    await expect(o.ask('{ __schema { types { name } } }')).rejects.toThrow(/introspection/i);
  });

  it('keeps its jobs in Redis', async () => {
    const { Redis } = await import('ioredis');
    const redis = new Redis(o.env.REDIS_URL ?? '');
    try {
      expect((await redis.keys('throughline:metering:*')).length).toBeGreaterThan(0);
    } finally {
      await redis.quit();
    }
  });
});
