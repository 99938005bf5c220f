import { CancelIotJob, CreateIotJob } from '@throughline/fleet';
import { everyCustomer } from '@throughline/platform';
import type { MqttClient } from 'mqtt';
import { type World, world } from '../test/world.js';

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

type Heard = [topic: string, body: Record<string, unknown>][];
const listening = (client: MqttClient): Heard => {
  const heard: Heard = [];
  client.on('message', (topic, payload) => heard.push([topic, JSON.parse(payload.toString())]));
  return heard;
};
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const create = (jobId: string, ...deviceIds: string[]) =>
  w.module.get(CreateIotJob).run(everyCustomer, { jobId, document: { do: jobId }, deviceIds, targetLabel: 'these' });
const topic = (thing: string, rest: string): string => `$aws/things/${thing}/jobs/${rest}`;

describe('jobs at the gateway', () => {
  it('are answered to the requester alone, after the commit, and told to every connection that listens', async () => {
    const { deviceId } = await w.installed('two');
    const [device, tool] = [await w.plain('two'), await w.plain('two', { clientId: 'two-tool' })];
    const [mine, theirs] = [listening(device), listening(tool)];
    for (const client of [device, tool]) await client.subscribeAsync(topic('two', '#'), { qos: 1 });
    await create('g-1', deviceId);
    await until(() => mine.length === 2 && theirs.length === 2);
    await device.publishAsync(topic('two', 'g-1/update'), '{"status":"SUCCEEDED","clientToken":"t"}', { qos: 1 });
    // The PUBACK came, so it is committed.
    const [row] = await w.rows<{ status: string }>('select status from iot_job_execution e where e.device_id = ?', [
      deviceId,
    ]);
    expect(row?.status).toBe('SUCCEEDED');
    await until(() => mine.length === 5 && theirs.length === 4);
    const names = (heard: Heard): string[] => heard.map(([where]) => where.slice(topic('two', '').length));
    expect(names(mine)).toEqual(['notify', 'notify-next', 'g-1/update/accepted', 'notify', 'notify-next']);
    expect(names(theirs)).toEqual(['notify', 'notify-next', 'notify', 'notify-next']);
    expect(mine[2]?.[1]).toEqual({ clientToken: 't', timestamp: expect.any(Number) });
    expect(mine.slice(3).map(([, body]) => body)).toEqual([
      { timestamp: expect.any(Number), jobs: {} },
      { timestamp: expect.any(Number) },
    ]);
  });

  it('of two connections of a thing that update at once: one wins', async () => {
    const { deviceId } = await w.installed('race');
    await create('g-2', deviceId);
    const clients = await Promise.all(['race', 'race-a', 'race-b'].map((clientId) => w.plain('race', { clientId })));
    const heard = clients.map(listening);
    await Promise.all(
      clients.map((client, i) =>
        client.publishAsync(
          topic('race', 'g-2/update'),
          JSON.stringify({ status: 'IN_PROGRESS', expectedVersion: 1, clientToken: `t-${i}` }),
          { qos: 1 },
        ),
      ),
    );
    await until(() => heard.every((one) => one.length === 1));
    const answers = heard.map(([one]) => one?.[1] ?? {});
    expect(answers.map(({ clientToken }) => clientToken)).toEqual(['t-0', 't-1', 't-2']);
    expect(answers.filter(({ code }) => code === 'VersionMismatch')).toHaveLength(2);
    expect(answers.filter(({ code }) => code === undefined)).toHaveLength(1);
  });

  it('that are cancelled elsewhere reach the device, and its late answer is refused', async () => {
    const { deviceId } = await w.installed('late');
    const device = await w.plain('late');
    const heard = listening(device);
    await device.subscribeAsync(topic('late', 'notify-next'), { qos: 1 });
    const job = await create('g-3', deviceId);
    await until(() => heard.length === 1);
    await device.publishAsync(topic('late', 'start-next'), '', { qos: 1 });
    await until(() => heard.length === 2);
    await w.module.get(CancelIotJob).run(everyCustomer, { id: job.id, force: true });
    await until(() => heard.length === 3);
    expect(heard[2]).toEqual([topic('late', 'notify-next'), { timestamp: expect.any(Number) }]);
    await device.publishAsync(topic('late', 'g-3/update'), '{"status":"SUCCEEDED"}', { qos: 1 });
    const [where, body] = await until(() => heard[3]);
    expect(where).toBe(topic('late', 'g-3/update/rejected'));
    expect(body).toMatchObject({ code: 'InvalidStateTransition', executionState: { status: 'CANCELED' } });
  });

  it.each([
    ['another thing’s', 'cut-1', topic('late', 'get')],
    ['an answer’s', 'cut-2', topic('cut-2', 'get/accepted')],
    ['a notification’s', 'cut-3', topic('cut-3', 'notify-next')],
    ['no operation’s', 'cut-4', topic('cut-4', 'g-1/start')],
  ])('end the connection of who publishes to %s topic', async (_, thing, where) => {
    await w.installed(thing);
    const device = await w.plain(thing);
    const closed = new Promise<boolean>((resolve) => device.once('close', () => resolve(true)));
    device.publish(where, '{}', { qos: 1 });
    expect(await closed).toBe(true);
  });

  it('that ask for too much at once are throttled with a code, not forgotten', async () => {
    await w.installed('flood');
    const device = await w.plain('flood');
    const heard = listening(device);
    for (let i = 0; i < 60; i += 1) device.publish(topic('flood', 'get'), `{"clientToken":"${i}"}`, { qos: 1 });
    await until(() => heard.length === 60);
    const codes = new Set(heard.map(([, { code }]) => code));
    for (const code of codes) expect([undefined, 'RequestThrottled']).toContain(code);
    expect(heard.map(([, { clientToken }]) => Number(clientToken)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, i) => i),
    );
  });
});
