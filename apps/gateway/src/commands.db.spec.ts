import { setTimeout as sleep } from 'node:timers/promises';
import { Test, type TestingModule } from '@nestjs/testing';
import { DiagnosticsModule, Executions, RegisterCommand, SendCommand } from '@throughline/diagnostics';
import { newId } from '@throughline/kernel';
import { everyCustomer, PlatformModule } from '@throughline/platform';
import { decode, encode } from 'cborg';
import type { MqttClient } from 'mqtt';
import { type World, world } from '../test/world.js';

let w: World;
let app: TestingModule;
beforeAll(async () => {
  w = await world();
  app = await Test.createTestingModule({
    imports: [PlatformModule.forRoot(w.config, w.clock), DiagnosticsModule],
  }).compile();
  await app.init();
  await app.get(RegisterCommand).run(w.model.id, {
    name: 'blink',
    title: 'Blink',
    argumentsSchema: { type: 'object', properties: { times: { type: 'integer' } } },
    resultSchema: { type: 'object', properties: { done: { type: 'boolean' } } },
    timeoutSeconds: 60,
    expirySeconds: 3_600,
    payload: 'arguments',
  });
});
afterAll(async () => {
  await app.close();
  await w.close();
});

const send = (deviceId: string, key: string) =>
  app.get(SendCommand).run(everyCustomer, {
    deviceId,
    command: 'blink',
    arguments: { times: 3 },
    key,
    requestedBy: 'Tess',
  });
const one = async (id: string) => (await app.get(Executions).many(everyCustomer, [id]))[0];
const topic = (thing: string, id: string, rest: string) => `$aws/commands/things/${thing}/executions/${id}/${rest}`;

/** A device that keeps what it hears, and a way to wait for it. */
async function device(thing: string) {
  const client = await w.plain(thing);
  const heard: { topic: string; payload: Buffer }[] = [];
  client.on('message', (at, payload) => heard.push({ topic: at, payload }));
  const hears = async (count: number) => {
    while (heard.length < count) await sleep(10);
    return heard.map(({ topic: at, payload }) => [at, JSON.parse(payload.toString()) as unknown]);
  };
  return { client, heard, hears };
}
const listen = (client: MqttClient, thing: string, rest = '+/request/json') =>
  client.subscribeAsync(`$aws/commands/things/${thing}/executions/${rest}`, { qos: 1 });
const answer = (client: MqttClient, thing: string, id: string, body: unknown, rest = 'response/json') =>
  client.publishAsync(
    topic(thing, id, rest),
    typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    { qos: 1 },
  );

describe('commands over MQTT', () => {
  it('reach a device that listens, and its answers are committed before they are confirmed', async () => {
    const { deviceId } = await w.installed('blinker');
    const { client, hears } = await device('blinker');
    await listen(client, 'blinker');
    const { id, state } = await send(deviceId, 'k');
    expect(state).toBe('sent');
    expect(await hears(1)).toEqual([[topic('blinker', id, 'request/json'), { times: 3 }]]);
    await answer(client, 'blinker', id, { status: 'IN_PROGRESS', statusReason: { reasonCode: 'WORKING' } });
    expect(await one(id)).toMatchObject({ state: 'in_progress', reasonCode: 'WORKING' });
    await answer(client, 'blinker', id, { status: 'SUCCEEDED', result: { done: { b: true } } });
    expect(await one(id)).toMatchObject({ state: 'succeeded', result: { done: true } });
    const accepted = [topic('blinker', id, 'response/accepted/json'), { executionId: id }];
    expect((await hears(3)).slice(1)).toEqual([accepted, accepted]);
  });

  it('wait for a device that is away; a subscription to something else does not fetch them', async () => {
    const { deviceId } = await w.installed('sleeper');
    const first = await send(deviceId, '1');
    w.clock.advance(1);
    const second = await send(deviceId, '2');
    expect([first.state, second.state]).toEqual(['queued', 'queued']);
    const { client, hears } = await device('sleeper');
    await listen(client, 'sleeper', '+/response/accepted/json');
    await client.subscribeAsync('$aws/things/sleeper/shadow/update/delta', { qos: 1 });
    // A request behind the subscriptions: when it is answered, these have been dealt with.
    await answer(client, 'sleeper', newId(), { status: 'FAILED' });
    expect((await one(first.id))?.state).toBe('queued');
    await listen(client, 'sleeper', '#');
    const heard = (await hears(3)).filter(([at]) => String(at).includes('/request/'));
    expect(heard.map(([at]) => at)).toEqual([first, second].map(({ id }) => topic('sleeper', id, 'request/json')));
    expect((await one(first.id))?.state).toBe('sent');
  });

  it('are sent again to one that did not answer and listens anew, and not to one that did', async () => {
    const { deviceId } = await w.installed('forgetful');
    const before = await device('forgetful');
    await listen(before.client, 'forgetful');
    const [lost, done] = [await send(deviceId, 'lost'), await send(deviceId, 'done')];
    await before.hears(2);
    await answer(before.client, 'forgetful', done.id, { status: 'SUCCEEDED' });
    await before.client.endAsync();
    const after = await device('forgetful');
    await listen(after.client, 'forgetful');
    expect(await after.hears(1)).toEqual([[topic('forgetful', lost.id, 'request/json'), { times: 3 }]]);
    await answer(after.client, 'forgetful', lost.id, { status: 'SUCCEEDED', result: { done: { b: false } } });
    await after.hears(2);
    expect(after.heard).toHaveLength(2);
  });

  it.each([
    ['no JSON', '{', 'InvalidJson'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'InvalidJson'],
    ['nothing', '', 'InvalidJson'],
    ['a list', '[]', 'InvalidRequest'],
    ['no status', '{}', 'InvalidRequest'],
    ['a status that is the service’s', '{"status":"CREATED"}', 'InvalidRequest'],
    ['a reason without code', '{"status":"FAILED","statusReason":{}}', 'InvalidRequest'],
    ['a reason code of ours', '{"status":"FAILED","statusReason":{"reasonCode":"$NO"}}', 'InvalidRequest'],
    ['an empty result', '{"status":"FAILED","result":{}}', 'InvalidRequest'],
    ['a bare value', '{"status":"FAILED","result":{"a":1}}', 'InvalidRequest'],
    ['NUL', '{"status":"FAILED","result":{"a":{"s":"\\u0000"}}}', 'InvalidRequest'],
    ['half a character', '{"status":"FAILED","result":{"a":{"s":"\\ud800"}}}', 'InvalidRequest'],
    ['an execution of nobody', '{"status":"FAILED"}', 'ResourceNotFound'],
  ])('are refused an answer with %s, with AWS’s code', async (_, payload, error) => {
    await w.installed(`bad-${newId()}`);
    const thing = (await w.rows<{ thing_name: string }>('select thing_name from device order by id desc limit 1'))[0];
    const { client, hears } = await device(thing?.thing_name ?? '');
    const id = newId();
    await answer(client, thing?.thing_name ?? '', id, payload);
    expect(await hears(1)).toEqual([
      [
        topic(thing?.thing_name ?? '', id, 'response/rejected/json'),
        { error, errorMessage: expect.any(String), executionId: id },
      ],
    ]);
  });

  it('may be answered in CBOR and are confirmed in it, and without a format', async () => {
    const { deviceId } = await w.installed('binary');
    const { client, heard } = await device('binary');
    const { id } = await send(deviceId, 'k');
    await listen(client, 'binary');
    while (heard.length < 1) await sleep(10);
    await answer(client, 'binary', id, Buffer.from(encode({ status: 'IN_PROGRESS' })), 'response/cbor');
    const body = { status: 'SUCCEEDED', result: { done: { b: true }, raw: { bin: new Uint8Array([1, 2, 3]) } } };
    await answer(client, 'binary', id, Buffer.from(encode(body)), 'response/cbor');
    await answer(client, 'binary', id, Buffer.from(encode(body)), 'response/cbor');
    await answer(client, 'binary', id, Buffer.from([0xff]), 'response/cbor');
    await answer(client, 'binary', id, { status: 'FAILED' }, 'response');
    // It was sent before it listened and again when it did: it may be heard twice.
    const verdicts = () => heard.filter((one) => !one.topic.includes('/request/'));
    while (verdicts().length < 5) await sleep(10);
    expect(await one(id)).toMatchObject({ state: 'succeeded', result: { done: true, raw: 'AQID' } });
    const answers = verdicts();
    expect(answers.map((a) => a.topic.split('/').slice(6).join('/'))).toEqual([
      ...Array(3).fill('response/accepted/cbor'),
      'response/rejected/cbor',
      'response/rejected',
    ]);
    expect(decode(answers[0]?.payload ?? Buffer.alloc(0))).toEqual({ executionId: id });
    expect(decode(answers[3]?.payload ?? Buffer.alloc(0))).toMatchObject({ error: 'InvalidJson', executionId: id });
  });

  it('cannot be heard or answered by another thing, nor asked for or confirmed by a device', async () => {
    const { deviceId } = await w.installed('victim');
    await w.installed('intruder');
    const { id } = await send(deviceId, 'k');
    const ends = async (act: (client: MqttClient) => Promise<unknown>) => {
      const { client } = await device('intruder');
      const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
      await Promise.allSettled([act(client), closed].map((work, i) => (i === 0 ? Promise.race([work, closed]) : work)));
    };
    await ends((client) => listen(client, 'victim'));
    await ends((client) => answer(client, 'victim', id, { status: 'SUCCEEDED' }));
    await ends((client) => answer(client, 'intruder', id, {}, 'request/json'));
    await ends((client) => answer(client, 'intruder', id, {}, 'response/accepted/json'));
    expect((await one(id))?.state).toBe('queued');
  });
});
